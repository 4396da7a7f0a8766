package servers

import (
	"context"
	_ "embed"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"

	"github.com/dialtone/dialtone/uc"
)

//go:embed relay.py
var relayScript string

// relay lets a test reach a domain controller that an ordinary user runs in a
// network namespace of its own: TCP here, a unix socket across the border, TCP
// there.
type relay struct {
	ldap, ldaps string // host:port here
	dir         string
	listeners   []net.Listener
}

// startRelay listens here; the other half starts with the controller.
func startRelay(ctx context.Context, dir string) (*relay, error) {
	if err := needFiles("samba", sambaPython); err != nil {
		return nil, err
	}
	if err := exec.CommandContext(ctx, "unshare", "--user", "--map-root-user", "--net", "true").Run(); err != nil {
		return nil, fail(uc.Denied, "samba", "a domain controller listens on port "+ldapsPort+", which needs root "+
			"or user namespaces, and this machine forbids those to ordinary users: run the tests as root", err)
	}
	r := &relay{dir: dir}
	for port, here := range map[string]*string{ldapPort: &r.ldap, ldapsPort: &r.ldaps} {
		var listen net.ListenConfig
		l, err := listen.Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return nil, errors.Join(err, r.close())
		}
		r.listeners = append(r.listeners, l)
		*here = l.Addr().String()
		go r.serve(l, filepath.Join(dir, port+".sock"))
	}
	return r, nil
}

// command runs the controller and the inner half of the relay as root of new
// namespaces, which is this user outside.
func (r *relay) command(args []string) *exec.Cmd {
	cmd := exec.Command(sambaPython, append([]string{"-c", relayScript, r.dir}, args...)...) //nolint:noctx // our own script; it ends with this process
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNET,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Geteuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getegid(), Size: 1}},
	}
	return cmd
}

func (r *relay) close() error {
	var all []error
	for _, l := range r.listeners {
		all = append(all, l.Close())
	}
	return errors.Join(all...)
}

func (r *relay) serve(l net.Listener, socket string) {
	for {
		outer, err := l.Accept()
		if err != nil {
			return
		}
		go join(outer, socket)
	}
}

// join copies both ways until either side ends, then ends both.
func join(outer net.Conn, socket string) {
	inner, err := net.Dial("unix", socket) //nolint:noctx // a connection ends with its ends
	if err != nil {
		hangUp(outer)
		return
	}
	var both sync.WaitGroup
	for _, way := range [][2]net.Conn{{inner, outer}, {outer, inner}} {
		both.Go(func() {
			if _, err := io.Copy(way[0], way[1]); err != nil {
				hangUp(outer) // a connection that breaks here must break there
			}
			hangUp(way[0])
		})
	}
	both.Wait()
	hangUp(outer)
	hangUp(inner)
}

// hangUp closes what may be closed already: nobody is left to tell.
func hangUp(c io.Closer) {
	if c.Close() != nil {
		return
	}
}
