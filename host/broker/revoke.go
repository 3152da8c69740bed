package broker

import (
	"context"
	"slices"

	"github.com/connhost/connhost/host"
)

// Revoked says what became of one authorization.
type Revoked struct {
	Authorization host.Authorization
	Environment   host.Environment
	// Upstream is what the service made of it: "revoked", "not declared" when
	// the connector has no such request, or a sentence why it did not succeed.
	Upstream string
	Others   []string // link names of other connections that used it
}

// What Upstream says when nothing went wrong.
const (
	UpstreamRevoked     = "revoked"
	UpstreamNotDeclared = "not declared"
)

// A place is where an authorization stands.
type place struct {
	binding       host.Binding
	authorization host.Authorization
	connector     host.Connector // the version that the authorization was made with
	others        []string
}

// placesOf lists the authorizations of a connection.
func (b *Broker) placesOf(ctx context.Context, sub host.Subject, link string) (host.Connection, []place, error) {
	var c host.Connection
	list, err := view(ctx, b, func(tx host.Tx) ([]place, error) {
		var connector host.Connector
		var err error
		if c, connector, err = findConnection(ctx, tx, sub, link); err != nil {
			return nil, err
		}
		binds, err := tx.Bindings().OfConnection(ctx, c.ID)
		if err != nil {
			return nil, err
		}
		var out []place
		for _, bind := range binds {
			p := place{binding: bind}
			if p.authorization, err = tx.Authorizations().Find(ctx, bind.Authorization); err != nil {
				return nil, err
			}
			// What revokes a token is the version that it was given to: another
			// may send it elsewhere.
			if p.connector, err = madeWith(ctx, tx, p.authorization.ConnectorHash); absent(err) {
				p.connector, err = host.Connector{ID: connector.ID}, nil
			}
			if err != nil {
				return nil, err
			}
			if p.others, err = otherUses(ctx, tx, bind); err != nil {
				return nil, err
			}
			out = append(out, p)
		}
		return out, nil
	})
	return c, list, err
}

// otherUses lists the link names of other connections that an authorization
// serves.
func otherUses(ctx context.Context, tx host.Tx, bind host.Binding) ([]string, error) {
	uses, err := tx.Bindings().OfAuthorization(ctx, bind.Authorization)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, u := range uses {
		if u.Connection == bind.Connection {
			continue
		}
		c, err := tx.Connections().Find(ctx, u.Connection)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(out, c.LinkName) {
			out = append(out, c.LinkName)
		}
	}
	return out, nil
}

// Revoke ends the authorization that a run in env would use: here first, so
// that nothing uses it from then on, then at the service.
func (b *Broker) Revoke(ctx context.Context, sub host.Subject, env host.Environment, link string) (Revoked, error) {
	c, places, err := b.placesOf(ctx, sub, link)
	if err != nil {
		return Revoked{}, err
	}
	if err := mayHold(sub, c); err != nil {
		return Revoked{}, err
	}
	for _, p := range places {
		if p.binding.Environment == c.Slot(env) && p.binding.User == c.Holder(sub.User.ID) && p.authorization.State != host.RevokedState {
			return b.revoke(ctx, sub, link, p)
		}
	}
	return Revoked{}, host.Errorf(host.NeedsAuth, "connection %q is not authorized, so there is nothing to revoke", link).
		WithHint("connhost connection authorize %s", link)
}

// revoke wipes the secrets of one authorization and tells the service.
func (b *Broker) revoke(ctx context.Context, sub host.Subject, link string, p place) (Revoked, error) {
	out := Revoked{Environment: p.binding.Environment, Others: p.others, Upstream: UpstreamNotDeclared}
	var secrets host.Secrets
	var t target
	a, err := update(ctx, b, func(tx host.Tx) (host.Authorization, error) {
		a, err := tx.Authorizations().Find(ctx, p.authorization.ID)
		if err != nil {
			return a, err
		}
		if secrets, err = tx.Authorizations().Open(ctx, a.ID); err != nil {
			return a, err
		}
		if t, err = revokeTarget(ctx, tx, p, secrets); err != nil {
			return a, err
		}
		a.State, a.Reason, a.Lease, a.UpdatedAt = host.RevokedState, "revoked by "+sub.User.Login, host.Lease{}, b.Now()
		if err := tx.Authorizations().Save(ctx, a); err != nil {
			return a, err
		}
		return a, tx.Authorizations().Seal(ctx, a.ID, host.Secrets{}, b.record(sub, host.ActRevoke, string(a.ID), "link_name", link))
	})
	out.Authorization = a
	if err != nil || !revocable(p.connector, p.authorization.Endpoints) || secrets.Access.Empty() && secrets.Refresh.Empty() {
		return out, err
	}
	b.Redactor.LearnSecret(secrets.Access, secrets.Refresh, t.secret)
	out.Upstream = UpstreamRevoked
	if err := b.flow(t.connector).Revoke(ctx, t.flowTarget(b.Redactor), secrets); err != nil {
		out.Upstream = sentence(err)
	}
	r := b.record(sub, host.ActRevokeUpstream, string(a.ID), "outcome", out.Upstream)
	return out, b.Store.Update(context.WithoutCancel(ctx), func(tx host.Tx) error { return tx.Audit().Append(ctx, r) })
}

// revocable says whether a service has a request that ends an authorization.
func revocable(c host.Connector, found host.Endpoints) bool {
	return c.Manifest.Revoke != nil || found.Revoke != ""
}

func revokeTarget(ctx context.Context, tx host.Tx, p place, s host.Secrets) (target, error) {
	c := host.Connection{Params: p.authorization.HostParams} // as they were when it was made
	t := target{connection: c, connector: p.connector, params: p.authorization.Params, sealed: s.Params, endpoints: p.authorization.Endpoints}
	if p.authorization.Credential == "" {
		return t, nil
	}
	var err error
	if t.client, err = tx.Credentials().Find(ctx, p.authorization.Credential); err != nil {
		return t, err
	}
	t.secret, err = tx.Credentials().Secret(ctx, p.authorization.Credential)
	return t, err
}
