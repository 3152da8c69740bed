package store_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/hosttest"
	"github.com/connhost/connhost/host/seal"
	"github.com/connhost/connhost/host/store"
)

func TestStoreKeepsItsContract(t *testing.T) {
	hosttest.Store(t, hosttest.StoreCase{
		Open: func(t *testing.T, dir string, builtIn host.Catalogue) host.Store {
			s := openWith(t, dir, store.Options{BuiltIn: builtIn})
			t.Cleanup(func() {
				again, err := openIn(context.Background(), dir) // s may be closed
				if err != nil {
					t.Fatal(err)
				}
				if report := verify(t, again); len(report.Faults) > 0 {
					t.Errorf("a method does not touch the row that it changes: %+v", report.Faults)
				}
				_ = again.Close()
			})
			return s
		},
		Verify: store.Verify,
	})
}

// open opens and unlocks the store in dir, and closes it with the test.
func open(t testing.TB, dir string) *store.Store {
	t.Helper()
	return openWith(t, dir, store.Options{})
}

func openWith(t testing.TB, dir string, opts store.Options) *store.Store {
	t.Helper()
	s, err := store.Open(context.Background(), filepath.Join(dir, "store.db"), opts)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() { _ = s.Close() })
	unlock(t, s, filepath.Join(dir, "key"))
	return s
}

func unlock(t testing.TB, s *store.Store, key string) {
	t.Helper()
	id, err := s.KeyID(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	k, err := seal.Open(key, id)
	if err == nil {
		err = s.Unlock(context.Background(), k)
	}
	if err != nil {
		t.Fatal(err)
	}
}
