package store_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/hosttest"
	"github.com/connhost/connhost/host/store"
)

func nothing(host.Tx) error { return nil }

func TestLockedByAnotherProcess(t *testing.T) {
	dir := t.TempDir()
	_, id := counting(t, dir)
	lines, kill := started(t, "hold", dir, id)
	if !lines.Scan() {
		t.Fatal("the child did not begin")
	}
	ctx := context.Background()
	hurried, err := store.Open(ctx, filepath.Join(dir, "store.db"), store.Options{Wait: 120 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer hurried.Close()
	began := time.Now()
	tells(t, "update", hurried.Update(ctx, nothing), host.Unavailable, "locked by another process")
	if waited := time.Since(began); waited < 100*time.Millisecond || waited > 2*time.Second {
		t.Errorf("waited %s", waited)
	}
	if err := hurried.View(ctx, nothing); err != nil {
		t.Errorf("a view waits for the writer: %v", err)
	}
	patient := open(t, dir)
	short, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
	defer cancel()
	began = time.Now()
	tells(t, "deadline", patient.Update(short, nothing), host.Unavailable, "did not answer in time")
	if waited := time.Since(began); waited > time.Second {
		t.Errorf("left after %s", waited)
	}
	kill()
	if err := hurried.Update(ctx, nothing); err != nil {
		t.Errorf("after the lock was freed: %v", err)
	}
}

func TestWaitingForOneselfEndsWithTheContext(t *testing.T) {
	s := open(t, t.TempDir())
	ctx, cancel := context.WithCancel(context.Background())
	change(t, s, func(context.Context, host.Tx) error {
		cancel()
		tells(t, "second update", s.Update(ctx, nothing), host.Interrupted, "interrupted")
		return nil
	})
}

func TestDiskFull(t *testing.T) {
	s, ids := authorized(t, 1)
	ctx := context.Background()
	var pages int
	if err := s.RawDB().QueryRow("pragma page_count").Scan(&pages); err != nil {
		t.Fatal(err)
	}
	if err := s.Raw(ctx, fmt.Sprintf("pragma max_page_count = %d", pages)); err != nil {
		t.Fatal(err)
	}
	fill := func(tx host.Tx) error {
		for i := range 200 {
			if err := tx.Connections().Insert(ctx, hosttest.AConnection(i)); err != nil {
				return err
			}
		}
		return nil
	}
	tells(t, "insert", s.Update(ctx, fill), host.Unavailable, "no space left")
	if err := s.Raw(ctx, "pragma max_page_count = 1000000"); err != nil {
		t.Fatal(err)
	}
	change(t, s, func(ctx context.Context, tx host.Tx) error {
		all, err := tx.Connections().List(ctx)
		if len(all) != 0 {
			t.Errorf("%d connections of an Update that failed", len(all))
		}
		_, openErr := tx.Authorizations().Open(ctx, ids[0])
		if openErr != nil {
			t.Error(openErr)
		}
		return err
	})
	if err := s.Update(ctx, fill); err != nil {
		t.Errorf("with space again: %v", err)
	}
}

func TestReadOnlyFile(t *testing.T) {
	s := open(t, t.TempDir())
	s.Reopen(func(from driver.Driver, dsn string) *sql.DB { return sql.OpenDB(dsnConnector{from, dsn + "&mode=ro"}) })
	ctx := context.Background()
	err := s.Update(ctx, func(tx host.Tx) error { return tx.Connections().Insert(ctx, hosttest.AConnection(1)) })
	tells(t, "write", err, host.Unavailable, "cannot be written")
	if err := s.View(ctx, func(tx host.Tx) error { _, err := tx.Connections().List(ctx); return err }); err != nil {
		t.Errorf("read: %v", err)
	}
}

func TestReadOnlyPlaces(t *testing.T) {
	if os.Geteuid() == 0 {
		asNobody(t) // root may write everywhere
		return
	}
	dir := t.TempDir()
	ctx := context.Background()
	s := open(t, dir)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "store.db")
	if err := os.Chmod(path, 0o400); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(ctx, path, store.Options{})
	if err == nil {
		defer s.Close()
		err = s.Update(ctx, func(tx host.Tx) error { return tx.Connections().Insert(ctx, hosttest.AConnection(1)) })
	}
	tells(t, "read-only file", err, host.Unavailable, "cannot be")
	if err := os.Chmod(path, 0o000); err != nil {
		t.Fatal(err)
	}
	_, err = store.Open(ctx, path, store.Options{})
	tells(t, "unreadable file", err, host.Unavailable, "cannot be opened")
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(dir, 0o700) })
	_, err = store.Open(ctx, filepath.Join(dir, "other.db"), store.Options{})
	tells(t, "read-only directory", err, host.Unavailable, "cannot be opened")
}

// asNobody runs the test that asks for it again, as a user who owns nothing.
func asNobody(t *testing.T) {
	t.Helper()
	const nobody = 65534
	dir, err := os.MkdirTemp("/tmp", "connhost-test-") // a place that everybody reaches
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	binary, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "test")
	if err := errors.Join(os.WriteFile(program, binary, 0o755), os.Chmod(dir, 0o755)); err != nil {
		t.Fatal(err)
	}
	home := filepath.Join(dir, "tmp")
	if err := errors.Join(os.Mkdir(home, 0o700), os.Chown(home, nobody, nobody)); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "-test.run", "^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), "TMPDIR="+home)
	cmd.Dir = home
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Errorf("as nobody: %v\n%s", err, out)
	}
}
