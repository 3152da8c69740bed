package store_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/hosttest"
	"github.com/connhost/connhost/host/store"
)

func hashed(text string) (string, []byte) {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:]), []byte(text)
}

func TestFilesStayWhileSomethingNamesThem(t *testing.T) {
	s := open(t, t.TempDir())
	a := hosttest.AnAuthorization(1)
	var hashes []string
	put := func(ctx context.Context, tx host.Tx, text string) error {
		hash, file := hashed(text)
		hashes = append(hashes, hash)
		return tx.Connectors().Put(ctx, host.Connector{ID: "acme", Hash: hash, Stage: host.Draft}, file)
	}
	kept := func(ctx context.Context, tx host.Tx, want ...bool) {
		t.Helper()
		for i, hash := range hashes {
			if _, err := tx.Connectors().File(ctx, hash); (err == nil) != want[i] {
				t.Errorf("file %d of %d: got %v, want kept %v", i, len(hashes), err, want[i])
			}
		}
	}
	change(t, s, func(ctx context.Context, tx host.Tx) error {
		if err := put(ctx, tx, "one"); err != nil {
			return err
		}
		if err := put(ctx, tx, "two"); err != nil {
			return err
		}
		kept(ctx, tx, false, true)
		a.ConnectorHash = hashes[1]
		if err := tx.Authorizations().Insert(ctx, a, host.Secrets{}, host.Record{}); err != nil {
			return err
		}
		if err := put(ctx, tx, "three"); err != nil {
			return err
		}
		kept(ctx, tx, false, true, true)
		if err := tx.Authorizations().Delete(ctx, a.ID); err != nil {
			return err
		}
		kept(ctx, tx, false, false, true)
		return nil
	})
}

func TestAlteredFilesAreRefused(t *testing.T) {
	s := open(t, t.TempDir())
	hash, file := hashed("wasm")
	ctx := context.Background()
	err := s.Update(ctx, func(tx host.Tx) error {
		return tx.Connectors().Put(ctx, host.Connector{ID: "acme", Hash: hash}, append(file, '!'))
	})
	tells(t, "put under another hash", err, host.Internal, hash)
	change(t, s, func(ctx context.Context, tx host.Tx) error {
		if err := tx.Connectors().Put(ctx, host.Connector{ID: "acme", Hash: hash}, file); err != nil {
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
