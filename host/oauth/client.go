// Package oauth gets, renews and ends OAuth 2 tokens. It is the host.Flow of
// every oauth2 connector.
//
// It is no http.Client and no token source: it sends exactly one request a
// call, never repeats one, follows no redirect and stores nothing. Lease,
// intent and commit are the broker's; the guarded way out is egress.
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
	now    func() time.Time
}

var _ host.Flow = (*Client)(nil)

// New makes a Client. Hooks may be nil where no connector has a token hook.
func New(egress host.Egress, hooks host.Hooks, now func() time.Time) *Client {
	return &Client{egress: egress, hooks: hooks, now: now}
}
