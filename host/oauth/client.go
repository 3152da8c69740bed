// Package oauth gets, renews and ends what a service gives in exchange for a
// grant: OAuth 2 and 1.0a tokens, and sessions of a log-in. It is the
// host.Refresher of their connectors.
//
// It is no http.Client and no token source: it presents a grant once a call,
// never repeats that, follows no redirect and stores nothing. (One answer says
// that nothing was presented: a proof without the service's nonce. It is given
// with that, once.) Lease, intent and commit are the broker's; the guarded way
// out is egress.
//
//	Begin ----> the person's browser ----> callback (the broker's)
//	                                          |
//	Exchange, Refresh                         v
//	  parameters, client auth --> send --> answer --> class: fatal, not used, unknown
//	                              (1 POST)    |
//	                                          v
//	                       token hook (sees handles only) --> parse --> host.Tokens
//
// From golang.org/x/oauth2 it takes the authorize URL and PKCE only. That
// library's Exchange and TokenSource send a grant again on any error, and its
// parser loses a rotated refresh token that stands beside an expires_in which
// it cannot read.
package oauth

import (
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/jwt"
)

// Timeout bounds one token or revoke request, body included. A refresh lease
// must live longer than twice this.
const Timeout = 30 * time.Second

// maxAnswer bounds a token answer in bytes. What is longer is not read, so its
// outcome is unknown.
const maxAnswer = 1 << 20

// A Client runs the flows. It is safe for concurrent use.
type Client struct {
	egress host.Egress
	hooks  host.Hooks
	clock  host.Clock
	nonces jwt.Nonces
}

var (
	_ host.Flow         = (*Client)(nil)
	_ host.DeviceFlow   = (*Client)(nil)
	_ host.Introspector = (*Client)(nil)
	_ host.Discoverer   = (*Client)(nil)
)

// New makes a Client. Hooks may be nil where no connector has a token hook.
func New(egress host.Egress, hooks host.Hooks, clock host.Clock) *Client {
	return &Client{egress: egress, hooks: hooks, clock: clock}
}

func (c *Client) now() time.Time { return c.clock.Now() }
