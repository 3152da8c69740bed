package lab

import (
	"errors"
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

// Start listens at an address of this machine alone: the lab's secrets are
// public. The port may be 0. A busy port is a Conflict.
func (l *Lab) Start(addr string) (*Server, error) {
	name, _, err := net.SplitHostPort(addr)
	if ip := net.ParseIP(name); err != nil || ip == nil || !ip.IsLoopback() {
		return nil, host.Errorf(host.Usage, "the lab listens on a loopback address with a port, not on %q", addr).
			WithHint("use %s", DefaultAddr)
	}
	listener, err := net.Listen("tcp", addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, host.Errorf(host.Conflict, "the address %s is in use", addr).Because(err).
			WithHint("choose another port, or 0 for a free one")
	}
	if err != nil {
		return nil, host.Errorf(host.Unavailable, "the lab cannot listen at %s", addr).Because(err)
	}
	s := &Server{
		Addr: listener.Addr().String(),
		http: &http.Server{Handler: l, ReadHeaderTimeout: 10 * time.Second},
	}
	s.URL = "http://" + s.Addr
	go func() { _ = s.http.Serve(listener) }() // ends with Close
	return s, nil
}

// Close stops listening and cuts what is open.
func (s *Server) Close() error { return s.http.Close() }
