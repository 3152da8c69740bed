package broker

import (
	"context"
	"slices"

	"github.com/connhost/connhost/host"
)

// A MoveRequest says which connections of a connector go to which version.
type MoveRequest struct {
	Connector  string
	To         string // the version
	Connection string // the link name of one; all of the connector for ""
}

// Moved says what became of a move.
type Moved struct {
	From        host.Connector // of a rollback
	To          host.Connector
	Connections []string               // link names of those that moved
	Anew        []string               // link names of those of them that must be authorized anew
	Reauth      []host.AuthorizationID // marked needs_reauthorization, because it talks to other places
}

// Move takes connections to another version of their connector. Where that
// talks to other places their authorizations are marked needs_reauthorization,
// else they follow.
func (b *Broker) Move(ctx context.Context, sub host.Subject, req MoveRequest) (Moved, error) {
	if err := sub.Require(host.ManageConnectors); err != nil {
		return Moved{}, err
	}
	return update(ctx, b, func(tx host.Tx) (Moved, error) {
		to, err := findVersion(ctx, tx, sub, req.Connector, req.To)
		if err != nil {
			return Moved{}, err
		}
		list, err := toMove(ctx, tx, sub, req)
		if err != nil {
			return Moved{To: to}, err
		}
		return b.move(ctx, tx, sub, list, to)
	})
}

// toMove lists the connections that a request means.
func toMove(ctx context.Context, tx host.Tx, sub host.Subject, req MoveRequest) ([]host.Connection, error) {
	if req.Connection == "" {
		return connectionsOf(ctx, tx, func(c host.Connection) bool { return c.Connector == req.Connector })
	}
	c, _, err := findConnection(ctx, tx, sub, req.Connection)
	if err == nil && c.Connector != req.Connector {
		err = host.Errorf(host.Usage, "connection %q is one of connector %q, not %q", c.LinkName, c.Connector, req.Connector)
	}
	return []host.Connection{c}, err
}

// Rollback makes an earlier version of a connector the current one again and
// takes the connections of the current one back to it: the published version
// before it, unless one is named.
func (b *Broker) Rollback(ctx context.Context, sub host.Subject, id, version string) (Moved, error) {
	if err := sub.Require(host.ManageConnectors); err != nil {
		return Moved{}, err
	}
	return update(ctx, b, func(tx host.Tx) (Moved, error) {
		from, err := findConnector(ctx, tx, sub, id)
		if err != nil {
			return Moved{}, err
		}
		to, err := rollbackTo(ctx, tx, sub, from, version)
		if err != nil {
			return Moved{}, err
		}
		list, err := connectionsOf(ctx, tx, func(c host.Connection) bool { return c.ConnectorHash == from.Hash })
		if err != nil {
			return Moved{}, err
		}
		m, err := b.move(ctx, tx, sub, list, to)
		if err != nil {
			return m, err
		}
		if err := tx.Connectors().SetCurrent(ctx, to.Hash); err != nil {
			return m, err
		}
		m.From, m.To.Current = from, true
		r := b.record(sub, host.ActConnectorCurrent, id, "hash", to.Hash, "version", to.Version(), "before", from.Version())
		return m, tx.Audit().Append(ctx, r)
	})
}

// rollbackTo is the version named, or the published one that was installed
// last before the current one: going back twice goes further back.
func rollbackTo(ctx context.Context, tx host.Tx, sub host.Subject, from host.Connector, version string) (host.Connector, error) {
	if version != "" {
		to, err := findVersion(ctx, tx, sub, from.ID, version)
		switch {
		case err == nil && to.Hash == from.Hash:
			err = host.Errorf(host.Conflict, "version %s of connector %q is the current one", version, from.ID)
		case err == nil && to.Stage == host.Draft:
			err = host.Errorf(host.Refused, "version %s of connector %q is a draft, and new connections take a published version", version, from.ID).
				WithHint("publish it: connhost connector publish %s --version %s", from.ID, version)
		}
		return to, err
	}
	list, err := tx.Connectors().List(ctx, from.ID)
	if err != nil {
		return from, err
	}
	at := slices.IndexFunc(list, func(c host.Connector) bool { return c.Hash == from.Hash })
	for _, c := range slices.Backward(list[:at]) {
		if c.Stage == host.Published {
			return c, nil
		}
	}
	return from, host.Errorf(host.Conflict, "connector %q has no published version before %s to go back to", from.ID, from.Version()).
		WithHint("its versions: %s; name one with --to VERSION", join(versionsOf(list)))
}

// move checks that a version can serve the connections and takes those that
// are not on it there.
func (b *Broker) move(ctx context.Context, tx host.Tx, sub host.Subject, list []host.Connection, to host.Connector) (Moved, error) {
	m := Moved{To: to}
	if to.Stage == host.DisabledConnector {
		return m, disabled(to, " and takes no connections")
	}
	list = slices.DeleteFunc(list, func(c host.Connection) bool { return c.ConnectorHash == to.Hash })
	for i := range list {
		if err := adapt(ctx, tx, &list[i], to); err != nil {
			return m, err
		}
	}
	m.Connections = links(list)
	var err error
	if m.Reauth, err = b.repin(ctx, tx, sub, list, to); err != nil {
		return m, err
	}
	for _, c := range list {
		anew, err := mustAuthorize(ctx, tx, c, to)
		if err != nil {
			return m, err
		}
		if anew {
			m.Anew = append(m.Anew, c.LinkName)
		}
	}
	return m, nil
}

// mustAuthorize reports whether an authorization of a connection cannot be used
// with a version, of whichever user and environment.
func mustAuthorize(ctx context.Context, tx host.Tx, c host.Connection, to host.Connector) (bool, error) {
	binds, err := tx.Bindings().OfConnection(ctx, c.ID)
	if err != nil {
		return false, err
	}
	for _, bind := range binds {
		a, err := tx.Authorizations().Find(ctx, bind.Authorization)
		if err != nil {
			return false, err
		}
		if a.State == host.RevokedState {
			continue
		}
		if fit, err := fits(ctx, tx, a.ConnectorHash, to); !fit || err != nil {
			return !fit, err
		}
	}
	return false, nil
}

// repin points connections to a version and takes their authorizations along.
// It gives the authorizations that were marked.
func (b *Broker) repin(ctx context.Context, tx host.Tx, sub host.Subject, list []host.Connection, to host.Connector) ([]host.AuthorizationID, error) {
	var bound []host.AuthorizationID
	for _, c := range list {
		r := b.record(sub, host.ActConnectionMove, string(c.ID), "link_name", c.LinkName, "from", c.ConnectorHash, "to", to.Hash, "version", to.Version())
		c.ConnectorHash = to.Hash
		if err := tx.Connections().Save(ctx, c); err != nil {
			return nil, err
		}
		if err := tx.Audit().Append(ctx, r); err != nil {
			return nil, err
		}
		binds, err := tx.Bindings().OfConnection(ctx, c.ID)
		if err != nil {
			return nil, err
		}
		for _, bind := range binds {
			if !slices.Contains(bound, bind.Authorization) {
				bound = append(bound, bind.Authorization)
			}
		}
	}
	var marked []host.AuthorizationID
	for _, id := range bound {
		was, err := b.follow(ctx, tx, sub, id, to)
		if err != nil {
			return nil, err
		}
		if was {
			marked = append(marked, id)
		}
	}
	return marked, nil
}

// follow takes an authorization along to a version that talks to the same
// places. To any other it does not go: it keeps the version that it was made
// with and is marked, unless another connection still uses it there.
func (b *Broker) follow(ctx context.Context, tx host.Tx, sub host.Subject, id host.AuthorizationID, to host.Connector) (marked bool, err error) {
	a, err := tx.Authorizations().Find(ctx, id)
	if err != nil || a.State == host.RevokedState {
		return false, err
	}
	same, err := fits(ctx, tx, a.ConnectorHash, to)
	if err != nil {
		return false, err
	}
	if !same {
		if used, err := b.fitsElsewhere(ctx, tx, a); used || err != nil {
			return false, err
		}
		if a.State == host.NeedsReauth {
			return false, nil // the reason that it has outlives a rollback
		}
		a.State, a.Reason, marked = host.NeedsReauth, otherPlaces, true
	} else {
		a.ConnectorHash, a.Due = to.Hash, a.NextDue(to.Manifest)
		if a.State == host.NeedsReauth && a.Reason == otherPlaces { // it is back where it was agreed to
			a.State, a.Reason = host.Connected, ""
			if !a.TokenExpires.IsZero() && !a.Renewable {
				a.State, a.Reason = host.Expiring, noRefreshToken
			}
		}
	}
	a.UpdatedAt = b.Now()
	if err := tx.Authorizations().Save(ctx, a); err != nil || !marked {
		return marked, err
	}
	return true, tx.Audit().Append(ctx, b.record(sub, host.ActAuthorizeRefused, string(a.ID), "reason", a.Reason))
}

// fitsElsewhere reports whether a connection uses an authorization with a
// version that it fits.
func (b *Broker) fitsElsewhere(ctx context.Context, tx host.Tx, a host.Authorization) (bool, error) {
	_, fit, err := fittingUse(ctx, tx, a)
	return fit, err
}

// fittingUse gives the version of a connection that uses an authorization and
// that it fits, if there is one.
func fittingUse(ctx context.Context, tx host.Tx, a host.Authorization) (host.Connector, bool, error) {
	uses, err := tx.Bindings().OfAuthorization(ctx, a.ID)
	if err != nil {
		return host.Connector{}, false, err
	}
	for _, u := range uses {
		c, err := tx.Connections().Find(ctx, u.Connection)
		if err != nil {
			return host.Connector{}, false, err
		}
		version, err := tx.Connectors().FindHash(ctx, c.ConnectorHash)
		if absent(err) { // a draft that is being replaced
			continue
		}
		if err != nil {
			return version, false, err
		}
		if fit, err := fits(ctx, tx, a.ConnectorHash, version); fit || err != nil {
			return version, fit, err
		}
	}
	return host.Connector{}, false, nil
}
