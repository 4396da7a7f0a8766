package main

import (
	"io"
	"log/slog"
	"time"

	tlog "go.temporal.io/sdk/log"
	"go.uber.org/zap"
	"go.uber.org/zap/exp/zapslog"
	"go.uber.org/zap/zapcore"

	"github.com/dialtone/dialtone/config"
)

// newLogger returns the log of a process. Every line says which process and which
// version wrote it; what else a line may say is fixed: order, user, service_area,
// system, op, kind, attempt, duration_ms.
func newLogger(to io.Writer, settings config.Log, process string) *zap.Logger {
	level, err := zapcore.ParseLevel(settings.Level)
	if err != nil {
		level = zapcore.InfoLevel
	}
	enc := zap.NewProductionEncoderConfig()
	enc.TimeKey = "time"
	enc.EncodeTime = func(t time.Time, out zapcore.PrimitiveArrayEncoder) {
		out.AppendString(t.UTC().Format("2006-01-02T15:04:05.000Z"))
	}
	encoder := zapcore.NewJSONEncoder(enc)
	if settings.Format == "console" {
		encoder = zapcore.NewConsoleEncoder(enc)
	}
	core := zapcore.NewCore(encoder, zapcore.Lock(zapcore.AddSync(to)), level)
	return zap.New(core, zap.Fields(zap.String("process", process), zap.String("version", version)))
}

// temporalLogger is the same log as the Temporal SDK writes to it.
func temporalLogger(log *zap.Logger) tlog.Logger {
	return tlog.NewStructuredLogger(slog.New(zapslog.NewHandler(log.Core())))
}
