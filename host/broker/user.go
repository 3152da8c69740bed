package broker

import (
	"context"
	"strings"

	"github.com/connhost/connhost/host"
)

// EnsureOwner makes the first super admin when there is no user yet, and
// reports whether it did. Name is that of the operating system's user.
func (b *Broker) EnsureOwner(ctx context.Context, name string) (bool, error) {
	users, err := view(ctx, b, func(tx host.Tx) ([]host.User, error) { return tx.Users().List(ctx) })
	if err != nil || len(users) > 0 {
		return false, err
	}
	return update(ctx, b, func(tx host.Tx) (bool, error) {
		users, err := tx.Users().List(ctx)
		if err != nil || len(users) > 0 {
			return false, err // another process was first
		}
		owner := host.User{ID: host.NewUserID(), Login: loginFrom(name), Name: name, Role: host.SuperAdmin, CreatedAt: b.Now()}
		if err := tx.Users().Insert(ctx, owner); err != nil {
			return false, err
		}
		r := b.record(host.Subject{}, host.ActUserAdd, string(owner.ID), "login", owner.Login, "role", string(owner.Role))
		return true, tx.Audit().Append(ctx, r)
	})
}

// loginFrom makes a login of any name.
func loginFrom(name string) string {
	login := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || strings.ContainsRune("._-", r) {
			return r
		}
		return '-'
	}, strings.ToLower(name))
	if login = login[:min(len(login), 64)]; login == "" {
		return "admin"
	}
	return login
}

// Subject gives the user who acts: the one with that login, or for "" the
// oldest super admin.
func (b *Broker) Subject(ctx context.Context, login string) (host.Subject, error) {
	return view(ctx, b, func(tx host.Tx) (host.Subject, error) {
		if login != "" {
			u, err := findUser(ctx, tx, login)
			return host.Subject{User: u}, err
		}
		users, err := tx.Users().List(ctx)
		for _, u := range users {
			if u.Role == host.SuperAdmin {
				return host.Subject{User: u}, nil
			}
		}
		if err == nil {
			err = host.Errorf(host.Internal, "the store has no super admin")
		}
		return host.Subject{}, err
	})
}

// Users lists everyone, for those who manage anything.
func (b *Broker) Users(ctx context.Context, sub host.Subject) ([]host.User, error) {
	if err := sub.Require(host.SeeUsers); err != nil {
		return nil, err
	}
	return view(ctx, b, func(tx host.Tx) ([]host.User, error) { return tx.Users().List(ctx) })
}

// AddUser adds a person. Only a super admin makes another one.
func (b *Broker) AddUser(ctx context.Context, sub host.Subject, u host.User) (host.User, error) {
	if err := mayGrant(sub, u.Role); err != nil {
		return u, err
	}
	if err := host.CheckLogin(u.Login); err != nil {
		return u, err
	}
	u.ID, u.CreatedAt = host.NewUserID(), b.Now()
	return update(ctx, b, func(tx host.Tx) (host.User, error) {
		if err := tx.Users().Insert(ctx, u); err != nil {
			if host.CodeOf(err) == host.Conflict {
				err = host.Errorf(host.Conflict, "a user named %q exists", u.Login).WithHint("change their role: connhost user role %s ROLE", u.Login)
			}
			return u, err
		}
		return u, tx.Audit().Append(ctx, b.record(sub, host.ActUserAdd, string(u.ID), "login", u.Login, "role", string(u.Role)))
	})
}

// SetRole changes a person's role. The last super admin stays one.
func (b *Broker) SetRole(ctx context.Context, sub host.Subject, login string, role host.Role) (host.User, error) {
	if err := mayGrant(sub, role); err != nil {
		return host.User{}, err
	}
	return update(ctx, b, func(tx host.Tx) (host.User, error) {
		u, err := findUser(ctx, tx, login)
		if err != nil {
			return u, err
		}
		if err := mayGrant(sub, u.Role); err != nil {
			return u, err
		}
		if err := keepOneSuperAdmin(ctx, tx, u, role); err != nil {
			return u, err
		}
		was := u.Role
		u.Role = role
		if err := tx.Users().Save(ctx, u); err != nil {
			return u, err
		}
		return u, tx.Audit().Append(ctx, b.record(sub, host.ActUserRole, string(u.ID), "login", u.Login, "from", string(was), "role", string(role)))
	})
}

// mayGrant refuses those who do not manage users, and an admin who would make
// or change a super admin.
func mayGrant(sub host.Subject, role host.Role) error {
	if err := sub.Require(host.ManageUsers); err != nil {
		return err
	}
	if role == host.SuperAdmin && sub.User.Role != host.SuperAdmin {
		return host.Errorf(host.NotAllowed, "only a super admin makes or changes a super admin")
	}
	return nil
}

func keepOneSuperAdmin(ctx context.Context, tx host.Tx, u host.User, role host.Role) error {
	if u.Role != host.SuperAdmin || role == host.SuperAdmin {
		return nil
	}
	users, err := tx.Users().List(ctx)
	if err != nil {
		return err
	}
	for _, other := range users {
		if other.Role == host.SuperAdmin && other.ID != u.ID {
			return nil
		}
	}
	return host.Errorf(host.Conflict, "%s is the last super admin and stays one", u.Login).
		WithHint("make another first: connhost user role LOGIN super_admin")
}
