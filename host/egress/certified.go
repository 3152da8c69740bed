package egress

import (
	"container/list"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/connhost/connhost/host"
)

// maxCertified is for how many client certificates connections are kept.
const maxCertified = 64

// certified are the ways out that present one client certificate. A connection
// that it has authenticated carries only calls with the same one: HTTP/2 would
// share it among all calls to that host, and a service trusts the connection.
type certified struct {
	id           identity
	pool, single *http.Transport
}

// An identity tells certificates apart, by what is presented.
type identity struct {
	class class
	chain [sha256.Size]byte
}

func identityOf(k class, c *tls.Certificate) identity {
	h := sha256.New()
	for _, der := range c.Certificate {
		_, _ = h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(der))))
		_, _ = h.Write(der)
	}
	id := identity{class: k}
	h.Sum(id.chain[:0])
	return id
}

// A wallet holds the certificates that were used last.
type wallet struct {
	open func(class, *tls.Certificate) certified

	mu     sync.Mutex
	byID   map[identity]*list.Element
	recent list.List // of certified, the one used last in front
}

func newWallet(open func(class, *tls.Certificate) certified) *wallet {
	return &wallet{open: open, byID: map[identity]*list.Element{}}
}

// of is the way for a certificate. Where it takes the place of another one, the
// connections that wait for that one's next call are closed, and those that
// are in use when they are done.
func (w *wallet) of(k class, c *tls.Certificate) certified {
	id := identityOf(k, c)
	w.mu.Lock()
	defer w.mu.Unlock()
	if e, ok := w.byID[id]; ok {
		w.recent.MoveToFront(e)
		return e.Value.(certified)
	}
	if w.recent.Len() >= maxCertified {
		oldest := w.recent.Remove(w.recent.Back()).(certified)
		delete(w.byID, oldest.id)
		oldest.pool.CloseIdleConnections()
	}
	made := w.open(k, c)
	made.id = id
	w.byID[id] = w.recent.PushFront(made)
	return made
}

func (w *wallet) closeIdle() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for e := w.recent.Front(); e != nil; e = e.Next() {
		e.Value.(certified).pool.CloseIdleConnections()
	}
}

// certify makes the ways out that present a certificate.
func (c *Client) certify(k class, own *tls.Certificate, o Options) certified {
	out := certified{pool: c.transport(k, o), single: singleUse(c.transport(k, o))}
	// Presented whatever authorities the service lists: it may know the
	// certificate itself (RFC 8705 section 2.2), and the connector says that
	// it is wanted.
	out.pool.TLSClientConfig.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return own, nil }
	out.pool.MaxIdleConns, out.pool.MaxIdleConnsPerHost = 32, 16
	out.single.DialTLSContext = confirmed(out.single.DialContext, out.single.TLSClientConfig, own)
	return out
}

// checkCertificate refuses a client certificate that cannot be presented.
func (x *exchange) checkCertificate(t target) error {
	c := x.call.Certificate
	switch {
	case c == nil:
		return nil
	case !x.call.Bound:
		return host.Errorf(host.Internal, "a client certificate without declared hosts")
	case len(c.Certificate) == 0 || c.PrivateKey == nil:
		return host.Errorf(host.Internal, "a client certificate that is empty")
	case t.url.Scheme != "https":
		return host.Errorf(host.Refused, "a client certificate cannot be presented to %s over plain http", t).WithHint("use https")
	}
	return host.CheckCertificate(c, x.client.now())
}

// presents reports whether the hop is one that the certificate is for: the
// first origin.
func (x *exchange) presents(h *hop) bool { return x.call.Certificate != nil && !h.foreign }

// confirmed dials TLS for a request that must not be sent twice, and waits
// until the service has accepted the certificate. With TLS 1.3 the client is
// done before the service has looked at it (RFC 8446 section 2): a request
// written at once would be lost with the refusal, and nobody could say that it
// was not read. A service that accepts sends tickets at once (section 4.6.1),
// one that refuses an alert. Of one that does neither in time nothing is known,
// and the request goes out.
func confirmed(dial dialFunc, config *tls.Config, own *tls.Certificate) dialFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		name, _, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		raw, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		asked := false
		config := config.Clone()
		config.ServerName, config.ClientSessionCache = name, forgetful{}
		config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			asked = true
			return own, nil
		}
		conn := tls.Client(raw, config)
		begun := time.Now()
		if err = shake(ctx, conn); err == nil && asked && conn.ConnectionState().Version >= tls.VersionTLS13 {
			err = accepted(conn, min(max(2*time.Since(begun), minVerdict), maxVerdict))
		}
		if err != nil {
			_ = raw.Close()
			return nil, err
		}
		return conn, nil
	}
}

// How long a verdict on a certificate is waited for: twice as long as the
// handshake took, within these bounds.
const (
	minVerdict = 500 * time.Millisecond
	maxVerdict = 2 * time.Second
)

func shake(ctx context.Context, conn *tls.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, handshakeTime)
	defer cancel()
	return conn.HandshakeContext(ctx)
}

// accepted waits for the first word of the service after the handshake. It
// writes nothing. A read that ends by its deadline leaves a TLS connection as
// it was.
func accepted(conn *tls.Conn, wait time.Duration) error {
	raw, ok := conn.NetConn().(*countedConn)
	if !ok {
		return nil
	}
	if err := raw.SetReadDeadline(time.Now().Add(wait)); err != nil {
		return err
	}
	raw.hush = new(hush)
	n, err := conn.Read(make([]byte, 1))
	raw.hush = nil
	if n > 0 {
		return errors.New("the service spoke before it was asked: malformed HTTP")
	}
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		return err
	}
	return raw.SetReadDeadline(time.Time{})
}

// A hush lets one Read of a connection through and ends the next by its
// deadline.
type hush struct{ heard bool }

func (h *hush) read(conn net.Conn, p []byte) (int, error) {
	if h.heard {
		return 0, os.ErrDeadlineExceeded
	}
	n, err := conn.Read(p)
	h.heard = n > 0
	return n, err
}

// forgetful is a session cache that asks for tickets and keeps none.
type forgetful struct{}

func (forgetful) Get(string) (*tls.ClientSessionState, bool) { return nil, false }
func (forgetful) Put(string, *tls.ClientSessionState)        {}
