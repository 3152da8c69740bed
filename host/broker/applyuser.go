package broker

import (
	"context"

	"github.com/connhost/connhost/host"
)

func (a *applying) user(ctx context.Context, u host.User) error {
	was, err := a.tx.Users().FindLogin(ctx, u.Login)
	if absent(err) {
		a.note("+", "user", u.Login, string(u.Role))
		_, err = a.b.AddUser(ctx, a.sub, u)
		return err
	}
	if err != nil {
		return err
	}
	changes := diff("role", string(was.Role), string(u.Role))
	if len(changes) > 0 {
		if was, err = a.b.SetRole(ctx, a.sub, u.Login, u.Role); err != nil {
			return err
		}
	}
	next := was
	if u.Name != "" {
		next.Name = u.Name
	}
	if u.Email != "" {
		next.Email = u.Email
	}
	if next != was {
		if err := mayGrant(a.sub, was.Role); err != nil {
			return err
		}
		changes = append(changes, append(diff("name", was.Name, next.Name), diff("email", was.Email, next.Email)...)...)
		if err := a.tx.Users().Save(ctx, next); err != nil {
			return err
		}
		if err := a.record(ctx, string(was.ID), changes); err != nil {
			return err
		}
	}
	if len(changes) > 0 {
		a.note("~", "user", u.Login, changes...)
	}
	return nil
}
