package broker

import (
	"context"
	"slices"

	"github.com/connhost/connhost/host"
)

// A Leaving is what a user holds: what is to be known before they are deleted.
type Leaving struct {
	User           host.User
	Authorizations []AuthorizationView // that they own, revoked ones not
	Serving        []string            // link names of connections whose calls, of others, use those
}

// Leaving tells what a user holds, where the subject may delete them.
func (b *Broker) Leaving(ctx context.Context, sub host.Subject, login string) (Leaving, error) {
	return view(ctx, b, func(tx host.Tx) (Leaving, error) { return b.mayLeave(ctx, tx, sub, login, true) })
}

func leaving(ctx context.Context, tx host.Tx, login string) (Leaving, error) {
	u, err := findUser(ctx, tx, login)
	if err != nil {
		return Leaving{}, err
	}
	out := Leaving{User: u}
	list, err := tx.Authorizations().List(ctx, "")
	if err != nil {
		return out, err
	}
	for _, a := range list {
		if a.Owner != u.ID || a.State == host.RevokedState {
			continue
		}
		v, err := viewAuthorization(ctx, tx, a)
		if err != nil {
			return out, err
		}
		out.Authorizations = append(out.Authorizations, v)
		for _, use := range v.Uses {
			if link := use.Connection.LinkName; use.User != u.Login && !slices.Contains(out.Serving, link) {
				out.Serving = append(out.Serving, link)
			}
		}
	}
	return out, nil
}

// findUser finds one by login.
func findUser(ctx context.Context, tx host.Tx, login string) (host.User, error) {
	u, err := tx.Users().FindLogin(ctx, login)
	if absent(err) {
		err = host.Errorf(host.NotFound, "no user named %q", login).WithHint("see who there is: connhost user list")
	}
	return u, err
}

// DeleteUser removes a person and revokes what they had authorized. Where that
// serves the calls of others it is refused, unless revoke says that those are to
// end too. The last super admin stays, and nobody deletes themselves.
func (b *Broker) DeleteUser(ctx context.Context, sub host.Subject, login string, revoke bool) ([]Revoked, error) {
	l, err := view(ctx, b, func(tx host.Tx) (Leaving, error) { return b.mayLeave(ctx, tx, sub, login, revoke) })
	if err != nil {
		return nil, err
	}
	var out []Revoked
	for _, v := range l.Authorizations {
		p, err := view(ctx, b, func(tx host.Tx) (place, error) { return loosePlace(ctx, tx, v.Authorization) })
		if err != nil {
			return out, err
		}
		r, err := b.revoke(ctx, sub, "", p)
		if err != nil {
			return out, err
		}
		out = append(out, r)
	}
	return out, b.Store.Update(ctx, func(tx host.Tx) error {
		if _, err := b.mayLeave(ctx, tx, sub, login, revoke); err != nil { // it may have changed meanwhile
			return err
		}
		return b.removeUser(ctx, tx, sub, l.User)
	})
}

// mayLeave checks what stands against the deletion of a user.
func (b *Broker) mayLeave(ctx context.Context, tx host.Tx, sub host.Subject, login string, revoke bool) (Leaving, error) {
	if err := sub.Require(host.ManageUsers); err != nil {
		return Leaving{}, err
	}
	l, err := leaving(ctx, tx, login)
	if err != nil {
		return l, err
	}
	if err := mayGrant(sub, l.User.Role); err != nil {
		return l, err
	}
	if err := keepOneSuperAdmin(ctx, tx, l.User, ""); err != nil {
		return l, err
	}
	if l.User.ID == sub.User.ID {
		return l, host.Errorf(host.NotAllowed, "%s does not delete themselves", login).WithHint("let another do it, with --as LOGIN")
	}
	if len(l.Serving) > 0 && !revoke {
		return l, host.Errorf(host.Conflict, "what %s has authorized serves the calls of others: %s", login, join(l.Serving)).
			WithHint("let somebody else authorize: connhost connection authorize %s --yes; or end it too: connhost user delete %s --revoke", l.Serving[0], login)
	}
	return l, nil
}

// removeUser removes the row, the user's own places, and the authorizations that
// serve nobody else.
func (b *Broker) removeUser(ctx context.Context, tx host.Tx, sub host.Subject, u host.User) error {
	connections, err := tx.Connections().List(ctx)
	if err != nil {
		return err
	}
	for _, c := range connections {
		binds, err := tx.Bindings().OfConnection(ctx, c.ID)
		if err != nil {
			return err
		}
		for _, bind := range binds {
			if bind.User != u.ID {
				continue
			}
			if err := tx.Bindings().Delete(ctx, bind.ID); err != nil {
				return err
			}
		}
		if err := tx.Windows().DeleteFor(ctx, c.ID, u.ID); err != nil {
			return err
		}
	}
	list, err := tx.Authorizations().List(ctx, "")
	if err != nil {
		return err
	}
	for _, a := range list {
		if a.Owner != u.ID {
			continue
		}
		left, err := tx.Bindings().OfAuthorization(ctx, a.ID)
		if err != nil {
			return err
		}
		if len(left) == 0 {
			if err := b.deleteAuthorization(ctx, tx, sub, a.ID); err != nil {
				return err
			}
		}
	}
	if err := tx.Users().Delete(ctx, u.ID); err != nil {
		return err
	}
	if err := forget(ctx, tx, host.StopUser, string(u.ID)); err != nil {
		return err
	}
	return tx.Audit().Append(ctx, b.record(sub, host.ActUserDelete, string(u.ID), "login", u.Login, "role", string(u.Role)))
}

// asNow gives the subject as they are in the store now: a process that runs on
// acts for nobody who was deleted, and with no right that was taken. One without
// a user is the host itself.
func asNow(ctx context.Context, tx host.Tx, sub host.Subject) (host.Subject, error) {
	if sub.User.ID == "" {
		return sub, nil
	}
	u, err := tx.Users().Find(ctx, sub.User.ID)
	if absent(err) {
		err = host.Errorf(host.NotAllowed, "%s is not a user any more", sub.User.Login).WithHint("see who there is: connhost user list")
	}
	sub.User = u
	return sub, err
}
