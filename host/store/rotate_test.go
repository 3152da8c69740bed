package store_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/hosttest"
	"github.com/connhost/connhost/host/seal"
	"github.com/connhost/connhost/host/store"
)

// childRotate changes the key again and again, until it is killed.
func childRotate(ctx context.Context, s *store.Store) error {
	for {
		r, err := s.RotateKey(ctx, false, host.Record{})
		if err == nil && len(r.Unopened) > 0 {
			err = fmt.Errorf("rows do not open: %v", r.Unopened)
		}
		if err != nil {
			return err
		}
		fmt.Println(r.Key)
	}
}

// childChurn inserts rows, seals others anew, and opens all, until it is killed.
func childChurn(ctx context.Context, s *store.Store) error {
	for n := 1; ; n++ {
		a := hosttest.AnAuthorization(n)
		err := s.Update(ctx, func(tx host.Tx) error {
			return errors.Join(
				tx.Authorizations().Insert(ctx, a, hosttest.SomeSecrets("inserted"), host.Record{Act: host.ActAuthorize}),
				tx.Credentials().Insert(ctx, host.ClientCredential{ID: host.NewCredentialID()}, host.NewSecret("client secret"), host.Record{Act: host.ActCredentialAdd}))
		})
		if err != nil {
			return fmt.Errorf("insert: %w", err)
		}
		if err := refreshSome(ctx, s); err != nil {
			return fmt.Errorf("refresh: %w", err)
		}
		if err := opensAll(ctx, s); err != nil {
			return fmt.Errorf("open: %w", err)
		}
		fmt.Println(n)
	}
}

// refreshSome does to some rows what a refresh does: find, save, seal.
func refreshSome(ctx context.Context, s *store.Store) error {
	return s.Update(ctx, func(tx host.Tx) error {
		all, err := tx.Authorizations().List(ctx, "acme")
		if err != nil {
			return err
		}
		for range 3 {
			a := all[rand.IntN(len(all))]
			if a, err = tx.Authorizations().Find(ctx, a.ID); err != nil {
				return err
			}
			secrets, err := tx.Authorizations().Open(ctx, a.ID)
			if err != nil {
				return err
			}
			if err := tx.Authorizations().Save(ctx, a); err != nil {
				return err
			}
			if err := tx.Authorizations().Seal(ctx, a.ID, secrets, host.Record{Act: host.ActRefresh}); err != nil {
				return err
			}
		}
		return nil
	})
}

func opensAll(ctx context.Context, s *store.Store) error {
	return s.View(ctx, func(tx host.Tx) error {
		all, err := tx.Authorizations().List(ctx, "acme")
		if err != nil {
			return err
		}
		for _, a := range all {
			if _, err := tx.Authorizations().Open(ctx, a.ID); err != nil {
				return errors.Join(err, errors.Unwrap(err))
			}
		}
		creds, err := tx.Credentials().List(ctx, "")
		for _, c := range creds {
			if _, err := tx.Credentials().Secret(ctx, c.ID); err != nil {
				return errors.Join(err, errors.Unwrap(err))
			}
		}
		return err
	})
}

// security.md, At rest: the key is rotated under load and killed midway, at
// random moments, and no row is unreadable: not for those who read and write
// meanwhile, and not afterwards.
func TestAtRestRotationSurvivesKill(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	change(t, s, func(ctx context.Context, tx host.Tx) error {
		for i := range 300 {
			if err := tx.Authorizations().Insert(ctx, hosttest.AnAuthorization(i), hosttest.SomeSecrets("first"), host.Record{Act: host.ActAuthorize}); err != nil {
				return err
			}
		}
		return nil
	})
	churn, stopChurn := started(t, "churn", dir, "-")
	worked := make(chan int)
	go func() {
		n := 0
		for churn.Scan() {
			n++
		}
		worked <- n
	}()
	rounds := 20
	if testing.Short() {
		rounds = 5
	}
	finished, resumed := 0, 0
	ctx := context.Background()
	for range rounds {
		lines, kill := started(t, "rotate", dir, "-")
		done := make(chan int)
		go func() {
			n := 0
			for lines.Scan() {
				n++
			}
			done <- n
		}()
		time.Sleep(time.Duration(20+rand.IntN(180)) * time.Millisecond)
		kill()
		finished += <-done
		if err := opensAll(ctx, s); err != nil { // this process has the first key
			t.Fatal(err)
		}
		again, err := openIn(ctx, dir)
		if err != nil {
			t.Fatal(err)
		}
		if uses, err := again.KeyUses(ctx); err != nil {
			t.Error(err)
		} else if len(uses) > 1 {
			resumed++
		}
		if err := opensAll(ctx, again); err != nil {
			t.Error(err)
		}
		_ = again.Close()
	}
	stopChurn()
	n := <-worked
	t.Logf("%d rotations came to their end, %d of %d were killed midway; the load went round %d times", finished, resumed, rounds, n)
	if n < 3 {
		t.Errorf("the load went round %d times: it could not read or write", n)
	}
	r, err := s.RotateKey(ctx, false, host.Record{})
	if err != nil || len(r.Unopened) > 0 {
		t.Fatalf("%+v, %v", r, err)
	}
	uses, err := s.KeyUses(ctx)
	if err != nil || len(uses) != 1 || !uses[0].Primary || uses[0].Rows < 300 {
		t.Errorf("got %+v, %v", uses, err)
	}
	if err := opensAll(ctx, s); err != nil {
		t.Error(err)
	}
	if report := verify(t, s); len(report.Faults) > 0 {
		t.Errorf("got %+v", report.Faults)
	}
	if info, err := os.Stat(filepath.Join(dir, "key")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key file: %v, %v", info.Mode(), err)
	}
}

// A copy of the store from before opens with the key that was kept.
func TestAtRestTheKeyBeforeIsKept(t *testing.T) {
	dir, ctx := t.TempDir(), context.Background()
	s := furnished(t, dir)
	before, err := s.KeyID(ctx)
	if err != nil {
		t.Fatal(err)
	}
	altering(t, dir, "vacuum into '"+filepath.Join(dir, "backup.db")+"'")
	r, err := s.RotateKey(ctx, false, host.Record{By: "usr_1"})
	if err != nil || r.Resumed || r.Rows != 2 || r.Key == before || r.Kept != filepath.Join(dir, "key."+before) {
		t.Fatalf("got %+v, %v", r, err)
	}
	old, err := store.Open(ctx, filepath.Join(dir, "backup.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer old.Close()
	unlock(t, old, r.Kept)
	if err := opensAll(ctx, old); err != nil {
		t.Error(err)
	}
	if again, err := s.RotateKey(ctx, true, host.Record{}); err != nil || again.Kept != "" || again.Key == r.Key {
		t.Errorf("got %+v, %v", again, err)
	}
	if _, err := os.Stat(filepath.Join(dir, "key."+r.Key)); err == nil {
		t.Error("a key that was to be forgotten was kept")
	}
}

// A row that no key opens does not stand in the way and is told.
func TestAtRestRotationTellsOfAnAlteredRow(t *testing.T) {
	dir, ctx := t.TempDir(), context.Background()
	s := furnished(t, dir)
	altering(t, dir, "update credentials set client_secret = substr(client_secret, 1, 20)")
	r, err := s.RotateKey(ctx, false, host.Record{})
	if err != nil || r.Rows != 1 || len(r.Unopened) != 1 {
		t.Errorf("got %+v, %v", r, err)
	}
	uses, err := s.KeyUses(ctx)
	if err != nil || len(uses) != 2 || !slices.ContainsFunc(uses, func(u host.KeyUse) bool { return !u.Present && u.Rows == 1 }) {
		t.Errorf("got %+v, %v", uses, err)
	}
	if again, err := s.RotateKey(ctx, false, host.Record{}); err != nil || again.Resumed || len(again.Unopened) != 1 {
		t.Errorf("got %+v, %v", again, err)
	}
}

// A process with the key before in its memory does not seal with it any more.
func TestAtRestNobodySealsWithTheKeyBefore(t *testing.T) {
	dir, ctx := t.TempDir(), context.Background()
	s := furnished(t, dir)
	other, err := openIn(ctx, dir)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	r, err := s.RotateKey(ctx, true, host.Record{})
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Update(ctx, func(tx host.Tx) error {
		return tx.Authorizations().Insert(ctx, hosttest.AnAuthorization(7), hosttest.SomeSecrets("x"), host.Record{Act: host.ActAuthorize})
	}); err != nil {
		t.Fatal(err)
	}
	uses, err := other.KeyUses(ctx)
	if err != nil || len(uses) != 1 || uses[0].ID != r.Key {
		t.Errorf("got %+v, %v", uses, err)
	}
}

// Killed between the key file and the commit: the file is ahead, and the same
// command goes on with its key.
func TestAtRestRotationGoesOnFromTheFile(t *testing.T) {
	dir, ctx := t.TempDir(), context.Background()
	s := furnished(t, dir)
	id, err := s.KeyID(ctx)
	if err != nil {
		t.Fatal(err)
	}
	k, err := seal.Open(filepath.Join(dir, "key"), id)
	if err != nil {
		t.Fatal(err)
	}
	added, err := k.Add()
	if err != nil {
		t.Fatal(err)
	}
	fresh, err := openIn(ctx, dir) // seals with the new key already
	if err != nil {
		t.Fatal(err)
	}
	defer fresh.Close()
	for _, w := range []*store.Store{fresh, s} {
		if err := refreshSome(ctx, w); err != nil {
			t.Fatal(err)
		}
	}
	r, err := s.RotateKey(ctx, false, host.Record{})
	if err != nil || !r.Resumed || r.Key != added || len(r.Unopened) > 0 {
		t.Errorf("got %+v, %v", r, err)
	}
	if err := opensAll(ctx, fresh); err != nil {
		t.Error(err)
	}
	if report := verify(t, fresh); len(report.Faults) > 0 {
		t.Errorf("got %+v", report.Faults)
	}
}
