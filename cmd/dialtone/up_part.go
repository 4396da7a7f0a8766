package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"

	"go.uber.org/zap"

	"github.com/dialtone/dialtone/uc"
)

// started remembers how a part is stopped.
func (r *running) started(name string, stop func(context.Context) error) {
	r.parts = append(r.parts, part{name, stop})
}

// goPart runs a part of this process until it is stopped. One that ends by itself
// ends everything.
func (r *running) goPart(ctx context.Context, name string, run func(context.Context) error) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	go func() {
		err := run(ctx)
		if ctx.Err() == nil {
			r.broken <- fmt.Errorf("%s ended by itself: %w", name, err)
		} else if err != nil { // told to stop while it was about to do something
			r.log.Info("stopping", zap.String("system", name), zap.Error(err))
		}
		close(done)
	}()
	r.started(name, func(stop context.Context) error {
		cancel()
		select {
		case <-done:
			return nil
		case <-stop.Done():
			return fmt.Errorf("it did not end: %w", stop.Err())
		}
	})
}

// page adds a web address to those that are shown and told to a second `dialtone up`.
func (r *running) page(what, url string) {
	r.pages = append(r.pages, page{what, url})
	r.urls[what] = url
	if err := r.lock.Publish(r.urls); err != nil {
		r.log.Warn("telling others where this runs", zap.Error(err))
	}
}

// listen opens the wanted port of loopback, or any.
func listen(ctx context.Context, wanted int) (net.Listener, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", fmt.Sprintf("127.0.0.1:%d", wanted))
	if err != nil {
		l, err = lc.Listen(ctx, "tcp", "127.0.0.1:0")
	}
	if err != nil {
		return nil, &uc.Error{Kind: uc.Unavailable, Op: "listen", Detail: err.Error(), Err: err}
	}
	return l, nil
}

// preferred is the port when nobody has it, else 0: any.
func preferred(ctx context.Context, port int) int {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil || l.Close() != nil {
		return 0
	}
	return port
}

// at is where a simulated system listens: on its own port for `dialtone sim`, on any
// free one otherwise.
func (r *running) at(port int) string {
	if !r.fixed {
		port = 0
	}
	return net.JoinHostPort(r.host, strconv.Itoa(port))
}

// reached is the address of a system as others write it: by the name in its
// certificate.
func (r *running) reached(addr string) string {
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	return net.JoinHostPort(r.host, port)
}

// local reports whether only this machine reaches the simulated systems.
func (r *running) local() bool {
	ip := net.ParseIP(r.host)
	return r.host == "localhost" || ip != nil && ip.IsLoopback()
}

// servePage serves the pages of a simulated system and returns their address: with
// TLS where others reach it. The url of what is the path that people are shown.
func (r *running) servePage(ctx context.Context, what page, port int, handler http.Handler) (string, error) {
	l, err := r.listenPage(ctx, port)
	if err != nil {
		return "", err
	}
	url := "http://" + l.Addr().String() + "/"
	if !r.local() {
		if l, err = r.withTLS(l); err != nil {
			return "", err
		}
		url = "https://" + r.reached(l.Addr().String()) + "/"
	}
	r.serveHTTP(what.what, l, handler)
	r.page(what.what, url+what.url)
	return url, nil
}

// withTLS speaks TLS with a certificate of the world's own authority.
func (r *running) withTLS(l net.Listener) (net.Listener, error) {
	cert, err := r.world.ca.Server(r.host)
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}), nil
}

func (r *running) serveHTTP(what string, l net.Listener, handler http.Handler) {
	srv := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second, ErrorLog: zap.NewStdLog(r.log)}
	go func() {
		if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			r.log.Error("serving a page", zap.String("system", what), zap.Error(err))
		}
	}()
	r.started(what, func(context.Context) error { return srv.Close() })
}

// listenPage takes the page's own port, or any free one when `dialtone up` finds it
// taken.
func (r *running) listenPage(ctx context.Context, port int) (net.Listener, error) {
	if !r.fixed {
		return listen(ctx, port)
	}
	var lc net.ListenConfig
	return lc.Listen(ctx, "tcp", r.at(port))
}
