package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"github.com/connhost/connhost/host"
)

type connectors struct{ *tx }

var _ host.Connectors = connectors{}

const connectorColumns = "id, hash, stage, built_in, manifest, installed_by, installed_at"

func readConnector(scan scanner) (c host.Connector, err error) {
	err = scan(&c.ID, &c.Hash, &c.Stage, &c.BuiltIn, fromJSON{&c.Manifest}, &c.InstalledBy, moment{&c.InstalledAt})
	return c, err
}

// Put keeps the file of the connector before it only while an authorization
// was made with that. A connector without a file (a built-in one) has nil.
func (cs connectors) Put(ctx context.Context, c host.Connector, file []byte) error {
	before, err := cs.Find(ctx, c.ID)
	if err != nil && host.CodeOf(err) != host.NotFound {
		return err
	}
	if file != nil {
		if err := cs.putFile(ctx, c.Hash, file); err != nil {
			return err
		}
	}
	err = cs.insert(ctx, nil, "insert into connectors ("+connectorColumns+`) values (?, ?, ?, ?, ?, ?, ?)
		on conflict (id) do update set hash = excluded.hash, stage = excluded.stage, built_in = excluded.built_in,
			manifest = excluded.manifest, installed_by = excluded.installed_by, installed_at = excluded.installed_at`,
		c.ID, c.Hash, string(c.Stage), c.BuiltIn, toJSON(c.Manifest), string(c.InstalledBy), millis(c.InstalledAt))
	if err != nil {
		return err
	}
	return cs.dropFile(ctx, before.Hash)
}

func (cs connectors) Find(ctx context.Context, id string) (host.Connector, error) {
	return one(ctx, cs.tx, readConnector, "select "+connectorColumns+" from connectors where id = ?", id)
}

func (cs connectors) List(ctx context.Context) ([]host.Connector, error) {
	return list(ctx, cs.tx, readConnector, "select "+connectorColumns+" from connectors order by installed_at, id")
}

// File refuses bytes that do not have that hash: they are code, and will run.
func (cs connectors) File(ctx context.Context, hash string) ([]byte, error) {
	read := func(scan scanner) (b []byte, err error) { return b, scan(&b) }
	file, err := one(ctx, cs.tx, read, "select bytes from files where hash = ?", hash)
	if err == nil && fileHash(file) != hash {
		return nil, host.Errorf(host.Unavailable, "the stored file of the connector %s was altered", hash).
			WithHint("install the connector again: connhost connector install FILE")
	}
	return file, err
}

func (cs connectors) SetStage(ctx context.Context, id string, stage host.ConnectorStage) error {
	return cs.change(ctx, nil, "update connectors set stage = ? where id = ?", string(stage), id)
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
