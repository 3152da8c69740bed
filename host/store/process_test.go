package store_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/hosttest"
	"github.com/connhost/connhost/host/seal"
	"github.com/connhost/connhost/host/store"
)

// The tests here run the test binary again as other processes. A child does
// one thing with the store in a directory and says on stdout how far it is.

func TestMain(m *testing.M) {
	if len(os.Args) == 5 && os.Args[1] == "store-child" {
		if err := child(os.Args[2], os.Args[3], os.Args[4]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func child(act, dir, arg string) error {
	ctx := context.Background()
	s, err := openIn(ctx, dir)
	if err != nil {
		return err
	}
	defer s.Close()
	id := host.AuthorizationID(arg)
	switch act {
	case "increment":
		for range 25 {
			if err := hosttest.Increment(ctx, s, id); err != nil {
				return err
			}
		}
		return nil
	case "count": // until it is killed
		for n := 1; ; n++ {
			if err := hosttest.Increment(ctx, s, id); err != nil {
				return err
			}
			fmt.Println(n)
		}
	case "hold": // until it is killed
		return s.Update(ctx, func(tx host.Tx) error {
			err := errors.Join(
				tx.Connections().Insert(ctx, hosttest.AConnection(1)),
				tx.Authorizations().Seal(ctx, id, hosttest.SomeSecrets("killed"), host.Record{Act: host.ActRefresh}))
			fmt.Println("holding")
			_, _ = io.Copy(io.Discard, os.Stdin)
			return err
		})
	case "rotate":
		return childRotate(ctx, s)
	case "churn":
		return childChurn(ctx, s)
	case "first":
		return s.Update(ctx, func(tx host.Tx) error {
			return tx.Authorizations().Insert(ctx, hosttest.AnAuthorization(1), hosttest.SomeSecrets("first"), host.Record{Act: host.ActAuthorize})
		})
	}
	return fmt.Errorf("no act %q", act)
}

func openIn(ctx context.Context, dir string) (*store.Store, error) {
	s, err := store.Open(ctx, filepath.Join(dir, "store.db"), store.Options{})
	if err != nil {
		return nil, err
	}
	id, err := s.KeyID(ctx)
	if err != nil {
		return nil, err
	}
	k, err := seal.Open(filepath.Join(dir, "key"), id)
	if err != nil {
		return nil, err
	}
	return s, s.Unlock(ctx, k)
}

func command(t *testing.T, act, dir, arg string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, "store-child", act, dir, arg)
	cmd.Stderr = os.Stderr
	return cmd
}

// started starts a child and gives its lines, its stdin and what kills it.
func started(t *testing.T, act, dir string, id host.AuthorizationID) (*bufio.Scanner, func()) {
	t.Helper()
	cmd := command(t, act, dir, string(id))
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	// A pipe of our own: that of StdoutPipe is closed by Wait, with what the
	// process had said and nobody had read.
	out, w, err := os.Pipe()
	if err == nil {
		cmd.Stdout = w
		err = errors.Join(cmd.Start(), w.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = out.Close() })
	var once sync.Once
	kill := func() {
		once.Do(func() {
			_ = cmd.Process.Signal(syscall.SIGKILL)
			_ = cmd.Wait()
			_ = in.Close()
		})
	}
	t.Cleanup(kill)
	return bufio.NewScanner(out), kill
}

// counting gives a store with an authorization whose count is 0.
func counting(t *testing.T, dir string) (*store.Store, host.AuthorizationID) {
	t.Helper()
	s, a := open(t, dir), hosttest.AnAuthorization(1)
	a.AccountKey = "0"
	change(t, s, func(ctx context.Context, tx host.Tx) error {
		return tx.Authorizations().Insert(ctx, a, hosttest.SomeSecrets("first"), host.Record{Act: host.ActAuthorize})
	})
	return s, a.ID
}

// count reads it again, and that everything else is whole.
func count(t *testing.T, s *store.Store, id host.AuthorizationID) int {
	t.Helper()
	var n int
	change(t, s, func(ctx context.Context, tx host.Tx) error {
		a, err := tx.Authorizations().Find(ctx, id)
		if err != nil {
			return err
		}
		if n, err = strconv.Atoi(a.AccountKey); err != nil || a.Version != int64(n)+1 {
			t.Errorf("count %d at version %d, %v", n, a.Version, err)
		}
		if _, err := tx.Authorizations().Open(ctx, id); err != nil {
			t.Error(err)
		}
		if whole, err := store.Column[string](tx, "pragma integrity_check"); whole != "ok" || err != nil {
			t.Errorf("integrity: %s, %v", whole, err)
		}
		records, err := tx.Audit().List(ctx, "")
		return errors.Join(err, store.Verify(records))
	})
	return n
}

func TestProcessesLoseNothing(t *testing.T) {
	dir := t.TempDir()
	s, id := counting(t, dir)
	var wg sync.WaitGroup
	for range 4 {
		cmd := command(t, "increment", dir, string(id))
		wg.Go(func() {
			if err := cmd.Run(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := count(t, s, id); got != 100 {
		t.Errorf("got %d, want 100", got)
	}
}

func TestProcessesMakeOneStore(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	var wg sync.WaitGroup
	for range 6 {
		cmd := command(t, "first", dir, "-")
		wg.Go(func() {
			if err := cmd.Run(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	change(t, open(t, dir), func(ctx context.Context, tx host.Tx) error {
		all, err := tx.Authorizations().List(ctx, "acme")
		if len(all) != 6 {
			t.Errorf("got %d authorizations, want 6", len(all))
		}
		for _, a := range all {
			if _, err := tx.Authorizations().Open(ctx, a.ID); err != nil {
				t.Error(err)
			}
		}
		return err
	})
}

func TestKillWithinATransactionLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	s, id := counting(t, dir)
	lines, kill := started(t, "hold", dir, id)
	if !lines.Scan() {
		t.Fatal("the child did not begin")
	}
	kill()
	if got := count(t, s, id); got != 0 {
		t.Errorf("got %d, want 0", got)
	}
	change(t, s, func(ctx context.Context, tx host.Tx) error {
		all, err := tx.Connections().List(ctx)
		if len(all) != 0 {
			t.Errorf("left: %+v", all)
		}
		return err
	})
}

func TestKillLosesNoCommit(t *testing.T) {
	dir := t.TempDir()
	s, id := counting(t, dir)
	base := 0
	for round := range 5 {
		lines, kill := started(t, "count", dir, id)
		said := 0
		for said < 3+round && lines.Scan() {
			said, _ = strconv.Atoi(lines.Text())
		}
		kill()
		for lines.Scan() { // said before it died
			said, _ = strconv.Atoi(lines.Text())
		}
		got := count(t, s, id)
		if got < base+said || got > base+said+1 {
			t.Fatalf("got %d after %d + %d commits", got, base, said)
		}
		base = got
	}
}
