package hosttest

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// A catalogue is one of connectors made for a test.
type catalogue map[string]struct {
	connector host.Connector
	file      []byte
}

func (c catalogue) IDs() []string {
	var ids []string
	for id := range c {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

func (c catalogue) Find(id string) (host.Connector, []byte, bool) {
	one, ok := c[id]
	return one.connector, one.file, ok
}

func (c catalogue) Head(id string) (host.Connector, bool) {
	one, ok := c[id]
	return headOf(one.connector), ok
}

// headOf is a connector with no more of its manifest than a list shows.
func headOf(c host.Connector) host.Connector {
	m := c.Manifest
	c.Manifest = abi.Manifest{ID: m.ID, Name: m.Name, Version: m.Version, Description: m.Description, Category: m.Category, Auth: abi.Auth{Type: m.Auth.Type}}
	return c
}

func (c catalogue) IDOf(hash string) (string, bool) {
	for id, one := range c {
		if one.connector.Hash == hash {
			return id, true
		}
	}
	return "", false
}

// aCatalogue has the n-th version of a built-in connector for each id.
func aCatalogue(n int, ids ...string) catalogue {
	out := catalogue{}
	for _, id := range ids {
		c, file := aConnector(id, n)
		built := host.Connector{ID: id, Hash: c.Hash, Stage: host.Published, Current: true, BuiltIn: true, Manifest: c.Manifest}
		out[id] = struct {
			connector host.Connector
			file      []byte
		}{built, file}
	}
	return out
}

// testBuiltIn: a built-in connector is there without a row, gets one when it is
// needed, and stays when a later program brings another version.
func testBuiltIn(t *testing.T, c StoreCase) {
	dir, first := t.TempDir(), aCatalogue(1, "acme", "other")
	s := c.Open(t, dir, first)
	acme, file, _ := first.Find("acme")
	other, _, _ := first.Find("other")
	view(t, s, func(ctx context.Context, tx host.Tx) error {
		all, err := tx.Connectors().List(ctx, "")
		same(t, "list", all, []host.Connector{acme, other}, err)
		all, err = tx.Connectors().Heads(ctx)
		same(t, "heads", all, []host.Connector{headOf(acme), headOf(other)}, err)
		got, err := tx.Connectors().Find(ctx, "acme")
		same(t, "find", got, acme, err)
		got, err = tx.Connectors().FindHash(ctx, acme.Hash)
		same(t, "find by hash", got, acme, err)
		b, err := tx.Connectors().File(ctx, acme.Hash)
		same(t, "file", b, file, err)
		_, err = tx.Connectors().Find(ctx, "none")
		notFound(t, "another", err)
		return nil
	})
	used := AConnection(1)
	used.ConnectorHash = acme.Hash
	update(t, s, func(ctx context.Context, tx host.Tx) error {
		return errors.Join(tx.Connections().Insert(ctx, used), tx.Connectors().SetStage(ctx, other.Hash, host.DisabledConnector))
	})
	closeStore(t, s)

	second := aCatalogue(2, "acme", "other")
	s = c.Open(t, dir, second)
	next, file2, _ := second.Find("acme")
	view(t, s, func(ctx context.Context, tx host.Tx) error {
		rows := versions(ctx, t, tx, "acme")
		if len(rows) != 2 || rows[0].Hash != acme.Hash || rows[0].Current || rows[0].InstalledAt.IsZero() {
			t.Errorf("got %+v, want the used version before the new one", rows)
		}
		got, err := tx.Connectors().Find(ctx, "acme")
		same(t, "the current one", got, next, err)
		b, err := tx.Connectors().File(ctx, acme.Hash)
		same(t, "the file of the used version", b, file, err)
		if rows = versions(ctx, t, tx, "other"); rows[1].Stage != host.DisabledConnector {
			t.Errorf("a new version of a disabled connector is %s", rows[1].Stage)
		}
		return nil
	})
	update(t, s, func(ctx context.Context, tx host.Tx) error {
		moved, err := tx.Connections().Find(ctx, used.ID)
		moved.ConnectorHash = next.Hash
		return errors.Join(err, tx.Connections().Save(ctx, moved))
	})
	view(t, s, func(ctx context.Context, tx host.Tx) error {
		rows := versions(ctx, t, tx, "acme")
		if len(rows) != 2 || !rows[1].Current || rows[1].Hash != next.Hash || !rows[1].InstalledAt.After(rows[0].InstalledAt) {
			t.Errorf("got %+v, want the new version with a row", rows)
		}
		return nil
	})
	update(t, s, func(ctx context.Context, tx host.Tx) error { return tx.Connectors().SetCurrent(ctx, acme.Hash) })
	closeStore(t, s)

	s = c.Open(t, dir, second) // gone back: the new one does not come forth again
	view(t, s, func(ctx context.Context, tx host.Tx) error {
		got, err := tx.Connectors().Find(ctx, "acme")
		if err != nil || got.Hash != acme.Hash {
			t.Errorf("got %+v, %v, want version 1", got, err)
		}
		b, err := tx.Connectors().File(ctx, next.Hash)
		same(t, "the file of the version that was left", b, file2, err)
		return nil
	})
}

func versions(ctx context.Context, t *testing.T, tx host.Tx, id string) []host.Connector {
	t.Helper()
	rows, err := tx.Connectors().List(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// testBuiltInGivesWay: what somebody installed under an id before the program
// had one built in stays alone.
func testBuiltInGivesWay(t *testing.T, c StoreCase) {
	dir := t.TempDir()
	s := c.Open(t, dir, nil)
	own, file := aConnector("acme", 1)
	own.Current = true
	update(t, s, func(ctx context.Context, tx host.Tx) error { return tx.Connectors().Insert(ctx, own, file) })
	closeStore(t, s)
	built := aCatalogue(2, "acme")
	s = c.Open(t, dir, built)
	view(t, s, func(ctx context.Context, tx host.Tx) error {
		same(t, "list", versions(ctx, t, tx, "acme"), []host.Connector{own}, nil)
		got, err := tx.Connectors().Find(ctx, "acme")
		same(t, "find", got, own, err)
		hash := built["acme"].connector.Hash
		_, err = tx.Connectors().FindHash(ctx, hash)
		notFound(t, "the built-in one", err)
		return nil
	})
}

// testBuiltInOfAnOlderProgram: what a program brings that is older than what the
// store has is there for those who name it, and is not the current one.
func testBuiltInOfAnOlderProgram(t *testing.T, c StoreCase) {
	dir, first, second := t.TempDir(), aCatalogue(9, "acme"), aCatalogue(10, "acme")
	newer := second["acme"].connector.Hash
	s := c.Open(t, dir, second)
	used := AConnection(1)
	used.ConnectorHash = newer
	update(t, s, func(ctx context.Context, tx host.Tx) error { return tx.Connections().Insert(ctx, used) })
	closeStore(t, s)

	s = c.Open(t, dir, first)
	older := first["acme"].connector.Hash
	for _, what := range []string{"before", "after"} {
		view(t, s, func(ctx context.Context, tx host.Tx) error {
			got, err := tx.Connectors().Find(ctx, "acme")
			if err != nil || got.Hash != newer {
				t.Errorf("%s it is used: got version %s, %v, want the newer one", what, got.Version(), err)
			}
			if _, err := tx.Connectors().FindHash(ctx, older); err != nil {
				t.Errorf("%s it is used: the older one: %v", what, err)
			}
			return nil
		})
		if what == "before" {
			another := AConnection(2)
			another.ConnectorHash = older
			update(t, s, func(ctx context.Context, tx host.Tx) error { return tx.Connections().Insert(ctx, another) })
		}
	}
}

// testBuiltInAuthorized: what an authorization was made with stays too, although
// no connection uses it.
func testBuiltInAuthorized(t *testing.T, c StoreCase) {
	dir, first := t.TempDir(), aCatalogue(1, "acme", "other")
	s := c.Open(t, dir, first)
	hashes := []string{first["acme"].connector.Hash, first["other"].connector.Hash}
	update(t, s, func(ctx context.Context, tx host.Tx) error {
		a := AnAuthorization(1)
		a.ConnectorHash = hashes[0]
		if err := tx.Authorizations().Insert(ctx, a, SomeSecrets("x"), host.Record{Act: host.ActAuthorizationImport}); err != nil {
			return err
		}
		a, err := tx.Authorizations().Find(ctx, a.ID)
		a.ConnectorHash = hashes[1]
		return errors.Join(err, tx.Authorizations().Save(ctx, a))
	})
	closeStore(t, s)
	s = c.Open(t, dir, aCatalogue(2, "acme", "other"))
	view(t, s, func(ctx context.Context, tx host.Tx) error {
		for _, hash := range hashes {
			if _, err := tx.Connectors().FindHash(ctx, hash); err != nil {
				t.Errorf("the version of an authorization: %v", err)
			}
			if _, err := tx.Connectors().File(ctx, hash); err != nil {
				t.Errorf("its file: %v", err)
			}
		}
		return nil
	})
}
