package servers

import (
	"os"
	"path/filepath"
	"strconv"
	"sync"

	"github.com/dialtone/dialtone/stack/stacktest"
)

// pidFile holds the process id of the server whose folder it is in.
const pidFile = "server.pid"

// processDir is the one folder of this process's servers.
var processDir = sync.OnceValues(func() (string, error) {
	return stacktest.ProcessDir("servers", filepath.Join("*", pidFile))
})

func notePID(dir string, pid int) error {
	return os.WriteFile(filepath.Join(dir, pidFile), []byte(strconv.Itoa(pid)), 0o600)
}
