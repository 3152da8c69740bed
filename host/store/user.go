package store

import (
	"context"
	"fmt"

	"github.com/connhost/connhost/host"
)

type users struct{ *tx }

var _ host.Users = users{}

const userColumns = "id, login, name, email, role, created_at"

func readUser(scan scanner) (u host.User, err error) {
	err = scan(&u.ID, &u.Login, &u.Name, &u.Email, &u.Role, moment{&u.CreatedAt})
	return u, err
}

func userClash(u host.User) clash {
	return clash{
		"users.id":    fmt.Sprintf("a user with the id %s exists", u.ID),
		"users.login": fmt.Sprintf("a user with the login %q exists", u.Login),
	}
}

func (us users) Insert(ctx context.Context, u host.User) error {
	us.touch("users", string(u.ID))
	return us.insert(ctx, userClash(u), "insert into users ("+userColumns+") values (?, ?, ?, ?, ?, ?)",
		string(u.ID), u.Login, u.Name, u.Email, string(u.Role), millis(u.CreatedAt))
}

func (us users) FindLogin(ctx context.Context, login string) (host.User, error) {
	return one(ctx, us.tx, readUser, "select "+userColumns+" from users where login = ?", login)
}

func (us users) Find(ctx context.Context, id host.UserID) (host.User, error) {
	return one(ctx, us.tx, readUser, "select "+userColumns+" from users where id = ?", string(id))
}

func (us users) List(ctx context.Context) ([]host.User, error) {
	return list(ctx, us.tx, readUser, "select "+userColumns+" from users order by created_at, id")
}

// Save keeps the time of creation.
func (us users) Save(ctx context.Context, u host.User) error {
	us.touch("users", string(u.ID))
	return us.change(ctx, userClash(u), "update users set login = ?, name = ?, email = ?, role = ? where id = ?",
		u.Login, u.Name, u.Email, string(u.Role), string(u.ID))
}

func (us users) Delete(ctx context.Context, id host.UserID) error {
	us.touch("users", string(id))
	return us.change(ctx, nil, "delete from users where id = ?", string(id))
}
