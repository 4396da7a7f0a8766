// Command dialtone is the one binary of Dialtone: the engine's processes and the
// administrator's commands. It wires packages together and holds no rule of its own.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// version is set by the linker; builds without it say so.
var version = "dev"

func main() {
	os.Exit(mainCode())
}

// mainCode runs the command line and returns its exit code. The first interrupt
// asks the command to end; a second one kills the process.
func mainCode() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	a := newApp(os.Stdin, os.Stdout, os.Stderr)
	return a.run(ctx, os.Args[1:])
}
