package store_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/hosttest"
	"github.com/connhost/connhost/host/store"
)

// look opens the store in dir as one who only looks.
func look(t *testing.T, dir string) (*store.Store, error) {
	t.Helper()
	s, err := store.Open(context.Background(), filepath.Join(dir, "store.db"), store.Options{Look: true, Wait: 50 * time.Millisecond})
	if err == nil {
		t.Cleanup(func() { _ = s.Close() })
	}
	return s, err
}

// Who only looks makes nothing, brings nothing up to date and writes nothing.
func TestLookingChangesNothing(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	_, err := look(t, dir)
	tells(t, "nothing", err, host.NotFound, "there is no store")
	file := filepath.Join(dir, "store.db")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := look(t, dir)
	if err != nil {
		t.Fatal(err)
	}
	if version, newest, err := s.Version(ctx); version != 0 || newest < 1 || err != nil {
		t.Errorf("an empty file: got %d of %d, %v", version, newest, err)
	}
	tells(t, "written", s.Update(ctx, nothing), host.Internal, "is not written")
	_ = s.Close()
	entries, err := os.ReadDir(dir)
	if info, statErr := os.Stat(file); err != nil || statErr != nil || len(entries) != 1 || info.Size() != 0 {
		t.Errorf("left: %v, %v, %v", entries, err, statErr)
	}
}

// What needs no key is verified without one.
func TestVerifyWithoutAKey(t *testing.T) {
	dir := t.TempDir()
	change(t, open(t, dir), func(ctx context.Context, tx host.Tx) error {
		return tx.Authorizations().Insert(ctx, hosttest.AnAuthorization(1), hosttest.SomeSecrets("x"), host.Record{Act: host.ActAuthorize})
	})
	s, err := look(t, dir)
	if err != nil {
		t.Fatal(err)
	}
	if r := verify(t, s); !r.NoKey || len(r.Faults) > 0 || r.Records == 0 || r.Rows != 1 || r.Sealed != 0 {
		t.Errorf("got %+v", r)
	}
	unlock(t, s, filepath.Join(dir, "key"))
	if r := verify(t, s); r.NoKey || len(r.Faults) > 0 || r.Sealed != 1 {
		t.Errorf("with the key: got %+v", r)
	}
}

// SQLite's own check, and whether one could write.
func TestCheckAndWritable(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	writer := open(t, dir)
	change(t, writer, func(ctx context.Context, tx host.Tx) error {
		return tx.Connections().Insert(ctx, hosttest.AConnection(1))
	})
	s, err := look(t, dir)
	if err != nil {
		t.Fatal(err)
	}
	if damages, err := s.Check(ctx); len(damages) > 0 || err != nil {
		t.Errorf("got %v, %v", damages, err)
	}
	if err := s.Writable(ctx); err != nil {
		t.Error(err)
	}
	change(t, writer, func(context.Context, host.Tx) error {
		tells(t, "while another writes", s.Writable(ctx), host.Unavailable, "is locked by another process")
		return nil
	})
	if err := s.Writable(ctx); err != nil {
		t.Error(err)
	}
	err = writer.Raw(ctx, "pragma foreign_keys = 0; insert into bindings (id, connection_id, environment, user_id, authorization_id, disabled) values ('bin_x', 'con_x', '', '', 'aut_x', 0)")
	if err != nil {
		t.Fatal(err)
	}
	damages, err := s.Check(ctx)
	if err != nil || !strings.Contains(strings.Join(damages, "\n"), "a row of bindings names one of connections that is not there") {
		t.Errorf("got %v, %v", damages, err)
	}
}
