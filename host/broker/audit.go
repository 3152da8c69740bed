package broker

import (
	"cmp"
	"context"

	"github.com/connhost/connhost/host"
)

// An AuditRequest chooses audit records.
type AuditRequest struct {
	host.AuditQuery
	// Object is an id, the link name of a connection, the id of a connector, or
	// a login. A connection's records are those of its authorizations too.
	Object string
}

// Audit calls f with the chosen records, oldest first (design rule 19). The
// who of an Event is the login.
func (b *Broker) Audit(ctx context.Context, sub host.Subject, req AuditRequest, f func(Event) error) error {
	if err := sub.Require(host.SeeAudit); err != nil {
		return err
	}
	return b.Store.View(ctx, func(tx host.Tx) error {
		if req.Object != "" {
			var err error
			if req.Objects, err = objects(ctx, tx, req.Object); err != nil {
				return err
			}
		}
		t := timeline{tx: tx, names: map[host.UserID]string{}}
		found := false
		err := tx.Audit().Each(ctx, req.AuditQuery, func(r host.Record) error {
			found = true
			who, err := t.who(ctx, r.By)
			if err != nil {
				return err
			}
			return f(Event{Record: r, Who: who})
		})
		if err != nil || found || req.Object == "" {
			return err
		}
		any := host.AuditQuery{Objects: req.Objects, Last: 1, States: true}
		err = tx.Audit().Each(ctx, any, func(host.Record) error { found = true; return nil })
		if err == nil && !found {
			err = host.Errorf(host.NotFound, "no audit record is about %q", req.Object).
				WithHint("name a connection, a user, a connector or an id; all records: connhost audit list")
		}
		return err
	})
}

// objects are what a name means.
func objects(ctx context.Context, tx host.Tx, name string) ([]string, error) {
	all := []string{name}
	c, err := tx.Connections().FindLink(ctx, name)
	if err != nil && !absent(err) {
		return nil, err
	}
	if err == nil {
		all = append(all, string(c.ID))
	} else if c, err = tx.Connections().Find(ctx, host.ConnectionID(name)); err != nil && !absent(err) {
		return nil, err
	}
	if c.ID != "" {
		binds, err := tx.Bindings().OfConnection(ctx, c.ID)
		if err != nil {
			return nil, err
		}
		for _, bind := range binds[:min(len(binds), 500)] { // SQL takes no list without end
			all = append(all, string(bind.Authorization))
		}
	}
	u, err := tx.Users().FindLogin(ctx, name)
	if err != nil && !absent(err) {
		return nil, err
	}
	return append(all, cmp.Or(string(u.ID), name)), nil
}

// VerifyAudit walks the audit chain and holds the store against it.
func (b *Broker) VerifyAudit(ctx context.Context, sub host.Subject) (host.AuditReport, error) {
	if err := sub.Require(host.SeeAudit); err != nil {
		return host.AuditReport{}, err
	}
	return view(ctx, b, func(tx host.Tx) (host.AuditReport, error) { return tx.Audit().Verify(ctx) })
}
