package store_test

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/hosttest"
	"github.com/connhost/connhost/host/seal"
	"github.com/connhost/connhost/host/store"
)

// tells holds an error to a code, a part of its sentence and no library's
// words in it.
func tells(t *testing.T, what string, err error, code host.Code, says string) {
	t.Helper()
	e, ok := err.(*host.Error)
	if !ok || e.Code != code || !strings.Contains(e.Msg, says) {
		t.Errorf("%s: got %#v, want %s: %s", what, err, code, says)
		return
	}
	if code == host.Unavailable && e.Hint == "" {
		t.Errorf("%s: no hint", what)
	}
	for _, word := range []string{"database", "SQL logic", "constraint", "no such"} {
		if strings.Contains(e.Msg, word) && !strings.Contains(e.Msg, "SQLite database") {
			t.Errorf("%s: the sentence is the library's: %q", what, e.Msg)
		}
	}
}

func TestOpenMakesFilesForTheirOwnerOnly(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data", "connhost")
	open(t, dir)
	for name, want := range map[string]os.FileMode{"": 0o700, "store.db": 0o600, "store.db-wal": 0o600, "store.db-shm": 0o600} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%q: got %v, %v; want %04o", name, info, err, want)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".store-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestLocation(t *testing.T) {
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for location, want := range map[string]string{
		"/a/b.db":            "/a/b.db",
		"b.db":               filepath.Join(here, "b.db"),
		"./x:y":              filepath.Join(here, "x:y"),
		"sqlite:b.db":        filepath.Join(here, "b.db"),
		"sqlite:/a/b.db":     "/a/b.db",
		"sqlite:///a/b.db":   "/a/b.db",
		"file:/a/b%20c.db":   "/a/b c.db",
		"sqlite:///a/%2e/b%": "",
		"sqlite:b.db?mode=x": "",
		"postgres://h/db":    "",
		"":                   "",
		"sqlite:":            "",
		"a\x00b":             "",
	} {
		got, err := store.Locate(location)
		if got != want {
			t.Errorf("%q: got %q, want %q", location, got, want)
		}
		if want == "" {
			tells(t, location, err, host.Usage, "store")
		}
	}
}

func TestOpenTakesAnyPath(t *testing.T) {
	dir := filepath.Join(t.TempDir(), `a?b#c%20 d&_txlock=x`)
	s := open(t, dir)
	change(t, s, func(ctx context.Context, tx host.Tx) error {
		return tx.Connections().Insert(ctx, hosttest.AConnection(1))
	})
	if _, err := os.Stat(filepath.Join(dir, "store.db-wal")); err != nil {
		t.Error(err)
	}
}

func TestPragmasReachEveryConnection(t *testing.T) {
	s := open(t, t.TempDir())
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1"} {
		var got string
		if err := s.RawDB().QueryRow("pragma " + pragma).Scan(&got); err != nil || got != want {
			t.Errorf("%s: got %s, %v; want %s", pragma, got, err, want)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	foreign, err := sql.Open("sqlite3", at("foreign"))
	if err == nil {
		_, err = foreign.Exec("create table recipes (id integer)")
	}
	if err != nil {
		t.Fatal(err)
	}
	_ = foreign.Close()
	newer, err := store.Open(ctx, at("newer"), store.Options{})
	if err == nil {
		err = newer.Raw(ctx, "insert into schema_version (version, applied_at) values (9, 0)")
	}
	if err != nil {
		t.Fatal(err)
	}
	_ = newer.Close()
	if err := os.WriteFile(at("garbage"), []byte(strings.Repeat("this is not a database. ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, says := range map[string]string{
		"foreign":       "is an SQLite database, but not a connhost store",
		"newer":         "has version 9, and this connhost knows versions up to 1",
		"garbage":       "is not a connhost store",
		"garbage/below": "cannot be opened",
		"":              "cannot be opened", // the directory
	} {
		_, err := store.Open(ctx, at(name), store.Options{})
		tells(t, name, err, host.Unavailable, says)
	}
	tells(t, "old library", store.CheckVersion("3.51.2", 3_051_002), host.Unavailable, "SQLite 3.51.2")
	if err := store.CheckVersion("3.51.3", 3_051_003); err != nil {
		t.Error(err)
	}
}

func TestUnlockKnowsItsKey(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	s, err := store.Open(ctx, filepath.Join(dir, "store.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if id, err := s.KeyID(ctx); id != "" || err != nil {
		t.Errorf("a new store: got key %q, %v", id, err)
	}
	err = s.Update(ctx, func(tx host.Tx) error {
		return tx.Authorizations().Insert(ctx, hosttest.AnAuthorization(1), host.Secrets{}, host.Record{})
	})
	tells(t, "before Unlock", err, host.Internal, "not unlocked")
	unlock(t, s, filepath.Join(dir, "key"))
	other, err := seal.Open(filepath.Join(dir, "other"), "")
	if err != nil {
		t.Fatal(err)
	}
	id, err := s.KeyID(ctx)
	if err != nil || id == "" {
		t.Fatalf("got key %q, %v", id, err)
	}
	tells(t, "another key", s.Unlock(ctx, other), host.Unavailable, id+", and the key given, "+other.KeyID())
	tells(t, "another key with the same id", s.Unlock(ctx, impostor{other, id}), host.Unavailable, id)
}

// An impostor has another key under the right id.
type impostor struct {
	host.Sealer
	id string
}

func (i impostor) KeyID() string { return i.id }

func FuzzFrame(f *testing.F) {
	f.Add("a", "bc", "ab", "c")
	f.Add("", "a", "a", "")
	f.Fuzz(func(t *testing.T, a, b, c, d string) {
		if string(store.Frame(a, b)) == string(store.Frame(c, d)) && (a != c || b != d) {
			t.Errorf("%q %q and %q %q have one frame", a, b, c, d)
		}
		if string(store.Frame(a, b)) == string(store.Frame(a+b)) {
			t.Errorf("%q %q and their sum have one frame", a, b)
		}
	})
}
