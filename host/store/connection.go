package store

import (
	"context"
	"fmt"

	"github.com/connhost/connhost/host"
)

type connections struct{ *tx }

var _ host.Connections = connections{}

const connectionColumns = `id, link_name, name, connector, connector_hash, access, mode, coalesce(credential_id, ''),
	scope_choice, scopes, params, data_centre, primary_user, environments, created_by, created_at, version`

func readConnection(scan scanner) (c host.Connection, err error) {
	err = scan(&c.ID, &c.LinkName, &c.Name, &c.Connector, &c.ConnectorHash, &c.Access, &c.Mode, &c.Credential,
		&c.ScopeChoice, fromJSON{&c.Scopes}, fromJSON{&c.Params}, &c.DataCentre, &c.Primary, fromJSON{&c.Environments},
		&c.CreatedBy, moment{&c.CreatedAt}, &c.Version)
	return c, err
}

// taken says what a connection may share with no other.
func taken(c host.Connection) clash {
	return clash{
		"connections.id":        fmt.Sprintf("a connection with the id %s exists", c.ID),
		"connections.link_name": fmt.Sprintf("a connection with the link name %q exists", c.LinkName),
		"connections.name":      fmt.Sprintf("a connection named %q exists", c.Name),
	}
}

// Insert stores c as version 1.
func (cs connections) Insert(ctx context.Context, c host.Connection) error {
	if err := connectors(cs).adopt(ctx, c.ConnectorHash); err != nil {
		return err
	}
	cs.touch("connections", string(c.ID))
	return cs.insert(ctx, taken(c), `insert into connections (id, link_name, name, connector, connector_hash, access, mode,
		credential_id, scope_choice, scopes, params, data_centre, primary_user, environments, created_by, created_at, version)
		values (?, ?, ?, ?, ?, ?, ?, nullif(?, ''), ?, ?, ?, ?, ?, ?, ?, ?, 1)`,
		string(c.ID), c.LinkName, c.Name, c.Connector, c.ConnectorHash, string(c.Access), string(c.Mode), string(c.Credential),
		string(c.ScopeChoice), toJSON(c.Scopes), toJSON(c.Params), c.DataCentre, string(c.Primary), toJSON(c.Environments),
		string(c.CreatedBy), millis(c.CreatedAt))
}

// Save leaves the row with version c.Version + 1. It does not write the link
// name, the connector's id, and who created it when.
func (cs connections) Save(ctx context.Context, c host.Connection) error {
	if err := connectors(cs).adopt(ctx, c.ConnectorHash); err != nil {
		return err
	}
	cs.touch("connections", string(c.ID))
	n, err := cs.exec(ctx, `update connections set (name, connector_hash, access, mode, credential_id,
		scope_choice, scopes, params, data_centre, primary_user, environments, version) = (?, ?, ?, ?, nullif(?, ''), ?, ?, ?, ?, ?, ?, version + 1)
		where id = ? and version = ?`,
		c.Name, c.ConnectorHash, string(c.Access), string(c.Mode), string(c.Credential),
		string(c.ScopeChoice), toJSON(c.Scopes), toJSON(c.Params), c.DataCentre, string(c.Primary), toJSON(c.Environments), string(c.ID), c.Version)
	if err != nil || n == 1 {
		return cs.store.fault("write", taken(c).conflict(err))
	}
	now, err := cs.Find(ctx, c.ID)
	if err != nil {
		return err
	}
	return host.Errorf(host.Conflict, "the connection %q was changed by someone else", c.LinkName).
		Because(fmt.Errorf("its row has version %d, not %d", now.Version, c.Version))
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
	gone, err := bindings(cs).OfConnection(ctx, id)
	if err != nil {
		return err
	}
	for _, b := range gone {
		cs.touch("bindings", string(b.ID))
	}
	cs.touch("connections", string(id))
	return cs.change(ctx, nil, "delete from connections where id = ?", string(id))
}
