package broker

import (
	"context"
	"maps"
	"slices"

	"github.com/connhost/connhost/host"
)

// Switched says what became of one place of a connection.
type Switched struct {
	Connection    host.Connection
	Environment   host.Environment
	Authorization host.Authorization  // that it points to now
	Before        *host.Authorization // that it pointed to; nil for none
	Unused        bool                // nothing points to Before any more
	Disabled      bool                // the place is switched off
	Changed       bool
	Missing       []string // scopes that the connection asks for and the authorization lacks
}

// mayHold is design rule 5: who may authorize a connection, and change what
// their place of it points to.
func mayHold(sub host.Subject, c host.Connection) error {
	if c.Access == host.UserAccess {
		return sub.Require(host.AuthorizeForSelf)
	}
	return sub.Require(host.AuthorizeForAll)
}

// SwitchOff switches the subject's place of a connection off, or for all on an
// admin connection. What is authorized stays so.
func (b *Broker) SwitchOff(ctx context.Context, sub host.Subject, env host.Environment, link string) (Switched, error) {
	return b.flip(ctx, sub, env, link, true)
}

// SwitchOn switches it on again.
func (b *Broker) SwitchOn(ctx context.Context, sub host.Subject, env host.Environment, link string) (Switched, error) {
	return b.flip(ctx, sub, env, link, false)
}

func (b *Broker) flip(ctx context.Context, sub host.Subject, env host.Environment, link string, off bool) (Switched, error) {
	return update(ctx, b, func(tx host.Tx) (Switched, error) {
		c, _, err := findConnection(ctx, tx, sub, link)
		if err != nil {
			return Switched{}, err
		}
		if err := mayHold(sub, c); err != nil {
			return Switched{}, err
		}
		out := Switched{Connection: c, Environment: c.Slot(env), Disabled: off}
		bind, err := tx.Bindings().Find(ctx, c.ID, out.Environment, c.Holder(sub.User.ID))
		if absent(err) {
			return out, host.Errorf(host.NeedsAuth, "connection %q is not authorized%s, so there is nothing to switch", link, in(out.Environment)).
				WithHint("connhost connection authorize %s%s", link, envFlag(out.Environment))
		}
		if err != nil {
			return out, err
		}
		if out.Authorization, err = tx.Authorizations().Find(ctx, bind.Authorization); err != nil || bind.Disabled == off {
			return out, err
		}
		bind.Disabled, out.Changed = off, true
		if err := tx.Bindings().Put(ctx, bind); err != nil {
			return out, err
		}
		act := host.ActConnectionEnable
		if off {
			act = host.ActConnectionDisable
		}
		return out, tx.Audit().Append(ctx, b.record(sub, act, string(c.ID), "environment", string(out.Environment), "authorization", string(bind.Authorization)))
	})
}

// in names an environment in a sentence.
func in(slot host.Environment) string {
	if slot == host.Shared {
		return ""
	}
	return " in the environment " + string(slot)
}

// envFlag is the option that names an environment.
func envFlag(slot host.Environment) string {
	if slot == host.Shared {
		return ""
	}
	return " --env " + string(slot)
}

// Switch points a place of a connection to another existing authorization, by
// its id or account. It must be made for the same connector, client credential
// and hosts; on a user connection, and for a plain user, it must be their own;
// and what somebody gave for themselves alone only they give to all.
func (b *Broker) Switch(ctx context.Context, sub host.Subject, env host.Environment, link, to string) (Switched, error) {
	return update(ctx, b, func(tx host.Tx) (Switched, error) {
		c, connector, err := b.switchable(ctx, tx, sub, link)
		if err != nil {
			return Switched{}, err
		}
		list, err := knownAuthorizations(ctx, tx, sub, c.Connector)
		if err != nil {
			return Switched{}, err
		}
		a, err := pickAuthorization(list, to)
		if err != nil && host.CodeOf(err) == host.Conflict { // those that it could not be do not count
			if list, err := b.usable(ctx, tx, sub, c, connector); err == nil {
				if only, err := pickAuthorization(list, to); err == nil {
					return b.point(ctx, tx, sub, c, connector, c.Slot(env), only)
				}
			}
		}
		if err != nil {
			return Switched{}, err
		}
		why, err := b.mayPoint(ctx, tx, sub, a, c, connector)
		if err != nil {
			return Switched{}, err
		}
		if why != "" {
			return Switched{}, host.Errorf(host.Refused, "connection %q cannot use the authorization of %s: %s", link, a.AccountLabel, why).
				WithHint("authorize it anew: connhost connection authorize %s%s", link, envFlag(c.Slot(env)))
		}
		return b.point(ctx, tx, sub, c, connector, c.Slot(env), a)
	})
}

// Reuse points a place of a connection to the one existing authorization that
// has the same parameters and every scope that the connection asks for.
func (b *Broker) Reuse(ctx context.Context, sub host.Subject, env host.Environment, link string) (Switched, error) {
	return update(ctx, b, func(tx host.Tx) (Switched, error) {
		c, connector, err := b.switchable(ctx, tx, sub, link)
		if err != nil {
			return Switched{}, err
		}
		list, err := b.reusable(ctx, tx, sub, c, connector)
		if err != nil {
			return Switched{}, err
		}
		if bind, err := tx.Bindings().Find(ctx, c.ID, c.Slot(env), c.Holder(sub.User.ID)); err == nil {
			list = slices.DeleteFunc(list, func(a host.Authorization) bool { return a.ID == bind.Authorization })
		}
		switch len(list) {
		case 1:
			return b.point(ctx, tx, sub, c, connector, c.Slot(env), list[0])
		case 0:
			return Switched{}, host.Errorf(host.NotFound, "there is no other authorization that connection %q could use as it is", link).
				WithHint("connhost connection authorize %s%s", link, envFlag(c.Slot(env)))
		}
		var names []string
		for _, a := range list {
			names = append(names, a.AccountLabel+" ("+string(a.ID)+")")
		}
		return Switched{}, host.Errorf(host.Conflict, "connection %q could use %d authorizations: %s", link, len(list), join(names)).
			WithHint("choose one: connhost connection switch %s --to %s", link, list[0].ID)
	})
}

// Reusable lists the authorizations that Reuse would choose from.
func (b *Broker) Reusable(ctx context.Context, sub host.Subject, link string) ([]host.Authorization, error) {
	return view(ctx, b, func(tx host.Tx) ([]host.Authorization, error) {
		c, connector, err := b.switchable(ctx, tx, sub, link)
		if err != nil {
			return nil, err
		}
		return b.reusable(ctx, tx, sub, c, connector)
	})
}

// switchable finds a connection whose place the subject may point elsewhere.
func (b *Broker) switchable(ctx context.Context, tx host.Tx, sub host.Subject, link string) (host.Connection, host.Connector, error) {
	c, connector, err := findConnection(ctx, tx, sub, link)
	if err != nil {
		return c, connector, err
	}
	return c, connector, mayAuthorize(sub, c, connector)
}

// mayPoint says why the subject may not point a connection to an authorization,
// or nothing.
func (b *Broker) mayPoint(ctx context.Context, tx host.Tx, sub host.Subject, a host.Authorization, c host.Connection, connector host.Connector) (string, error) {
	own := a.Owner == sub.User.ID
	switch {
	case c.Access == host.UserAccess && !own:
		return "on a user connection everyone uses their own, and it is somebody else's", nil
	case !own && !a.ForAll:
		return "its owner gave it for themselves alone, and only they can give it to all", nil
	}
	return madeFor(ctx, tx, a, c, connector)
}

// usable lists what the subject may point a connection to.
func (b *Broker) usable(ctx context.Context, tx host.Tx, sub host.Subject, c host.Connection, connector host.Connector) ([]host.Authorization, error) {
	list, err := knownAuthorizations(ctx, tx, sub, c.Connector)
	if err != nil {
		return nil, err
	}
	var out []host.Authorization
	for _, a := range list {
		why, err := b.mayPoint(ctx, tx, sub, a, c, connector)
		if err != nil {
			return nil, err
		}
		if why == "" {
			out = append(out, a)
		}
	}
	return out, nil
}

func (b *Broker) reusable(ctx context.Context, tx host.Tx, sub host.Subject, c host.Connection, connector host.Connector) ([]host.Authorization, error) {
	list, err := b.usable(ctx, tx, sub, c, connector)
	return slices.DeleteFunc(list, func(a host.Authorization) bool {
		return a.State == host.NeedsReauth || len(without(askedScopes(c, connector), a.Granted)) > 0
	}), err
}

// point writes the binding. The place's switch stays as it is.
func (b *Broker) point(ctx context.Context, tx host.Tx, sub host.Subject, c host.Connection, connector host.Connector, slot host.Environment, a host.Authorization) (Switched, error) {
	out := Switched{Connection: c, Environment: slot, Authorization: a, Missing: without(askedScopes(c, connector), a.Granted)}
	next := host.Binding{ID: host.NewBindingID(), Connection: c.ID, Environment: slot, User: c.Holder(sub.User.ID), Authorization: a.ID}
	bind, err := tx.Bindings().Find(ctx, c.ID, slot, next.User)
	if err != nil && !absent(err) {
		return out, err
	}
	detail := []string{"environment", string(slot), "to", string(a.ID)}
	if err == nil {
		if out.Disabled = bind.Disabled; bind.Authorization == a.ID {
			return out, nil
		}
		before, err := tx.Authorizations().Find(ctx, bind.Authorization)
		if err != nil {
			return out, err
		}
		out.Before, next.Disabled = &before, bind.Disabled
		detail = append(detail, "from", string(before.ID))
	}
	out.Changed = true
	if err := tx.Bindings().Put(ctx, next); err != nil {
		return out, err
	}
	if out.Before != nil {
		left, err := tx.Bindings().OfAuthorization(ctx, out.Before.ID)
		if err != nil {
			return out, err
		}
		out.Unused = len(left) == 0
	}
	if c.Access == host.AdminAccess && !a.ForAll { // its owner gives it to all now
		a.ForAll = true
		if err := tx.Authorizations().Save(ctx, a); err != nil {
			return out, err
		}
	}
	return out, tx.Audit().Append(ctx, b.record(sub, host.ActConnectionSwitch, string(c.ID), detail...))
}

// without is what of a list is not in another.
func without(list, other []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return slices.Contains(other, s) })
}

func sameParams(a, b map[string]string) bool { return maps.Equal(a, b) }
