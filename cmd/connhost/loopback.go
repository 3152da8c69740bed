package main

import (
	"context"
	"errors"
	"fmt"
	"html"
	"net"
	"net/http"
	"net/url"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
)

// A callbackPlace is where services send browsers back to.
type callbackPlace struct {
	port int    // of 127.0.0.1; 0 for any
	url  string // instead, at a place where nothing of ours listens: its answers are pasted
}

// of is the redirect URI to register at the service, one for each connector. A
// connector that may use any loopback port is registered without one, RFC 8252
// section 7.3.
func (p callbackPlace) of(c host.Connector) string {
	switch {
	case p.url != "":
		return strings.TrimSuffix(p.url, "/") + "/" + c.ID
	case c.Manifest.Auth.LoopbackAnyPort || p.port == 0:
		return "http://127.0.0.1/callback/" + c.ID
	}
	return "http://127.0.0.1:" + strconv.Itoa(p.port) + "/callback/" + c.ID
}

// authorizeInBrowser listens for the callback, sends the person to the service
// and waits for at most the window.
func (p *program) authorizeInBrowser(ctx context.Context, s *session, c host.Connector, req broker.AuthorizeRequest, noBrowser bool) (broker.Authorized, error) {
	port := s.settings.callback.port
	if c.Manifest.Auth.LoopbackAnyPort {
		port = 0
	}
	ln, err := listen(port)
	if err != nil {
		return broker.Authorized{}, err
	}
	defer ln.Close()
	path := "/callback/" + c.ID
	pending, err := s.broker.Begin(ctx, s.subject, req, "http://"+ln.Addr().String()+path)
	if err != nil {
		return broker.Authorized{}, err
	}
	finish := func(q url.Values) (broker.Authorized, error) {
		return s.broker.Finish(ctx, s.subject, req.Connection, pending.Process, q, req.OtherAccount)
	}
	fmt.Fprintf(p.err, "open this in a browser within %.0f seconds:\n%s\n", time.Until(pending.Expires).Round(time.Second).Seconds(), pending.URL)
	if p.browse != nil && !noBrowser {
		go p.browse(pending.URL)
	}
	return awaitCallback(ctx, ln, path, time.Until(pending.Expires), finish)
}

// listen opens the callback's port on the literal loopback address.
func listen(port int) (net.Listener, error) {
	ln, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, host.Errorf(host.Conflict, "port %d, where the callback is awaited, is in use", port).
			WithHint("wait for the other authorization, or set callback.port in the configuration file; register the new callback URL at the service then").Because(err)
	}
	if err != nil {
		return nil, host.Errorf(host.Unavailable, "the callback cannot be awaited on 127.0.0.1 port %d", port).Because(err)
	}
	return ln, nil
}

// outcome is what the first callback gave.
type outcome struct {
	got broker.Authorized
	err error
}

// awaitCallback serves the callback's path until one came or the window is
// over. Every callback is judged by finish; the first one ends the wait. One
// that came in time is waited for: its code is being presented.
func awaitCallback(ctx context.Context, ln net.Listener, path string, window time.Duration, finish func(url.Values) (broker.Authorized, error)) (broker.Authorized, error) {
	first := make(chan outcome, 1)
	var judging atomic.Int32
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet { // a HEAD would use the state up
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		judging.Add(1)
		got, err := safely(finish, r.URL.Query())
		writePage(w, err)
		select {
		case first <- outcome{got, err}:
		default: // a later one was answered, and changes nothing
		}
	})
	srv := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, MaxHeaderBytes: 64 << 10}
	go func() { _ = srv.Serve(ln) }()
	defer shutdown(srv)
	timer := time.NewTimer(window)
	defer timer.Stop()
	over := timer.C
	for {
		select {
		case o := <-first:
			return o.got, o.err
		case <-over:
			if judging.Load() > 0 {
				over = nil
				continue
			}
			return broker.Authorized{}, host.Errorf(host.Refused, "no answer came from the service within the window of %.0f seconds", broker.WindowLife.Seconds()).
				WithHint("begin again, and consent in time; where the page showed an error, see that the service knows the client id and the callback URL: connhost credential list, connhost connector show")
		case <-ctx.Done():
			return broker.Authorized{}, host.Errorf(host.Interrupted, "interrupted while waiting for the service").Because(ctx.Err())
		}
	}
}

// safely turns a panic into an error: a bug of ours ends this command with its
// sentence, and not in the log of an HTTP server.
func safely(finish func(url.Values) (broker.Authorized, error), q url.Values) (got broker.Authorized, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("finish the authorization: panic: %v", r)
		}
	}()
	return finish(q)
}

// shutdown lets the page that is being written reach the browser.
func shutdown(srv *http.Server) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = srv.Shutdown(ctx)
}

// writePage tells the person in the browser how it went.
func writePage(w http.ResponseWriter, err error) {
	title, text, status := "Authorized", "The connection is authorized. You may close this page.", http.StatusOK
	if err != nil {
		title, text, status = "Not authorized", "The connection was not authorized. The command line tells more.", http.StatusBadRequest
		if e, ok := errors.AsType[*host.Error](err); ok {
			text = e.Msg
		}
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	fmt.Fprintf(w, "<!doctype html><meta charset=utf-8><title>connhost</title><h1>%s</h1><p>%s</p>\n", title, html.EscapeString(text))
}

// openBrowser asks the system to show a page. That it cannot is no failure:
// the URL is printed as well.
func openBrowser(page string) {
	name, args := "xdg-open", []string{page}
	switch runtime.GOOS {
	case "darwin":
		name = "open"
	case "windows":
		name, args = "rundll32", []string{"url.dll,FileProtocolHandler", page}
	}
	cmd := exec.Command(name, args...)
	if cmd.Start() == nil {
		go func() { _ = cmd.Wait() }()
	}
}
