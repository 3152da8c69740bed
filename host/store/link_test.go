package store_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/hosttest"
	"github.com/connhost/connhost/host/store"
)

// link makes a link to the store in dir, in a folder of its own.
func link(t *testing.T, dir string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "store.db")
	if err := os.Symlink(filepath.Join(dir, "store.db"), path); err != nil {
		t.Fatal(err)
	}
	return path
}

// A store that is named by a link is the file that it leads to: commits are
// noticed, whatever WAL index was left beside the link.
func TestGenerationThroughALink(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	writer, path := open(t, dir), link(t, dir)
	insert := func(n int) {
		change(t, writer, func(ctx context.Context, tx host.Tx) error {
			return tx.Connections().Insert(ctx, hosttest.AConnection(n))
		})
	}
	insert(1)
	left, err := os.ReadFile(filepath.Join(dir, "store.db-shm"))
	if err == nil {
		err = os.WriteFile(path+"-shm", left, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(ctx, path, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	before, err := s.Generation(ctx)
	if err != nil {
		t.Fatal(err)
	}
	insert(2)
	if after, err := s.Generation(ctx); err != nil || after == before {
		t.Errorf("got %d, %v after a commit, and %d before it", after, err, before)
	}
}

// A link that leads to nothing makes no store that others may read.
func TestOpenALinkToNothing(t *testing.T) {
	dir := t.TempDir()
	path := link(t, dir)
	s, err := store.Open(context.Background(), path, store.Options{})
	tells(t, "a link to nothing", err, host.Unavailable, "cannot be opened")
	if err == nil {
		_ = s.Close()
	}
	if info, err := os.Stat(filepath.Join(dir, "store.db")); err == nil {
		t.Errorf("a store was made with the mode %s", info.Mode())
	}
}
