package main

import (
	"slices"

	"go.temporal.io/server/common/log"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// newLogger writes JSON lines to standard error at a level that can be changed.
func newLogger(level zap.AtomicLevel) (log.Logger, error) {
	z, err := zap.Config{
		Level: level, Encoding: "json", EncoderConfig: log.DefaultZapEncoderConfig,
		OutputPaths: []string{"stderr"}, ErrorOutputPaths: []string{"stderr"},
		DisableCaller: true, DisableStacktrace: true,
	}.Build(zap.WrapCore(func(c zapcore.Core) zapcore.Core { return hush{c} }))
	if err != nil {
		return nil, err
	}
	return log.NewZapLogger(z), nil
}

// hush drops what is said about the first workflow: that it is gone is our doing.
type hush struct{ zapcore.Core }

// With keeps the promise for loggers made for that workflow.
func (h hush) With(fields []zapcore.Field) zapcore.Core {
	if aboutProbe(fields) {
		return zapcore.NewNopCore()
	}
	return hush{h.Core.With(fields)}
}

// Check has this core, not the one inside, write the entry.
func (h hush) Check(e zapcore.Entry, to *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	if h.Enabled(e.Level) {
		return to.AddCore(e, h)
	}
	return to
}

// Write writes the entry unless it is about that workflow.
func (h hush) Write(e zapcore.Entry, fields []zapcore.Field) error {
	if aboutProbe(fields) {
		return nil
	}
	return h.Core.Write(e, fields)
}

func aboutProbe(fields []zapcore.Field) bool {
	return slices.ContainsFunc(fields, func(f zapcore.Field) bool { return f.Key == "wf-id" && f.String == probe })
}
