package broker

import (
	"context"
	"slices"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// A View is what a subject may see of one connection.
type View struct {
	Connection host.Connection
	Connector  host.Connector
	Credential host.ClientCredential // empty without OAuth, or for a plain user
	Places     []PlaceView
	// Brief says that only link name and status may be shown: an admin
	// connection seen by a plain user.
	Brief bool
	// Denied are the applications whose access is switched off, for those who
	// manage.
	Denied []string
	// Primary is the login of the account whose authorization unattended runs
	// use.
	Primary string
	// Crosses is a sentence when data leave the operator's residency.
	Crosses string
}

// A PlaceView is one place where a connection can be authorized: Shared or an
// environment, for the subject or for all.
type PlaceView struct {
	Environment   host.Environment
	Status        host.Status
	Binding       *host.Binding
	Authorization *host.Authorization
	Forecast      host.Forecast
}

// Status is the status that a run in env meets.
func (v View) Status(env host.Environment) host.Status {
	slot := v.Connection.Slot(env)
	for _, p := range v.Places {
		if p.Environment == slot {
			return p.Status
		}
	}
	return host.NotConnected
}

// Connections lists what the subject may know of.
func (b *Broker) Connections(ctx context.Context, sub host.Subject) ([]View, error) {
	return view(ctx, b, func(tx host.Tx) ([]View, error) {
		all, err := tx.Connections().List(ctx)
		if err != nil {
			return nil, err
		}
		connectors, err := tx.Connectors().List(ctx, "")
		if err != nil {
			return nil, err
		}
		var out []View
		for _, c := range all {
			i := slices.IndexFunc(connectors, func(k host.Connector) bool { return k.Hash == c.ConnectorHash })
			if i < 0 || hidden(sub, connectors[i]) {
				continue
			}
			if may, err := mayName(ctx, tx, sub, c); err != nil || !may {
				if err != nil {
					return nil, err
				}
				continue
			}
			v, err := b.viewOf(ctx, tx, sub, c, connectors[i])
			if err != nil {
				return nil, err
			}
			out = append(out, v)
		}
		return out, nil
	})
}

// Connection shows one connection.
func (b *Broker) Connection(ctx context.Context, sub host.Subject, link string) (View, error) {
	return view(ctx, b, func(tx host.Tx) (View, error) {
		c, connector, err := findConnection(ctx, tx, sub, link)
		if err != nil {
			return View{}, err
		}
		v, err := b.viewOf(ctx, tx, sub, c, connector)
		if err != nil {
			return v, err
		}
		if v.Primary, err = primaryOf(ctx, tx, c); err != nil {
			return v, err
		}
		if v.Denied, err = deniedTo(ctx, tx, sub, c); err != nil || c.Credential == "" || !sub.User.Role.May(host.ManageCredentials) {
			return v, err
		}
		v.Credential, err = tx.Credentials().Find(ctx, c.Credential)
		return v, err
	})
}

func (b *Broker) viewOf(ctx context.Context, tx host.Tx, sub host.Subject, c host.Connection, connector host.Connector) (View, error) {
	v := View{Connection: c, Connector: settled(c, connector), Crosses: b.crosses(c, connector), Brief: c.Access == host.AdminAccess && !sub.User.Role.May(host.ManageConnections)}
	for _, env := range append([]host.Environment{host.Shared}, c.Environments...) {
		p := PlaceView{Environment: env}
		bind, err := tx.Bindings().Find(ctx, c.ID, env, c.Holder(sub.User.ID))
		if err != nil && !absent(err) {
			return v, err
		}
		if err == nil {
			a, err := tx.Authorizations().Find(ctx, bind.Authorization)
			if err != nil {
				return v, err
			}
			p.Binding, p.Authorization = &bind, &a
		}
		p.Status = host.StatusOf(p.Binding, p.Authorization)
		if err := misfit(ctx, tx, connector, &p); err != nil {
			return v, err
		}
		if a := p.Authorization; a != nil && a.State != host.RevokedState && a.Reason == otherPlaces {
			p.Forecast = host.Forecast{Cause: host.EndReauth, Text: "no call uses it: " + otherPlaces}
		} else if a != nil {
			p.Forecast = a.Forecast(connector.Manifest, b.Now())
		}
		if p.Binding == nil && connector.Manifest.Auth.Type == abi.AuthNone {
			p.Status = host.Status(host.Connected) // nothing is needed
		}
		v.Places = append(v.Places, p)
	}
	return v, nil
}

// misfit shows an authorization as needs_reauthorization where this connection
// may not use it, although another one that shares it may.
func misfit(ctx context.Context, tx host.Tx, connector host.Connector, p *PlaceView) error {
	if p.Status != host.Status(host.Connected) && p.Status != host.Status(host.Expiring) {
		return nil
	}
	fit, err := fits(ctx, tx, p.Authorization.ConnectorHash, connector)
	if err != nil || fit {
		return err
	}
	p.Status, p.Authorization.Reason = host.Status(host.NeedsReauth), otherPlaces
	return nil
}
