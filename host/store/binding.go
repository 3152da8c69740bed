package store

import (
	"context"
	"fmt"

	"github.com/connhost/connhost/host"
)

type bindings struct{ *tx }

var _ host.Bindings = bindings{}

const bindingColumns = "id, connection_id, environment, user_id, authorization_id, disabled"

func readBinding(scan scanner) (b host.Binding, err error) {
	err = scan(&b.ID, &b.Connection, &b.Environment, &b.User, &b.Authorization, &b.Disabled)
	return b, err
}

// Put replaces the whole binding of a place, its id too. A connection or an
// authorization that is not there is NotFound.
func (bs bindings) Put(ctx context.Context, b host.Binding) error {
	if old, err := bs.Find(ctx, b.Connection, b.Environment, b.User); err == nil {
		bs.touch("bindings", string(old.ID))
	}
	bs.touch("bindings", string(b.ID))
	return bs.insert(ctx, clash{"bindings.id": fmt.Sprintf("a binding with the id %s exists", b.ID)},
		"insert into bindings ("+bindingColumns+`) values (?, ?, ?, ?, ?, ?)
		on conflict (connection_id, environment, user_id) do update set
			id = excluded.id, authorization_id = excluded.authorization_id, disabled = excluded.disabled`,
		string(b.ID), string(b.Connection), string(b.Environment), string(b.User), string(b.Authorization), b.Disabled)
}

func (bs bindings) Find(ctx context.Context, c host.ConnectionID, env host.Environment, user host.UserID) (host.Binding, error) {
	return one(ctx, bs.tx, readBinding, "select "+bindingColumns+
		" from bindings where connection_id = ? and environment = ? and user_id = ?", string(c), string(env), string(user))
}

func (bs bindings) OfConnection(ctx context.Context, c host.ConnectionID) ([]host.Binding, error) {
	return list(ctx, bs.tx, readBinding,
		"select "+bindingColumns+" from bindings where connection_id = ? order by id", string(c))
}

func (bs bindings) OfAuthorization(ctx context.Context, a host.AuthorizationID) ([]host.Binding, error) {
	return list(ctx, bs.tx, readBinding,
		"select "+bindingColumns+" from bindings where authorization_id = ? order by id", string(a))
}

func (bs bindings) Delete(ctx context.Context, id host.BindingID) error {
	bs.touch("bindings", string(id))
	return bs.change(ctx, nil, "delete from bindings where id = ?", string(id))
}
