package hosttest

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/connhost/connhost/host"
)

func testWindows(t *testing.T, c StoreCase) {
	s := c.fresh(t)
	con := AConnection(1)
	ended, open, others := aWindow(con.ID, 1), aWindow(con.ID, 2), aWindow(con.ID, 3)
	ended.Expires = after(-1)
	secrets := host.WindowSecrets{Verifier: host.NewSecret("verifier"), Params: map[string]host.Secret{"key": host.NewSecret("value")}}
	update(t, s, func(ctx context.Context, tx host.Tx) error {
		if err := tx.Connections().Insert(ctx, con); err != nil {
			return err
		}
		if err := tx.Windows().Insert(ctx, ended, secrets, after(-10)); err != nil {
			return err
		}
		if err := tx.Windows().Insert(ctx, open, secrets, noon); err != nil {
			return err
		}
		return tx.Windows().Insert(ctx, others, host.WindowSecrets{}, noon)
	})
	refused(t, s, host.Conflict, func(ctx context.Context, tx host.Tx) error {
		again := aWindow(con.ID, 2)
		return tx.Windows().Insert(ctx, again, secrets, noon)
	})
	update(t, s, func(ctx context.Context, tx host.Tx) error {
		_, _, err := tx.Windows().Take(ctx, ended.StateHash)
		notFound(t, "an ended window, after another began", err)
		got, gotSecrets, err := tx.Windows().Take(ctx, open.StateHash)
		same(t, "take", got, open, err)
		if gotSecrets.Verifier.Reveal() != "verifier" || gotSecrets.Params["key"].Reveal() != "value" {
			t.Error("other secrets than those of the window")
		}
		_, _, err = tx.Windows().Take(ctx, open.StateHash)
		notFound(t, "taken again", err)
		if err := tx.Windows().DeleteFor(ctx, con.ID, host.NewUserID()); err != nil {
			return err
		}
		if err := tx.Windows().DeleteFor(ctx, con.ID, others.Subject); err != nil {
			return err
		}
		_, _, err = tx.Windows().Take(ctx, others.StateHash)
		notFound(t, "deleted", err)
		for n := range 2 {
			if err := tx.Windows().Insert(ctx, aWindow(con.ID, 10+n), secrets, noon); err != nil {
				return err
			}
		}
		if err := tx.Windows().DeleteFor(ctx, con.ID, ""); err != nil {
			return err
		}
		for n := range 2 {
			_, _, err = tx.Windows().Take(ctx, fmt.Sprintf("state-%d", 10+n))
			notFound(t, "deleted with all of its connection", err)
		}
		return nil
	})
}

// testTakeOnce: of many callbacks with one state, one gets the window.
func testTakeOnce(t *testing.T, c StoreCase) {
	dir := t.TempDir()
	stores := []host.Store{c.Open(t, dir, nil), c.Open(t, dir, nil)}
	con := AConnection(1)
	update(t, stores[0], func(ctx context.Context, tx host.Tx) error {
		if err := tx.Connections().Insert(ctx, con); err != nil {
			return err
		}
		return tx.Windows().Insert(ctx, aWindow(con.ID, 1), host.WindowSecrets{}, noon)
	})
	codes := make([]host.Code, 16)
	var wg sync.WaitGroup
	for i := range codes {
		wg.Go(func() {
			ctx := context.Background()
			codes[i] = host.CodeOf(stores[i%2].Update(ctx, func(tx host.Tx) error {
				_, _, err := tx.Windows().Take(ctx, "state-1")
				return err
			}))
		})
	}
	wg.Wait()
	taken := 0
	for _, code := range codes {
		switch code {
		case "":
			taken++
		case host.NotFound:
		default:
			t.Errorf("got code %s", code)
		}
	}
	if taken != 1 {
		t.Errorf("taken %d times", taken)
	}
}
