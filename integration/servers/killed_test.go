package servers_test

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/dialtone/dialtone/integration/servers"
)

// hold makes this test program the one that is killed: it starts a server in the
// folder, prints its address and waits.
var hold = flag.String("hold", "", "kind:folder of a server to start and hold")

func TestMain(m *testing.M) {
	flag.Parse()
	if *hold == "" {
		os.Exit(m.Run())
	}
	if err := holdServer(*hold); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func holdServer(what string) error {
	kind, dir, _ := strings.Cut(what, ":")
	var addr string
	switch kind {
	case "samba":
		d, stop, err := servers.StartSambaAD(context.Background(), dir)
		if err != nil {
			return err
		}
		defer stop()
		addr = strings.TrimPrefix(d.URL, "ldaps://")
	case "slapd":
		d, stop, err := servers.StartSlapd(context.Background(), dir)
		if err != nil {
			return err
		}
		defer stop()
		addr = strings.TrimPrefix(d.URL, "ldaps://")
	case "postfix":
		m, stop, err := servers.StartPostfix(context.Background(), dir)
		if err != nil {
			return err
		}
		defer stop()
		addr = m.Addr
	}
	fmt.Println("SERVES " + addr)
	_, err := bufio.NewReader(os.Stdin).ReadString('\n')
	return err
}

// TestKilled kills, with no chance to clean up, the process that started a server.
func TestKilled(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"samba", "slapd", "postfix"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			// Not t.TempDir: Postfix's other accounts must come through, and its files
			// are removed while it still ends.
			dir, err := os.MkdirTemp("", "dialtone-killed-")
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { removeAll(t, dir) })
			if err := os.Chmod(dir, 0o711); err != nil {
				t.Fatal(err)
			}
			holder := exec.Command(os.Args[0], "-hold="+kind+":"+dir+"/server")
			holder.Stderr = os.Stderr
			if _, err := holder.StdinPipe(); err != nil {
				t.Fatal(err)
			}
			out, err := holder.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := holder.Start(); err != nil {
				t.Fatal(err)
			}
			line, err := bufio.NewReader(out).ReadString('\n')
			if err != nil {
				t.Fatalf("the server did not start: %v, wait: %v", err, holder.Wait())
			}
			addr := strings.TrimSpace(strings.TrimPrefix(line, "SERVES "))
			if !listens(t.Context(), addr) {
				t.Fatalf("nobody listens on %s", addr)
			}
			if err := holder.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			if err := holder.Wait(); err == nil {
				t.Error("the holder ended well; it was to be killed")
			}
			ticker := time.NewTicker(20 * time.Millisecond)
			defer ticker.Stop()
			deadline := time.After(30 * time.Second)
			for listens(t.Context(), addr) {
				select {
				case <-ticker.C:
				case <-deadline:
					t.Fatalf("%s still listens on %s", kind, addr)
				}
			}
		})
	}
}

func listens(ctx context.Context, addr string) bool {
	conn, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return false
	}
	return conn.Close() == nil
}

// removeAll tries again: a server that was just killed may still write.
func removeAll(t *testing.T, dir string) {
	t.Helper()
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for range 100 {
		if os.RemoveAll(dir) == nil {
			return
		}
		<-ticker.C
	}
	t.Errorf("%s cannot be removed", dir)
}
