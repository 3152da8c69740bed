package store_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/hosttest"
)

// Those that a person has to be told of, until they are: and nobody who serves
// no connection.
func TestAilingGivesWhatNobodyWasToldOf(t *testing.T) {
	s := open(t, t.TempDir())
	now := time.Now().UTC().Truncate(time.Millisecond)
	ids := map[string]host.AuthorizationID{}
	change(t, s, func(ctx context.Context, tx host.Tx) error {
		con := hosttest.AConnection(1)
		if err := tx.Connections().Insert(ctx, con); err != nil {
			return err
		}
		for i, c := range []struct {
			name  string
			alter func(*host.Authorization)
		}{
			{"well", func(*host.Authorization) {}},
			{"dead", func(a *host.Authorization) { a.State = host.NeedsReauth }},
			{"unused", func(a *host.Authorization) { a.State = host.NeedsReauth }},
			{"ends soon", func(a *host.Authorization) { a.State, a.TokenExpires = host.Expiring, now.Add(time.Hour) }},
			{"ends late", func(a *host.Authorization) { a.State, a.TokenExpires = host.Expiring, now.Add(900*time.Hour) }},
			{"refresh token ends", func(a *host.Authorization) { a.RefreshExpires = now.Add(time.Hour) }},
			{"refresh token slides", func(a *host.Authorization) { a.RefreshExpires, a.Slides = now.Add(time.Hour), true }},
		} {
			a := hosttest.AnAuthorization(i)
			a.State, a.RefreshExpires, a.Slides = host.Connected, time.Time{}, false
			c.alter(&a)
			ids[c.name] = a.ID
			err := tx.Authorizations().Insert(ctx, a, hosttest.SomeSecrets("x"), host.Record{Act: host.ActAuthorize})
			if err == nil && c.name != "unused" {
				err = tx.Bindings().Put(ctx, host.Binding{ID: host.NewBindingID(), Connection: con.ID, Environment: host.Environment(c.name), Authorization: a.ID})
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	want := func(names ...string) {
		t.Helper()
		change(t, s, func(ctx context.Context, tx host.Tx) error {
			list, err := tx.Notices().Ailing(ctx, now.Add(24*time.Hour), false, 10)
			var got, all []host.AuthorizationID
			for _, a := range list {
				got = append(got, a.ID)
			}
			for _, name := range names {
				all = append(all, ids[name])
			}
			if !slices.Equal(got, all) {
				t.Errorf("got %v, want %v", got, names)
			}
			return err
		})
	}
	want("dead", "ends soon", "refresh token ends")
	change(t, s, func(ctx context.Context, tx host.Tx) error {
		n := host.Notice{ID: host.NewNoticeID(), Kind: host.NoticeReauth, Object: string(ids["dead"]), Episode: "1", State: host.NoticePending, At: now}
		first, err := tx.Notices().Put(ctx, n)
		n.ID = host.NewNoticeID()
		second, again := tx.Notices().Put(ctx, n)
		if !first || second {
			t.Errorf("put: %t, %t", first, second)
		}
		return errors.Join(err, again)
	})
	want("ends soon", "refresh token ends")
	change(t, s, func(ctx context.Context, tx host.Tx) error {
		return tx.Authorizations().Seal(ctx, ids["dead"], hosttest.SomeSecrets("y"), host.Record{Act: host.ActRefresh})
	})
	want("dead", "ends soon", "refresh token ends")
}
