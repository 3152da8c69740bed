package broker

import (
	"context"
	"slices"
	"strings"

	"github.com/connhost/connhost/host"
)

// application makes an application, and switches access on and off until exactly
// the connections that are named are denied to it.
func (a *applying) application(ctx context.Context, d DesiredApplication, kept []DesiredConnection) error {
	if err := a.sub.Require(host.ManageApplications); err != nil {
		return err
	}
	app, err := a.tx.Applications().FindName(ctx, d.Application)
	sign := "~"
	if absent(err) {
		sign = "+"
		app, err = a.b.CreateApplication(ctx, a.sub, d.Application)
	}
	if err != nil {
		return err
	}
	was, err := deniedBy(ctx, a.tx, app)
	if err != nil {
		return err
	}
	next := slices.Compact(slices.Sorted(slices.Values(d.Denied)))
	if err := a.stay(d.Application, next, kept); err != nil {
		return err
	}
	for _, link := range without(was, next) {
		if _, err := a.b.SetAccess(ctx, a.sub, app.Name, link, true); err != nil {
			return err
		}
	}
	for _, link := range without(next, was) {
		if _, err := a.b.SetAccess(ctx, a.sub, app.Name, link, false); err != nil {
			return err
		}
	}
	changes := diff("denied", strings.Join(was, " "), strings.Join(next, " "))
	if sign == "+" || len(changes) > 0 {
		a.note(sign, "application", app.Name, changes...)
	}
	return nil
}

// stay refuses to name connections that are about to be deleted: the second time
// they would not be found.
func (a *applying) stay(application string, links []string, kept []DesiredConnection) error {
	for _, link := range links {
		if a.opts.Prune && !slices.ContainsFunc(kept, func(c DesiredConnection) bool { return c.LinkName == link }) {
			return host.Errorf(host.Conflict, "connection %q is denied to the application %q and named nowhere else, so it would be deleted", link, application).
				WithHint("name it under connections, or leave it out of denied")
		}
	}
	return nil
}

// deniedBy lists the link names of the connections whose access is switched off
// for an application, sorted.
func deniedBy(ctx context.Context, tx host.Tx, a host.Application) ([]string, error) {
	refs, err := tx.References().OfApplication(ctx, a.ID)
	if err != nil {
		return nil, err
	}
	var links []string
	for _, r := range refs {
		if !r.Denied {
			continue
		}
		c, err := tx.Connections().Find(ctx, r.Connection)
		if err != nil {
			return nil, err
		}
		links = append(links, c.LinkName)
	}
	slices.Sort(links)
	return links, nil
}
