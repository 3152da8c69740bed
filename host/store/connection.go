package store

import (
	"context"
	"fmt"

	"github.com/connhost/connhost/host"
)

type connections struct{ *tx }

var _ host.Connections = connections{}

const connectionColumns = `id, link_name, name, connector, access, mode, coalesce(credential_id, ''),
	scope_choice, scopes, params, environments, created_by, created_at, version`

func readConnection(scan scanner) (c host.Connection, err error) {
	err = scan(&c.ID, &c.LinkName, &c.Name, &c.Connector, &c.Access, &c.Mode, &c.Credential,
		&c.ScopeChoice, fromJSON{&c.Scopes}, fromJSON{&c.Params}, fromJSON{&c.Environments},
		&c.CreatedBy, moment{&c.CreatedAt}, &c.Version)
	return c, err
}

// Insert stores c as version 1.
func (cs connections) Insert(ctx context.Context, c host.Connection) error {
	return cs.insert(ctx, clash{
		"connections.id":        fmt.Sprintf("a connection with the id %s exists", c.ID),
		"connections.link_name": fmt.Sprintf("a connection with the link name %q exists", c.LinkName),
		"connections.name":      fmt.Sprintf("a connection named %q exists", c.Name),
	}, `insert into connections (id, link_name, name, connector, access, mode, credential_id,
		scope_choice, scopes, params, environments, created_by, created_at, version)
		values (?, ?, ?, ?, ?, ?, nullif(?, ''), ?, ?, ?, ?, ?, ?, 1)`,
		string(c.ID), c.LinkName, c.Name, c.Connector, string(c.Access), string(c.Mode), string(c.Credential),
		string(c.ScopeChoice), toJSON(c.Scopes), toJSON(c.Params), toJSON(c.Environments),
		string(c.CreatedBy), millis(c.CreatedAt))
}

func (cs connections) FindLink(ctx context.Context, link string) (host.Connection, error) {
	return one(ctx, cs.tx, readConnection, "select "+connectionColumns+" from connections where link_name = ?", link)
}

func (cs connections) Find(ctx context.Context, id host.ConnectionID) (host.Connection, error) {
	return one(ctx, cs.tx, readConnection, "select "+connectionColumns+" from connections where id = ?", string(id))
}

func (cs connections) List(ctx context.Context) ([]host.Connection, error) {
	return list(ctx, cs.tx, readConnection, "select "+connectionColumns+" from connections order by created_at, id")
}

func (cs connections) Delete(ctx context.Context, id host.ConnectionID) error {
	return cs.change(ctx, nil, "delete from connections where id = ?", string(id))
}
