// Package egress is the only way out of the process. It decides where a call
// may go, puts the credential on it, dials through a guard that looks at the
// address actually dialled, follows redirects by its own rules, limits what
// comes back and masks it. It stores nothing, knows no connection, and uses no
// proxy, because a proxy would dial past the guard.
//
//	Call -> URL policy -> Sign -> guarded dial -> answer
//	            ^                                   |
//	            +--- challenge, redirect (again) ---+--> limit -> decode -> mask -> caller
//
// Every hop of a call passes through the whole row. What kind of address a
// connection may lead to is decided by its class (see guard.go), and each
// class has a pool of its own, so that a connection dialled under a loose rule
// is never reused under a strict one; so has each client certificate (see
// certified.go), which is presented to the call's first origin only.
package egress

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"time"

	"github.com/connhost/connhost/host"
)

// The limits of a call unless others are given (design section 8).
const (
	DefaultResponseTime = 40 * time.Second
	DefaultDownload     = 50 << 20
	DefaultRedirects    = 10
)

// handshakeTime bounds a TLS handshake.
const handshakeTime = 15 * time.Second

// maxHeader is the size in bytes of an answer's header that is still read.
const maxHeader = 1 << 20

// Options are what the operator decides. The zero value works: nothing is
// opened, and the limits are the defaults.
type Options struct {
	AllowCIDR []Opening
	Limits    Limits
	Version   string           // of the program, for the User-Agent; "dev" unless given
	Resolver  *net.Resolver    // nil: the system's
	RootCAs   *x509.CertPool   // nil: the system's
	Now       func() time.Time // nil: time.Now
	Skews     *host.Skews      // learns from the Date of every answer; nil: none
}

// Limits are what a call may use where it does not say itself. Zero values
// mean the defaults.
type Limits struct {
	ResponseTime time.Duration // of the whole call, its redirects and its body
	Download     int64         // bytes of the decoded body
	Redirects    int           // followed in one call; negative: none
}

// A Client implements host.Egress. It is safe for concurrent use.
type Client struct {
	guard  guard
	limits Limits
	agent  []string // the User-Agent; nobody changes it
	now    func() time.Time
	skews  *host.Skews
	pools  [classes]*http.Transport
	single [classes]*http.Transport // of requests that are never sent twice
	wallet *wallet                  // of calls that present a certificate
	cage   Cage                     // instead of the network; nil: none
}

var _ host.Egress = (*Client)(nil)

// New makes a Client.
func New(o Options) *Client { return newClient(o, nil) }

func newClient(o Options, cage Cage) *Client {
	c := &Client{guard: newGuard(o.AllowCIDR), limits: o.Limits, agent: []string{"connhost/" + cmp.Or(o.Version, "dev")}, now: o.Now, skews: o.Skews, cage: cage}
	if c.limits.ResponseTime <= 0 {
		c.limits.ResponseTime = DefaultResponseTime
	}
	if c.limits.Download <= 0 {
		c.limits.Download = DefaultDownload
	}
	if c.limits.Redirects == 0 {
		c.limits.Redirects = DefaultRedirects
	}
	if c.now == nil {
		c.now = time.Now
	}
	c.wallet = newWallet(func(k class, own *tls.Certificate) certified { return c.certify(k, own, o) })
	for k := range c.pools {
		c.pools[k] = c.transport(class(k), o)
		c.single[k] = singleUse(c.transport(class(k), o))
	}
	return c
}

// transport makes the pool of one class.
func (c *Client) transport(k class, o Options) *http.Transport {
	dialer := &net.Dialer{
		Timeout:  30 * time.Second,
		Resolver: o.Resolver,
		Control:  c.guard.control(k),
	}
	dial := dialer.DialContext
	if c.cage != nil {
		dial = c.cage.dial
	}
	return &http.Transport{
		Proxy:                  nil, // also not that of the environment
		DialContext:            dial,
		TLSClientConfig:        &tls.Config{RootCAs: o.RootCAs, MinVersion: tls.VersionTLS12},
		ForceAttemptHTTP2:      true, // a dialer of one's own switches it off
		DisableCompression:     true, // decoded here, with a limit
		MaxIdleConns:           512,
		MaxIdleConnsPerHost:    128,
		IdleConnTimeout:        90 * time.Second,
		TLSHandshakeTimeout:    handshakeTime,
		ExpectContinueTimeout:  time.Second,
		MaxResponseHeaderBytes: maxHeader,
	}
}

// singleUse makes a transport dial for each request and keep nothing: net/http
// repeats a request by itself only on a connection that was used before, or
// that HTTP/2 shares. Nor can the request meet a kept connection that the
// service is just closing, which would leave its outcome unknown.
// Its connections are counted, for whoever asks whether the request was written.
func singleUse(t *http.Transport) *http.Transport {
	t.DialContext = counted(t.DialContext)
	t.DisableKeepAlives, t.ForceAttemptHTTP2 = true, false
	t.Protocols = new(http.Protocols)
	t.Protocols.SetHTTP1(true)
	return t
}

// way is the transport of a hop. A call that asks whether it was written, a
// token request, is one that must not arrive twice.
func (x *exchange) way(k class, h *hop) *http.Transport {
	c := x.client
	pool, single := c.pools[k], c.single[k]
	if x.presents(h) {
		own := c.wallet.of(k, x.call.Certificate)
		pool, single = own.pool, own.single
	}
	if x.call.Wrote != nil {
		return single
	}
	return pool
}

// Do sends one call, as host.Egress says. Its errors are *host.Error, also
// those of reading the body: Refused by policy or limit, Unavailable where the
// service or the way to it failed, Interrupted where the caller's context
// ended. An error that Sign, Challenge or the call's own body gave comes back
// as it is.
func (c *Client) Do(ctx context.Context, call host.Call) (*http.Response, error) {
	x, err := c.begin(ctx, call)
	if err != nil {
		return nil, err
	}
	limited, cancel := x.limit(ctx)
	res, err := x.run(limited, cancel)
	if err != nil {
		cancel()
		return nil, err
	}
	return res, nil
}

// Close closes the connections that wait for another call.
func (c *Client) Close() error {
	for _, pool := range c.pools {
		pool.CloseIdleConnections()
	}
	c.wallet.closeIdle()
	return nil
}
