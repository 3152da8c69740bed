package egress

import (
	"context"
	"net/http"

	"github.com/connhost/connhost/host"
)

var _ host.Preparer = (*Client)(nil)

// Prepare makes the request that Do would send first, with its credential on,
// and sends nothing. What it refuses, Do refuses too; an address behind a name is
// judged by Do alone, because nothing is looked up here.
func (c *Client) Prepare(ctx context.Context, call host.Call) (*http.Request, error) {
	x, err := c.begin(ctx, call)
	if err != nil {
		return nil, err
	}
	if _, err := x.admit(x.start); err != nil {
		return nil, err
	}
	return x.request(ctx, x.start)
}
