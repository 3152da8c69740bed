package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/connhost/connhost/host"
)

type connectors struct{ *tx }

var _ host.Connectors = connectors{}

const connectorColumns = "hash, id, stage, is_current, built_in, manifest, source, signer, signer_key, actions, granted, installed_by, installed_at"

func readConnector(scan scanner) (c host.Connector, err error) {
	err = scan(&c.Hash, &c.ID, &c.Stage, &c.Current, &c.BuiltIn, fromJSON{&c.Manifest}, &c.Source, &c.Signer, &c.SignerKey,
		&c.Actions, fromJSON{&c.Granted}, &c.InstalledBy, moment{&c.InstalledAt})
	return c, err
}

func (cs connectors) Insert(ctx context.Context, c host.Connector, file []byte) error {
	if file != nil {
		if err := cs.putFile(ctx, c.Hash, file); err != nil {
			return err
		}
	}
	cs.touch("connectors", c.Hash)
	return cs.insert(ctx, clash{
		"connectors.hash": fmt.Sprintf("the file of connector %q is installed", c.ID),
		"connectors.id":   fmt.Sprintf("version %s of connector %q is installed, or another one is its current version", c.Version(), c.ID),
	}, "insert into connectors ("+connectorColumns+", version) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		c.Hash, c.ID, string(c.Stage), c.Current, c.BuiltIn, toJSON(c.Manifest), c.Source, c.Signer, c.SignerKey,
		c.Actions, toJSON(c.Granted), string(c.InstalledBy), millis(c.InstalledAt), c.Version())
}

func (cs connectors) Find(ctx context.Context, id string) (host.Connector, error) {
	versions, err := cs.List(ctx, id)
	if err != nil {
		return host.Connector{}, err
	}
	i := slices.IndexFunc(versions, func(c host.Connector) bool { return c.Current })
	if i < 0 {
		return host.Connector{}, errNotFound
	}
	return versions[i], nil
}

func (cs connectors) FindHash(ctx context.Context, hash string) (host.Connector, error) {
	c, err := one(ctx, cs.tx, readConnector, "select "+connectorColumns+" from connectors where hash = ?", hash)
	if err != errNotFound {
		return c, err
	}
	return cs.offerOf(ctx, hash)
}

func (cs connectors) List(ctx context.Context, id string) ([]host.Connector, error) {
	if id == "" {
		rows, err := list(ctx, cs.tx, readConnector, "select "+connectorColumns+" from connectors"+connectorOrder)
		return withOffers(rows, cs.found, cs.store.builtIn.IDs()...), err
	}
	rows, err := list(ctx, cs.tx, readConnector, "select "+connectorColumns+" from connectors where id = ?"+connectorOrder, id)
	return withOffers(rows, cs.found, id), err
}

const connectorOrder = " order by installed_at, id, version"

// headColumns are connectorColumns with the head of the manifest. SQLite takes it
// out of the text for a small part of what reading it all costs.
var headColumns = strings.Replace(connectorColumns, "manifest", `json_object('id', id, 'name', manifest->>'name', 'version', version,
	'description', ifnull(manifest->>'description', ''), 'category', ifnull(manifest->>'category', ''), 'auth', json_object('type', manifest->>'$.auth.type'))`, 1)

func (cs connectors) Heads(ctx context.Context) ([]host.Connector, error) {
	rows, err := list(ctx, cs.tx, readConnector, "select "+headColumns+" from connectors"+connectorOrder)
	return withOffers(rows, cs.store.builtIn.Head, cs.store.builtIn.IDs()...), err
}

// found is a built-in connector with its whole manifest.
func (cs connectors) found(id string) (host.Connector, bool) {
	c, _, ok := cs.store.builtIn.Find(id)
	return c, ok
}

// File refuses bytes that do not have that hash: they are code, and will run.
func (cs connectors) File(ctx context.Context, hash string) ([]byte, error) {
	read := func(scan scanner) (b []byte, err error) { return b, scan(&b) }
	file, err := one(ctx, cs.tx, read, "select bytes from files where hash = ?", hash)
	if err == errNotFound {
		return cs.builtInFile(hash)
	}
	if err == nil && fileHash(file) != hash {
		return nil, host.Errorf(host.Unavailable, "the stored file of the connector %s was altered", hash).
			WithHint("install the connector again: connhost connector install FILE")
	}
	return file, err
}

func (cs connectors) SetStage(ctx context.Context, hash string, stage host.ConnectorStage) error {
	if err := cs.adopt(ctx, hash); err != nil {
		return err
	}
	cs.touch("connectors", hash)
	return cs.change(ctx, nil, "update connectors set stage = ? where hash = ?", string(stage), hash)
}

func (cs connectors) SetActions(ctx context.Context, hash string, allowed bool) error {
	if err := cs.adopt(ctx, hash); err != nil {
		return err
	}
	cs.touch("connectors", hash)
	return cs.change(ctx, nil, "update connectors set actions = ? where hash = ?", allowed, hash)
}

func (cs connectors) SetCurrent(ctx context.Context, hash string) error {
	c, err := cs.FindHash(ctx, hash)
	if err != nil {
		return err
	}
	old, err := cs.Find(ctx, c.ID)
	if err == nil {
		err = cs.adopt(ctx, old.Hash) // without a row it would stay the current one
	}
	if err != nil && err != errNotFound {
		return err
	}
	if err := cs.adopt(ctx, hash); err != nil {
		return err
	}
	return cs.setCurrent(ctx, c.ID, hash)
}

// setCurrent says which row of an id is the current one.
func (cs connectors) setCurrent(ctx context.Context, id, hash string) error {
	rows, err := list(ctx, cs.tx, readConnector, "select "+connectorColumns+" from connectors where id = ? and is_current = 1", id)
	if err != nil {
		return err
	}
	for _, old := range rows {
		cs.touch("connectors", old.Hash)
	}
	cs.touch("connectors", hash)
	if _, err := cs.exec(ctx, "update connectors set is_current = 0 where id = ?", id); err != nil {
		return cs.store.fault("write", err)
	}
	return cs.change(ctx, nil, "update connectors set is_current = 1 where hash = ?", hash)
}

// Delete looks for connections itself, to name one.
func (cs connectors) Delete(ctx context.Context, hash string) error {
	users, err := list(ctx, cs.tx, readConnection, "select "+connectionColumns+" from connections where connector_hash = ?", hash)
	if err != nil {
		return err
	}
	if len(users) > 0 {
		return host.Errorf(host.Conflict, "the connector's version serves the connection %q", users[0].LinkName)
	}
	cs.touch("connectors", hash)
	if err := cs.change(ctx, nil, "delete from connectors where hash = ?", hash); err != nil {
		return err
	}
	return cs.dropFile(ctx, hash)
}

func fileHash(file []byte) string {
	sum := sha256.Sum256(file)
	return hex.EncodeToString(sum[:])
}

func (t *tx) putFile(ctx context.Context, hash string, file []byte) error {
	if got := fileHash(file); got != hash {
		return host.Errorf(host.Internal, "a connector file with the hash %s is stored as %s", got, hash)
	}
	return t.insert(ctx, nil, "insert into files (hash, bytes) values (?, ?) on conflict (hash) do nothing", hash, file)
}

// dropFile removes a file that nothing names any longer.
func (t *tx) dropFile(ctx context.Context, hash string) error {
	_, err := t.exec(ctx, `delete from files where hash = ?
		and not exists (select 1 from connectors where connectors.hash = files.hash)
		and not exists (select 1 from authorizations where connector_hash = files.hash)`, hash)
	return t.store.fault("write", err)
}
