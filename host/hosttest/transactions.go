package hosttest

import (
	"context"
	"errors"
	"maps"
	"strconv"
	"sync"
	"testing"

	"github.com/connhost/connhost/host"
)

func testAudit(t *testing.T, c StoreCase) {
	s := c.fresh(t)
	update(t, s, func(ctx context.Context, tx host.Tx) error {
		for i := range 5 {
			r := aRecord(host.ActUserAdd)
			r.At, r.Object = after(i), "usr_"+strconv.Itoa(i%2)
			r.Detail = map[string]string{"b": "\xff", "\xfe": "", "a": strconv.Itoa(i), "c": ""}
			if i == 4 {
				r.Detail = nil
			}
			if err := tx.Audit().Append(ctx, r); err != nil {
				return err
			}
		}
		return nil
	})
	var all []host.Record
	view(t, s, func(ctx context.Context, tx host.Tx) (err error) {
		if all, err = tx.Audit().List(ctx, ""); err != nil {
			return err
		}
		of, err := tx.Audit().List(ctx, "usr_1")
		same(t, "list of an object", of, []host.Record{all[1], all[3]}, err)
		for n, want := range map[int][]host.Record{1: {all[4]}, 2: {all[2], all[4]}, 9: {all[0], all[2], all[4]}} {
			last, err := tx.Audit().Last(ctx, "usr_0", n)
			same(t, "the last "+strconv.Itoa(n)+" of an object", last, want, err)
		}
		if none, err := tx.Audit().Last(ctx, "usr_9", 2); len(none) != 0 || err != nil {
			t.Errorf("the last of nothing: %+v, %v", none, err)
		}
		return err
	})
	if err := c.Verify(all); err != nil || len(all) != 5 {
		t.Fatalf("verify %d records: %v", len(all), err)
	}
	testBrokenChain(t, c, all)
	testSpliced(t, c)
}

// testSpliced: a record belongs to the chain before it, even if it says the
// same in another.
func testSpliced(t *testing.T, c StoreCase) {
	var chains [2][]host.Record
	for i := range chains {
		s := c.fresh(t)
		update(t, s, func(ctx context.Context, tx host.Tx) error {
			first, second := host.Record{At: noon, Act: host.ActUserAdd, Object: strconv.Itoa(i)}, host.Record{At: noon, Act: host.ActUserRole}
			return errors.Join(tx.Audit().Append(ctx, first), tx.Audit().Append(ctx, second))
		})
		view(t, s, func(ctx context.Context, tx host.Tx) (err error) {
			chains[i], err = tx.Audit().List(ctx, "")
			return err
		})
	}
	if c.Verify([]host.Record{chains[0][0], chains[1][1]}) == nil {
		t.Error("a record of another chain is not noticed")
	}
}

// testBrokenChain: no change of a chain goes unnoticed.
func testBrokenChain(t *testing.T, c StoreCase, all []host.Record) {
	for name, change := range map[string]func(r *host.Record){
		"time":           func(r *host.Record) { r.At = r.At.Add(1e6) },
		"who":            func(r *host.Record) { r.By = "" },
		"act":            func(r *host.Record) { r.Act = host.ActRevoke },
		"object":         func(r *host.Record) { r.Object += "0" },
		"detail":         func(r *host.Record) { r.Detail = map[string]string{"a": "2"} },
		"secret version": func(r *host.Record) { r.SecretVersion++ },
		"hash":           func(r *host.Record) { r.Hash = all[0].Hash },
		"number":         func(r *host.Record) { r.Seq++ },
	} {
		broken := append([]host.Record(nil), all...)
		broken[2].Detail = maps.Clone(broken[2].Detail)
		change(&broken[2])
		if c.Verify(broken) == nil {
			t.Errorf("a changed %s is not noticed", name)
		}
	}
	for name, broken := range map[string][]host.Record{
		"without the first": all[1:],
		"without one":       {all[0], all[1], all[3]},
		"exchanged":         {all[1], all[0]},
		"doubled":           {all[0], all[0]},
	} {
		if c.Verify(broken) == nil {
			t.Errorf("a chain %s is not noticed", name)
		}
	}
}

// testRollback: an error, a panic and an ended context leave nothing.
func testRollback(t *testing.T, c StoreCase) {
	s := c.fresh(t)
	boom := errors.New("boom")
	ctx, cancel := context.WithCancel(context.Background())
	err := s.Update(ctx, func(tx host.Tx) error { return errors.Join(tx.Users().Insert(ctx, aUser(1)), boom) })
	if !errors.Is(err, boom) {
		t.Errorf("got %v, want the function's error", err)
	}
	err = s.Update(ctx, func(tx host.Tx) error {
		defer cancel()
		return tx.Users().Insert(ctx, aUser(1))
	})
	if !errors.Is(err, context.Canceled) || host.CodeOf(err) != host.Interrupted {
		t.Errorf("got %v, want canceled", err)
	}
	func() {
		defer func() {
			if recover() != boom {
				t.Error("the panic did not arrive")
			}
		}()
		_ = s.Update(context.Background(), func(tx host.Tx) error {
			_ = tx.Users().Insert(context.Background(), aUser(1))
			panic(boom)
		})
	}()
	view(t, s, func(ctx context.Context, tx host.Tx) error {
		all, err := tx.Users().List(ctx)
		records, auditErr := tx.Audit().List(ctx, "")
		if len(all)+len(records) != 0 {
			t.Errorf("left: %+v %+v", all, records)
		}
		return errors.Join(err, auditErr)
	})
	update(t, s, func(ctx context.Context, tx host.Tx) error { return tx.Users().Insert(ctx, aUser(1)) })
	err = s.View(context.Background(), func(tx host.Tx) error { return tx.Users().Insert(context.Background(), aUser(2)) })
	if host.CodeOf(err) != host.Internal {
		t.Errorf("a View wrote, or says something else than that it is our mistake: %v", err)
	}
}

// Increment adds one to a number that an authorization carries, by reading,
// changing and writing it, as a refresh does with its tokens.
func Increment(ctx context.Context, s host.Store, id host.AuthorizationID) error {
	return s.Update(ctx, func(tx host.Tx) error {
		a, err := tx.Authorizations().Find(ctx, id)
		if err != nil {
			return err
		}
		n, err := strconv.Atoi(a.AccountKey)
		if err != nil {
			return err
		}
		a.AccountKey = strconv.Itoa(n + 1)
		return tx.Authorizations().Save(ctx, a)
	})
}

// testIsolation: nothing is lost between a read and a write.
func testIsolation(t *testing.T, c StoreCase) {
	const workers, rounds = 8, 10
	dir := t.TempDir()
	stores := []host.Store{c.Open(t, dir, nil), c.Open(t, dir, nil)}
	a := AnAuthorization(1)
	a.AccountKey = "0"
	update(t, stores[0], func(ctx context.Context, tx host.Tx) error {
		return tx.Authorizations().Insert(ctx, a, host.Secrets{}, aRecord(host.ActAuthorize))
	})
	var wg sync.WaitGroup
	for i := range workers {
		wg.Go(func() {
			for range rounds {
				if err := Increment(context.Background(), stores[i%2], a.ID); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	view(t, stores[1], func(ctx context.Context, tx host.Tx) error {
		got, err := tx.Authorizations().Find(ctx, a.ID)
		if got.AccountKey != strconv.Itoa(workers*rounds) || got.Version != workers*rounds+1 {
			t.Errorf("got %s at version %d, want %d", got.AccountKey, got.Version, workers*rounds)
		}
		return err
	})
}

// testGeneration: every commit changes it, of this store and of another;
// reading does not.
func testGeneration(t *testing.T, c StoreCase) {
	dir := t.TempDir()
	s, other := c.Open(t, dir, nil), c.Open(t, dir, nil)
	generation := func() int64 {
		t.Helper()
		n, err := s.Generation(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	last := generation()
	for i, writer := range []host.Store{s, other, s, other} {
		update(t, writer, func(ctx context.Context, tx host.Tx) error { return tx.Users().Insert(ctx, aUser(i)) })
		if now := generation(); now == last {
			t.Errorf("commit %d did not change the generation", i)
		} else {
			last = now
		}
		view(t, writer, func(ctx context.Context, tx host.Tx) error { _, err := tx.Users().List(ctx); return err })
		if now := generation(); now != last {
			t.Errorf("reading changed the generation")
		}
	}
}

// testDurability: what was committed is there when the store opens again.
func testDurability(t *testing.T, c StoreCase) {
	dir := t.TempDir()
	s := c.Open(t, dir, nil)
	var con host.Connection
	var a host.Authorization
	update(t, s, func(ctx context.Context, tx host.Tx) (err error) {
		con, a, _, err = place(ctx, tx, 1)
		return err
	})
	closeStore(t, s)
	again := c.Open(t, dir, nil)
	view(t, again, func(ctx context.Context, tx host.Tx) error {
		got, err := tx.Connections().FindLink(ctx, con.LinkName)
		same(t, "connection", got, con, err)
		secrets, err := tx.Authorizations().Open(ctx, a.ID)
		sameSecrets(t, secrets, SomeSecrets("word"))
		return err
	})
	if _, err := s.Generation(context.Background()); err == nil {
		t.Error("a closed store answers")
	}
	if err := s.View(context.Background(), func(host.Tx) error { return nil }); err == nil {
		t.Error("a closed store opens a View")
	}
}
