package main

import (
	"context"
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
	return tlog.NewStructuredLogger(slog.New(passing{zapslog.NewHandler(log.Core())}))
}

// passing lowers what the SDK says of each failed try of an effect, as an error and
// with a stack: most are tried again by themselves, the worker logs every one under
// its order, and an error in the log means that a human must act.
type passing struct{ slog.Handler }

const sdkActivityFailed = "Activity error."

// Handle implements slog.Handler.
func (p passing) Handle(ctx context.Context, r slog.Record) error {
	if r.Message != sdkActivityFailed {
		return p.Handler.Handle(ctx, r)
	}
	if r.Level = slog.LevelDebug; !p.Enabled(ctx, r.Level) {
		return nil
	}
	return p.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (p passing) WithAttrs(attrs []slog.Attr) slog.Handler {
	return passing{p.Handler.WithAttrs(attrs)}
}

// WithGroup implements slog.Handler.
func (p passing) WithGroup(name string) slog.Handler { return passing{p.Handler.WithGroup(name)} }
