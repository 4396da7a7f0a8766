package stack

import (
	"os/exec"
	"runtime"
	"sync"
	"syscall"
)

// spawner hands commands to the one goroutine that starts them.
var spawner = sync.OnceValue(func() chan<- func() {
	work := make(chan func())
	go func() {
		// The kernel sends Pdeathsig when the thread that forked ends, not when the
		// process ends. This thread is never given back, so the two are the same.
		runtime.LockOSThread()
		for f := range work {
			f()
		}
	}()
	return work
})

// spawn starts the command from a thread that lives as long as this process.
func spawn(cmd *exec.Cmd) error {
	result := make(chan error, 1)
	spawner() <- func() { result <- cmd.Start() }
	return <-result
}

// tether makes the command a process group of its own, so that Ctrl-C reaches this
// process only, and has the kernel send it the signal when this process ends.
func tether(cmd *exec.Cmd, death syscall.Signal) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setpgid = true
	cmd.SysProcAttr.Pdeathsig = death
}
