package main

import (
	"context"
	"fmt"
	"time"

	"github.com/connhost/connhost/host/broker"
)

// authorizeByDevice shows a code that the person enters on any device, and
// waits for them.
func (p *program) authorizeByDevice(ctx context.Context, s *session, req broker.AuthorizeRequest) (broker.Authorized, error) {
	pending, err := s.broker.BeginDevice(ctx, s.subject, req)
	if err != nil {
		return broker.Authorized{}, err
	}
	fmt.Fprintf(p.err, "open this on any device and enter the code %s within %s:\n%s\n",
		pending.UserCode, shortTime(time.Until(pending.Expires).Round(time.Second)), pending.URL)
	if pending.WholeURL != "" && pending.WholeURL != pending.URL {
		fmt.Fprintf(p.err, "or open this, where the code is entered already:\n%s\n", pending.WholeURL)
	}
	return s.broker.FinishDevice(ctx, s.subject, pending, req.OtherAccount)
}
