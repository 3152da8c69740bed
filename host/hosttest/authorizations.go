package hosttest

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
)

func testAuthorizations(t *testing.T, c StoreCase) {
	s := c.fresh(t)
	a, bare := AnAuthorization(1), host.Authorization{ID: host.NewAuthorizationID(), Connector: "acme", State: host.Connected, Version: 1, SecretVersion: 1, CreatedAt: after(2)}
	update(t, s, func(ctx context.Context, tx host.Tx) error {
		if err := tx.Authorizations().Insert(ctx, bare, host.Secrets{}, aRecord(host.ActAuthorize)); err != nil {
			return err
		}
		return tx.Authorizations().Insert(ctx, a, SomeSecrets("one"), aRecord(host.ActAuthorize))
	})
	view(t, s, func(ctx context.Context, tx host.Tx) error {
		got, err := tx.Authorizations().Find(ctx, a.ID)
		same(t, "find", got, a, err)
		got, err = tx.Authorizations().Find(ctx, bare.ID)
		same(t, "find a bare one", got, bare, err)
		of, err := tx.Authorizations().List(ctx, "acme")
		same(t, "list", of, []host.Authorization{a, bare}, err)
		none, err := tx.Authorizations().List(ctx, "other")
		if len(none) != 0 || err != nil {
			t.Errorf("list of another connector: got %+v, %v", none, err)
		}
		_, err = tx.Authorizations().Find(ctx, "aut_none")
		notFound(t, "find", err)
		return nil
	})
	refused(t, s, host.Conflict, func(ctx context.Context, tx host.Tx) error {
		return tx.Authorizations().Insert(ctx, a, host.Secrets{}, aRecord(host.ActAuthorize))
	})
	testSave(t, s, a)
	testDeleteAuthorization(t, s)
}

// testSave: a copy saves once; the copy of a row that has moved on does not.
func testSave(t *testing.T, s host.Store, a host.Authorization) {
	changed := a
	changed.State, changed.Reason, changed.Lease, changed.Unknown = host.NeedsReauth, "lost", host.Lease{}, false
	changed.RefreshedAt, changed.RefreshExpires, changed.Slides, changed.Due = after(97), after(98), false, after(96)
	changed.Granted, changed.Params, changed.UpdatedAt = nil, map[string]string{"k": "v"}, after(99)
	update(t, s, func(ctx context.Context, tx host.Tx) error { return tx.Authorizations().Save(ctx, changed) })
	changed.Version++
	view(t, s, func(ctx context.Context, tx host.Tx) error {
		got, err := tx.Authorizations().Find(ctx, a.ID)
		same(t, "after save", got, changed, err)
		_, err = tx.Authorizations().Open(ctx, a.ID)
		return err
	})
	refused(t, s, host.Conflict, func(ctx context.Context, tx host.Tx) error { return tx.Authorizations().Save(ctx, a) })
	refused(t, s, host.NotFound, func(ctx context.Context, tx host.Tx) error {
		return tx.Authorizations().Save(ctx, AnAuthorization(7))
	})
}

// testDue: what is to be renewed, and nothing else, the oldest first.
func testDue(t *testing.T, c StoreCase) {
	s := c.fresh(t)
	var want []host.Authorization
	update(t, s, func(ctx context.Context, tx host.Tx) error {
		for i, change := range []func(*host.Authorization){
			func(a *host.Authorization) { a.Due = after(30) },
			func(a *host.Authorization) { a.Due, a.State = after(10), host.Connected },
			func(a *host.Authorization) { a.Due = after(20) },
			func(a *host.Authorization) { a.Due, a.Renewable = after(1), false },
			func(a *host.Authorization) { a.Due, a.State = after(2), host.NeedsReauth },
			func(a *host.Authorization) { a.Due, a.State = after(3), host.RevokedState },
			func(a *host.Authorization) { a.Due = time.Time{} },
		} {
			a := AnAuthorization(i)
			change(&a)
			if err := tx.Authorizations().Insert(ctx, a, host.Secrets{}, aRecord(host.ActAuthorize)); err != nil {
				return err
			}
			want = append(want, a)
		}
		return nil
	})
	want = []host.Authorization{want[1], want[2], want[0]}
	view(t, s, func(ctx context.Context, tx host.Tx) error {
		for before, n := range map[time.Time]int{after(100): 3, after(30): 3, after(29): 2, after(10): 1, after(9): 0, {}: 0} {
			got, err := tx.Authorizations().Due(ctx, before, 10)
			same(t, "due at "+before.String(), append([]host.Authorization{}, got...), want[:n:n], err)
		}
		got, err := tx.Authorizations().Due(ctx, after(100), 2)
		same(t, "the first two", got, want[:2], err)
		return nil
	})
	update(t, s, func(ctx context.Context, tx host.Tx) error { // a renewal moves it
		want[0].Due = after(1000)
		return tx.Authorizations().Save(ctx, want[0])
	})
	view(t, s, func(ctx context.Context, tx host.Tx) error {
		got, err := tx.Authorizations().Due(ctx, after(100), 10)
		same(t, "after a renewal", got, want[1:], err)
		return nil
	})
}

// testDeleteAuthorization: not while it is bound.
func testDeleteAuthorization(t *testing.T, s host.Store) {
	var c host.Connection
	var a host.Authorization
	update(t, s, func(ctx context.Context, tx host.Tx) (err error) {
		c, a, _, err = place(ctx, tx, 8)
		return err
	})
	refused(t, s, host.Conflict, func(ctx context.Context, tx host.Tx) error { return tx.Authorizations().Delete(ctx, a.ID) })
	update(t, s, func(ctx context.Context, tx host.Tx) error {
		if err := tx.Connections().Delete(ctx, c.ID); err != nil {
			return err
		}
		return tx.Authorizations().Delete(ctx, a.ID)
	})
	refused(t, s, host.NotFound, func(ctx context.Context, tx host.Tx) error { return tx.Authorizations().Delete(ctx, a.ID) })
}

// sameSecrets compares the values, which nothing else shows.
func sameSecrets(t *testing.T, got, want host.Secrets) {
	t.Helper()
	if got.Access.Reveal() != want.Access.Reveal() || got.Refresh.Reveal() != want.Refresh.Reveal() || len(got.Params) != len(want.Params) {
		t.Errorf("other secrets than those sealed")
	}
	for key, secret := range want.Params {
		if got.Params[key].Reveal() != secret.Reveal() {
			t.Errorf("another secret %q than that sealed", key)
		}
	}
}

// testSecrets: what is sealed opens; Seal raises both versions and tells the
// audit chain; Save touches no secret.
func testSecrets(t *testing.T, c StoreCase) {
	s := c.fresh(t)
	a := AnAuthorization(1)
	update(t, s, func(ctx context.Context, tx host.Tx) error {
		return tx.Authorizations().Insert(ctx, a, SomeSecrets("one"), aRecord(host.ActAuthorize))
	})
	update(t, s, func(ctx context.Context, tx host.Tx) error {
		first, err := tx.Authorizations().Open(ctx, a.ID)
		if err != nil {
			return err
		}
		sameSecrets(t, first, SomeSecrets("one"))
		if err := tx.Authorizations().Save(ctx, a); err != nil {
			return err
		}
		return tx.Authorizations().Seal(ctx, a.ID, SomeSecrets("two"), aRecord(host.ActRefresh))
	})
	update(t, s, func(ctx context.Context, tx host.Tx) error { // a version that was read too early must not lock the row
		return tx.Audit().Append(ctx, host.Record{At: noon, Act: host.ActRefreshFailed, Object: string(a.ID), SecretVersion: 1})
	})
	view(t, s, func(ctx context.Context, tx host.Tx) error {
		second, err := tx.Authorizations().Open(ctx, a.ID)
		if err != nil {
			return err
		}
		sameSecrets(t, second, SomeSecrets("two"))
		got, err := tx.Authorizations().Find(ctx, a.ID)
		if got.SecretVersion != 2 || got.Version != 3 || err != nil {
			t.Errorf("got secret version %d, version %d, %v; want 2, 3", got.SecretVersion, got.Version, err)
		}
		records, err := tx.Audit().List(ctx, string(a.ID))
		if len(records) != 3 || records[0].SecretVersion != 1 || records[1].SecretVersion != 2 || err != nil {
			t.Errorf("audit: got %+v, %v", records, err)
		}
		_, err = tx.Authorizations().Open(ctx, "aut_none")
		notFound(t, "open", err)
		return nil
	})
	refused(t, s, host.NotFound, func(ctx context.Context, tx host.Tx) error {
		return tx.Authorizations().Seal(ctx, "aut_none", host.Secrets{}, aRecord(host.ActRefresh))
	})
	testEmptySecrets(t, s)
}

func testEmptySecrets(t *testing.T, s host.Store) {
	a := AnAuthorization(2)
	update(t, s, func(ctx context.Context, tx host.Tx) error {
		return tx.Authorizations().Insert(ctx, a, host.Secrets{}, aRecord(host.ActAuthorize))
	})
	view(t, s, func(ctx context.Context, tx host.Tx) error {
		got, err := tx.Authorizations().Open(ctx, a.ID)
		if !got.Access.Empty() || !got.Refresh.Empty() || len(got.Params) != 0 {
			t.Errorf("secrets where none were sealed")
		}
		return err
	})
}

func testBindings(t *testing.T, c StoreCase) {
	s := c.fresh(t)
	var con host.Connection
	var a host.Authorization
	var shared host.Binding
	update(t, s, func(ctx context.Context, tx host.Tx) (err error) {
		con, a, shared, err = place(ctx, tx, 1)
		return err
	})
	mine := host.Binding{ID: host.NewBindingID(), Connection: con.ID, Environment: host.Stage, User: host.NewUserID(), Authorization: a.ID}
	replaced := mine
	replaced.ID, replaced.Disabled = host.NewBindingID(), true
	update(t, s, func(ctx context.Context, tx host.Tx) error {
		if err := tx.Bindings().Put(ctx, mine); err != nil {
			return err
		}
		return tx.Bindings().Put(ctx, replaced)
	})
	view(t, s, func(ctx context.Context, tx host.Tx) error {
		got, err := tx.Bindings().Find(ctx, con.ID, host.Shared, "")
		same(t, "shared, nobody", got, shared, err)
		got, err = tx.Bindings().Find(ctx, con.ID, host.Stage, mine.User)
		same(t, "stage, a user", got, replaced, err)
		all, err := tx.Bindings().OfConnection(ctx, con.ID)
		same(t, "of the connection", all, []host.Binding{shared, replaced}, err)
		all, err = tx.Bindings().OfAuthorization(ctx, a.ID)
		same(t, "of the authorization", all, []host.Binding{shared, replaced}, err)
		_, err = tx.Bindings().Find(ctx, con.ID, host.Shared, mine.User)
		notFound(t, "another place", err)
		return nil
	})
	err := refused(t, s, host.NotFound, func(ctx context.Context, tx host.Tx) error {
		lost := mine
		lost.ID, lost.Environment, lost.Authorization = host.NewBindingID(), host.Production, "aut_none"
		return tx.Bindings().Put(ctx, lost)
	})
	if err != nil && strings.Contains(err.Error(), "FOREIGN") {
		t.Errorf("the sentence is the library's: %q", err)
	}
}
