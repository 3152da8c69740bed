package lab

import (
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"syscall"
	"time"

	"github.com/connhost/connhost/host"
)

// DefaultAddr is where the lab's connector looks for it unless told.
const DefaultAddr = "127.0.0.1:9100"

// A Server is a Lab that listens.
type Server struct {
	URL  string // such as http://127.0.0.1:9100
	Addr string // host:port
	http *http.Server
}

// Start listens at an address and serves there.
func (l *Lab) Start(addr string) (*Server, error) {
	on, err := Listen(addr)
	if err != nil {
		return nil, err
	}
	return l.Serve(on), nil
}

// Listen takes an address of this machine alone: the lab's secrets are public.
// The port may be 0. A busy port is a Conflict.
func Listen(addr string) (net.Listener, error) {
	name, _, err := net.SplitHostPort(addr)
	if ip := net.ParseIP(name); err != nil || ip == nil || !ip.IsLoopback() {
		return nil, host.Errorf(host.Usage, "the lab listens on a loopback address with a port, not on %q", addr).
			WithHint("use %s", DefaultAddr)
	}
	on, err := net.Listen("tcp", addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, host.Errorf(host.Conflict, "the address %s is in use", addr).Because(err).
			WithHint("choose another port, or 0 for a free one")
	}
	if err != nil {
		return nil, host.Errorf(host.Unavailable, "the lab cannot listen at %s", addr).Because(err)
	}
	return on, nil
}

// Serve serves until Close.
func (l *Lab) Serve(on net.Listener) *Server {
	s := &Server{Addr: on.Addr().String(), http: newServer(l)}
	s.URL = "http://" + s.Addr
	go func() { _ = s.http.Serve(on) }()
	return s
}

// newServer speaks HTTP/1.1 alone: an answer that is lost breaks its connection
// off.
func newServer(l *Lab) *http.Server {
	s := &http.Server{Handler: l, ReadHeaderTimeout: 10 * time.Second, ErrorLog: log.New(io.Discard, "", 0), Protocols: new(http.Protocols)}
	s.Protocols.SetHTTP1(true)
	return s
}

// Close stops listening and cuts what is open.
func (s *Server) Close() error { return s.http.Close() }
