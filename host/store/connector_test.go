package store_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/hosttest"
	"github.com/connhost/connhost/host/store"
	"github.com/connhost/connhost/plugins/abi"
)

func hashed(text string) (string, []byte) {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:]), []byte(text)
}

func TestFilesStayWhileSomethingNamesThem(t *testing.T) {
	s := open(t, t.TempDir())
	a := hosttest.AnAuthorization(1)
	one, file1 := hashed("one")
	two, file2 := hashed("two")
	kept := func(ctx context.Context, tx host.Tx, want1, want2 bool) {
		t.Helper()
		for hash, want := range map[string]bool{one: want1, two: want2} {
			if _, err := tx.Connectors().File(ctx, hash); (err == nil) != want {
				t.Errorf("file %.6s: got %v, want kept %v", hash, err, want)
			}
		}
	}
	change(t, s, func(ctx context.Context, tx host.Tx) error {
		put := func(hash, version string, file []byte) error {
			c := host.Connector{ID: "acme", Hash: hash, Stage: host.Draft, Manifest: abi.Manifest{Version: version}}
			return tx.Connectors().Insert(ctx, c, file)
		}
		a.ConnectorHash = two
		err := errors.Join(put(one, "1.0.0", file1), put(two, "2.0.0", file2),
			tx.Authorizations().Insert(ctx, a, host.Secrets{}, host.Record{}))
		if err != nil {
			return err
		}
		kept(ctx, tx, true, true)
		if err := errors.Join(tx.Connectors().Delete(ctx, one), tx.Connectors().Delete(ctx, two)); err != nil {
			return err
		}
		kept(ctx, tx, false, true)
		err = tx.Authorizations().Delete(ctx, a.ID)
		kept(ctx, tx, false, false)
		return err
	})
}

func TestAlteredFilesAreRefused(t *testing.T) {
	s := open(t, t.TempDir())
	hash, file := hashed("wasm")
	ctx := context.Background()
	err := s.Update(ctx, func(tx host.Tx) error {
		return tx.Connectors().Insert(ctx, host.Connector{ID: "acme", Hash: hash}, append(file, '!'))
	})
	tells(t, "put under another hash", err, host.Internal, hash)
	change(t, s, func(ctx context.Context, tx host.Tx) error {
		if err := tx.Connectors().Insert(ctx, host.Connector{ID: "acme", Hash: hash}, file); err != nil {
			return err
		}
		if err := store.RawTx(tx, "update files set bytes = x'00'"); err != nil {
			return err
		}
		_, err := tx.Connectors().File(ctx, hash)
		tells(t, "altered", err, host.Unavailable, "altered")
		return nil
	})
}
