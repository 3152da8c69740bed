package main

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
)

// authorizeByPaste has the person open the service's page anywhere and paste the
// URL that the browser ends at. Nothing listens there: the browser says that it
// cannot open the page, and its address is what is wanted.
func (p *program) authorizeByPaste(ctx context.Context, s *session, c host.Connector, req broker.AuthorizeRequest) (broker.Authorized, error) {
	callback := s.settings.callback.of(c)
	pending, err := s.broker.Begin(ctx, s.subject, req, callback)
	if err != nil {
		return broker.Authorized{}, err
	}
	fmt.Fprintf(p.err, "open this in a browser within %.0f seconds:\n%s\nthen paste the address that it ends at, which begins with %s:\n",
		time.Until(pending.Expires).Round(time.Second).Seconds(), pending.URL, callback)
	text, err := p.pasted(ctx, pending.Expires)
	if err != nil {
		return broker.Authorized{}, err
	}
	u, err := url.Parse(strings.TrimSpace(text))
	if err != nil || !strings.HasPrefix(u.Scheme+"://"+u.Host+u.Path, callback) {
		return broker.Authorized{}, host.Errorf(host.Usage, "what was pasted is not the address that the browser ends at").
			WithHint("it begins with %s? and holds all that follows; begin again: connhost connection authorize %s --paste", callback, req.Connection)
	}
	return s.broker.Finish(ctx, s.subject, req.Connection, pending.Process, u.Query(), req.OtherAccount)
}

var errTooLate = host.Errorf(host.Refused, "nothing was pasted within the window of %.0f seconds", broker.WindowLife.Seconds()).
	WithHint("begin again, and consent in time; where the page showed an error, see that the service knows the client id and the callback URL: connhost credential list, connhost connector show")

// pasted reads a line, and leaves when the context or the window ends: standard
// input may wait for ever. What came in time may be finished later.
func (p *program) pasted(ctx context.Context, until time.Time) (string, error) {
	ctx, cancel := context.WithDeadlineCause(ctx, until, errTooLate)
	defer cancel()
	type line struct {
		text string
		err  error
	}
	got := make(chan line, 1)
	in := p.in
	go func() {
		text, err := readLine(in)
		got <- line{text, err}
	}()
	select {
	case l := <-got:
		return l.text, l.err
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}
