package hosttest

import (
	"context"
	"errors"
	"testing"

	"github.com/connhost/connhost/host"
)

// testDeleteBinding: the place is free, what stood there stays.
func testDeleteBinding(t *testing.T, c StoreCase) {
	s := c.fresh(t)
	var a host.Authorization
	var bind host.Binding
	update(t, s, func(ctx context.Context, tx host.Tx) (err error) {
		_, a, bind, err = place(ctx, tx, 1)
		return err
	})
	update(t, s, func(ctx context.Context, tx host.Tx) error { return tx.Bindings().Delete(ctx, bind.ID) })
	view(t, s, func(ctx context.Context, tx host.Tx) error {
		_, err := tx.Bindings().Find(ctx, bind.Connection, bind.Environment, bind.User)
		notFound(t, "a deleted binding", err)
		got, err := tx.Authorizations().Find(ctx, a.ID)
		same(t, "its authorization", got, a, err)
		all, err := tx.Authorizations().List(ctx, "")
		same(t, "all authorizations", all, []host.Authorization{a}, err)
		return nil
	})
	refused(t, s, host.NotFound, func(ctx context.Context, tx host.Tx) error { return tx.Bindings().Delete(ctx, bind.ID) })
}

// testChangeCredential: what may change does, with a new secret version for a
// new secret only; one that is used is not deleted.
func testChangeCredential(t *testing.T, c StoreCase) {
	s := c.fresh(t)
	one, two := aCredential("acme", 1), aCredential("acme", 2)
	two.Quick = true
	user := AConnection(1)
	user.Credential = one.ID
	update(t, s, func(ctx context.Context, tx host.Tx) error {
		return errors.Join(
			tx.Credentials().Insert(ctx, one, host.NewSecret("first"), aRecord(host.ActCredentialAdd)),
			tx.Credentials().Insert(ctx, two, host.NewSecret("other"), aRecord(host.ActCredentialAdd)),
			tx.Connections().Insert(ctx, user))
	})
	one.Name, one.ClientID, one.SecretVersion = "Renamed", "another-id", 2
	update(t, s, func(ctx context.Context, tx host.Tx) error {
		return errors.Join(tx.Credentials().Save(ctx, one), tx.Credentials().Seal(ctx, one.ID, host.NewSecret("second"), aRecord(host.ActCredentialUpdate)))
	})
	view(t, s, func(ctx context.Context, tx host.Tx) error {
		got, err := tx.Credentials().Find(ctx, one.ID)
		same(t, "changed", got, one, err)
		secret, err := tx.Credentials().Secret(ctx, one.ID)
		same(t, "its secret", secret.Reveal(), "second", err)
		return nil
	})
	refused(t, s, host.Conflict, func(ctx context.Context, tx host.Tx) error {
		second := one
		second.Quick = true
		return tx.Credentials().Save(ctx, second)
	})
	refused(t, s, host.Conflict, func(ctx context.Context, tx host.Tx) error { return tx.Credentials().Delete(ctx, one.ID) })
	update(t, s, func(ctx context.Context, tx host.Tx) error {
		return errors.Join(tx.Connections().Delete(ctx, user.ID), tx.Credentials().Delete(ctx, one.ID))
	})
	for _, f := range []func(ctx context.Context, cs host.Credentials) error{
		func(ctx context.Context, cs host.Credentials) error { return cs.Save(ctx, one) },
		func(ctx context.Context, cs host.Credentials) error {
			return cs.Seal(ctx, one.ID, host.Secret{}, aRecord(host.ActCredentialUpdate))
		},
		func(ctx context.Context, cs host.Credentials) error { return cs.Delete(ctx, one.ID) },
	} {
		refused(t, s, host.NotFound, func(ctx context.Context, tx host.Tx) error { return f(ctx, tx.Credentials()) })
	}
}

func testStops(t *testing.T, c StoreCase) {
	s := c.fresh(t)
	all := host.Stop{ID: host.NewStopID(), Level: host.StopCalls, Kind: host.StopAll, By: host.NewUserID(), At: after(1)}
	acme := host.Stop{ID: host.NewStopID(), Level: host.StopWrites, Kind: host.StopConnector, Target: "acme", Reason: "Zoë said so", By: host.NewUserID(), At: after(2)}
	update(t, s, func(ctx context.Context, tx host.Tx) error {
		return errors.Join(tx.Stops().Insert(ctx, acme), tx.Stops().Insert(ctx, all))
	})
	refused(t, s, host.Conflict, func(ctx context.Context, tx host.Tx) error {
		again := acme
		again.ID = host.NewStopID()
		return tx.Stops().Insert(ctx, again)
	})
	view(t, s, func(ctx context.Context, tx host.Tx) error {
		list, err := tx.Stops().List(ctx)
		same(t, "list", list, []host.Stop{all, acme}, err)
		return nil
	})
	update(t, s, func(ctx context.Context, tx host.Tx) error { return tx.Stops().Delete(ctx, all.ID) })
	refused(t, s, host.NotFound, func(ctx context.Context, tx host.Tx) error { return tx.Stops().Delete(ctx, all.ID) })
}
