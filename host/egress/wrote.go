package egress

import (
	"context"
	"crypto/tls"
	"net"
	"net/http/httptrace"
	"sync"
	"sync/atomic"
)

// A countedConn counts the writes that have begun on a connection. What a TLS
// handshake writes is done before a request is given the connection.
type countedConn struct {
	net.Conn
	writes atomic.Int64
	hush   *hush // while a verdict is waited for, before anyone else has the connection
}

// Read is the connection's own.
func (c *countedConn) Read(p []byte) (int, error) {
	if c.hush != nil {
		return c.hush.read(c.Conn, p)
	}
	return c.Conn.Read(p)
}

// Write counts first: a write that fails may have sent something.
func (c *countedConn) Write(p []byte) (int, error) {
	c.writes.Add(1)
	return c.Conn.Write(p)
}

type dialFunc func(ctx context.Context, network, address string) (net.Conn, error)

// counted makes the connections of a dialer counted ones.
func counted(dial dialFunc) dialFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &countedConn{Conn: conn}, nil
	}
}

// A watcher finds out whether a byte of one attempt was written. In doubt it
// says yes: a no allows a refresh token to be presented again. The connections
// that it watches carry this one request (see singleUse).
type watcher struct {
	wrote *bool

	mu    sync.Mutex
	conns []given
}

// given is a connection that the attempt got, and its count at that time.
type given struct {
	conn   *countedConn
	before int64
}

// watch makes a watcher, nil if nobody asks.
func watch(wrote *bool) *watcher {
	if wrote == nil {
		return nil
	}
	return &watcher{wrote: wrote}
}

func (w *watcher) context(ctx context.Context) context.Context {
	if w == nil {
		return ctx
	}
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: w.got})
}

// got may be called more than once: how often the transport asks for a
// connection is its own affair.
func (w *watcher) got(info httptrace.GotConnInfo) {
	conn := info.Conn
	if t, ok := conn.(*tls.Conn); ok {
		conn = t.NetConn()
	}
	g := given{}
	if c, ok := conn.(*countedConn); ok {
		g = given{c, c.writes.Load()}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.conns = append(w.conns, g)
}

// settle is told how the attempt ended. One that was stopped by its context
// may still be writing, so for that a connection is enough.
func (w *watcher) settle(err error, stopped bool) {
	if w == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, g := range w.conns {
		if err == nil || stopped || g.conn == nil || g.conn.writes.Load() != g.before {
			*w.wrote = true
		}
	}
}
