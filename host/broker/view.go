package broker

import (
	"context"
	"fmt"
	"time"

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
	Reason        string    // why it cannot be used, one sentence; empty when it can
	Since         time.Time // of the status, as far as it is known
	Missing       []string  // scopes that the connection asks for now and were not granted
	Extra         []string  // scopes that were granted and are not asked for now
	ReadOnly      string    // why only GET and HEAD are let through, one sentence; empty when all are
	Binding       *host.Binding
	Authorization *host.Authorization
	Forecast      host.Forecast
}

// Status is the status that a run in env meets.
func (v View) Status(env host.Environment) host.Status { return v.Place(env).Status }

// Place is the place that a run in env uses.
func (v View) Place(env host.Environment) PlaceView {
	slot := v.Connection.Slot(env)
	for _, p := range v.Places {
		if p.Environment == slot {
			return p
		}
	}
	return PlaceView{Environment: slot, Status: host.NotConnected}
}

// Asks lists the scopes that the connection asks for.
func (v View) Asks() []string { return askedScopes(v.Connection, v.Connector) }

// Connections lists what the subject may know of.
func (b *Broker) Connections(ctx context.Context, sub host.Subject) ([]View, error) {
	return view(ctx, b, func(tx host.Tx) ([]View, error) {
		all, err := tx.Connections().List(ctx)
		if err != nil {
			return nil, err
		}
		connectors := map[string]host.Connector{}
		stops, err := tx.Stops().List(ctx)
		if err != nil {
			return nil, err
		}
		var out []View
		for _, c := range all {
			connector, known := connectors[c.ConnectorHash]
			if !known {
				if connector, err = tx.Connectors().FindHash(ctx, c.ConnectorHash); err != nil && !absent(err) {
					return nil, err
				}
				connectors[c.ConnectorHash] = connector
			}
			if connector.Hash == "" || hidden(sub, connector) {
				continue
			}
			if may, err := mayName(ctx, tx, sub, c); err != nil || !may {
				if err != nil {
					return nil, err
				}
				continue
			}
			v, err := b.viewOf(ctx, tx, sub, c, connector, stops)
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
		stops, err := tx.Stops().List(ctx)
		if err != nil {
			return View{}, err
		}
		v, err := b.viewOf(ctx, tx, sub, c, connector, stops)
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

func (b *Broker) viewOf(ctx context.Context, tx host.Tx, sub host.Subject, c host.Connection, connector host.Connector, stops []host.Stop) (View, error) {
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
		if err := b.judge(ctx, tx, c, connector, &p); err != nil {
			return v, err
		}
		if a := p.Authorization; a != nil && a.State != host.RevokedState && a.Reason == otherPlaces {
			p.Forecast = host.Forecast{Cause: host.EndReauth, Text: "no call uses it: " + otherPlaces}
		} else if a != nil {
			p.Forecast = a.Forecast(connector.Manifest, b.Now())
		}
		if p.Binding == nil && connector.Manifest.Auth.Type == abi.AuthNone {
			p.Status, p.Reason = host.Status(host.Connected), "" // nothing is needed
		}
		if connector.Stage == host.DisabledConnector && p.Status != host.NotConnected {
			p.Status, p.Reason, p.Since = host.Disabled, fmt.Sprintf("version %s of connector %q is disabled", connector.Version(), connector.ID), time.Time{}
		}
		if err := stopPlace(ctx, tx, stops, sub, c, &p); err != nil {
			return v, err
		}
		v.Places = append(v.Places, p)
	}
	return v, nil
}

// judge is design rule 15: the status of a place, with its reason. What this
// connection may not use, although another one that shares it may, needs
// authorizing again here.
func (b *Broker) judge(ctx context.Context, tx host.Tx, c host.Connection, connector host.Connector, p *PlaceView) error {
	a := p.Authorization
	p.Status = host.StatusOf(p.Binding, a)
	if a == nil {
		p.Reason = "it is not authorized" + in(p.Environment)
		return nil
	}
	p.Reason, p.Since = a.Reason, a.UpdatedAt
	if a.State == host.RevokedState {
		return nil
	}
	asked := askedScopes(c, connector)
	if connector.Manifest.NeedsClient() {
		p.Missing, p.Extra = without(asked, a.Granted), without(a.Granted, asked)
	}
	if p.Binding.Disabled {
		p.Reason, p.Since = "it is switched off", time.Time{}
		return nil
	}
	fit, err := fits(ctx, tx, a.ConnectorHash, connector)
	switch {
	case err != nil:
		return err
	case !fit:
		a.Reason = otherPlaces // a copy, which the forecast reads
		p.Status, p.Reason = host.Status(host.NeedsReauth), otherPlaces
	case a.Credential != c.Credential || !sameParams(a.HostParams, c.Params):
		p.Status, p.Reason = host.Status(host.NeedsReauth), madeForOther
	case p.Status == host.Status(host.Expiring) && !alive(*a, b.Now()):
		p.Status, p.Since = host.Status(host.NeedsReauth), a.TokenExpires
		p.Reason = "its token has expired and cannot be renewed"
	case len(connector.Manifest.Unchosen(a.Params)) > 0:
		p.Reason = "nobody has chosen the " + connector.Manifest.Choose.What + " that it is used with"
	}
	return nil
}

// madeForOther is the reason of an authorization that does not belong to what
// its connection is now.
const madeForOther = "it was made for another host or client credential"

// stopPlace shows what a stop holds back. What is not authorized is not
// connected, stopped or not.
func stopPlace(ctx context.Context, tx host.Tx, stops []host.Stop, sub host.Subject, c host.Connection, p *PlaceView) error {
	var a host.Authorization
	if p.Authorization != nil {
		a = *p.Authorization
	}
	h, err := heldByThese(ctx, tx, stops, sub.User.ID, c, a)
	if err != nil {
		return err
	}
	if p.ReadOnly = h.readOnly; h.stopped != "" && p.Status != host.NotConnected {
		p.Status, p.Reason, p.Since = host.Disabled, h.stopped, h.since
	}
	return nil
}
