package hosttest

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/connhost/connhost/host"
)

// same compares what was stored with what is read again.
func same(t *testing.T, what string, got, want any, err error) {
	t.Helper()
	if err != nil {
		t.Errorf("%s: %v", what, err)
	} else if !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\n got %+v\nwant %+v", what, got, want)
	}
}

// notFound holds an error to what a Find of nothing gives.
func notFound(t *testing.T, what string, err error) {
	t.Helper()
	if host.CodeOf(err) != host.NotFound {
		t.Errorf("%s: got %v, want not_found", what, err)
	}
}

func testUsers(t *testing.T, c StoreCase) {
	s := c.fresh(t)
	one, two := aUser(1), aUser(2)
	update(t, s, func(ctx context.Context, tx host.Tx) error {
		for _, u := range []host.User{two, one} {
			if err := tx.Users().Insert(ctx, u); err != nil {
				return err
			}
		}
		one.Name, one.Role = "Other", host.SuperAdmin
		return tx.Users().Save(ctx, one)
	})
	view(t, s, func(ctx context.Context, tx host.Tx) error {
		all, err := tx.Users().List(ctx)
		same(t, "list", all, []host.User{one, two}, err)
		u, err := tx.Users().FindLogin(ctx, "user1")
		same(t, "find by login", u, one, err)
		u, err = tx.Users().Find(ctx, two.ID)
		same(t, "find", u, two, err)
		_, err = tx.Users().FindLogin(ctx, "USER1")
		notFound(t, "other case", err)
		_, err = tx.Users().Find(ctx, "usr_none")
		notFound(t, "no id", err)
		return nil
	})
	err := refused(t, s, host.Conflict, func(ctx context.Context, tx host.Tx) error {
		again := aUser(1)
		return tx.Users().Insert(ctx, again)
	})
	if !strings.Contains(err.Error(), `login "user1" exists`) {
		t.Errorf("got %q", err)
	}
	refused(t, s, host.Conflict, func(ctx context.Context, tx host.Tx) error {
		renamed := two
		renamed.Login = one.Login
		return tx.Users().Save(ctx, renamed)
	})
	refused(t, s, host.NotFound, func(ctx context.Context, tx host.Tx) error { return tx.Users().Save(ctx, aUser(3)) })
	update(t, s, func(ctx context.Context, tx host.Tx) error { return tx.Users().Delete(ctx, two.ID) })
	view(t, s, func(ctx context.Context, tx host.Tx) error {
		_, err := tx.Users().Find(ctx, two.ID)
		notFound(t, "a deleted user", err)
		return nil
	})
	refused(t, s, host.NotFound, func(ctx context.Context, tx host.Tx) error { return tx.Users().Delete(ctx, two.ID) })
}

func testConnectors(t *testing.T, c StoreCase) {
	s := c.fresh(t)
	one, file1 := aConnector("acme", 1)
	two, file2 := aConnector("acme", 2)
	other, file3 := aConnector("other", 3)
	one.Current, other.Current = true, true
	other.Granted, other.Signer, other.SignerKey, other.Source = nil, "", "", ""
	update(t, s, func(ctx context.Context, tx host.Tx) error {
		return errors.Join(tx.Connectors().Insert(ctx, other, file3), tx.Connectors().Insert(ctx, two, file2), tx.Connectors().Insert(ctx, one, file1))
	})
	view(t, s, func(ctx context.Context, tx host.Tx) error {
		all, err := tx.Connectors().List(ctx, "")
		same(t, "list", all, []host.Connector{one, two, other}, err)
		all, err = tx.Connectors().Heads(ctx)
		same(t, "heads", all, []host.Connector{headOf(one), headOf(two), headOf(other)}, err)
		versions, err := tx.Connectors().List(ctx, "acme")
		same(t, "list of an id", versions, []host.Connector{one, two}, err)
		got, err := tx.Connectors().Find(ctx, "acme")
		same(t, "find", got, one, err)
		got, err = tx.Connectors().FindHash(ctx, two.Hash)
		same(t, "find by hash", got, two, err)
		for hash, want := range map[string][]byte{one.Hash: file1, two.Hash: file2, other.Hash: file3} {
			b, err := tx.Connectors().File(ctx, hash)
			same(t, "file "+string(want), b, want, err)
		}
		_, err = tx.Connectors().Find(ctx, "none")
		notFound(t, "find", err)
		_, err = tx.Connectors().FindHash(ctx, "none")
		notFound(t, "find by hash", err)
		_, err = tx.Connectors().File(ctx, "none")
		notFound(t, "file", err)
		return nil
	})
	update(t, s, func(ctx context.Context, tx host.Tx) error {
		return errors.Join(tx.Connectors().SetStage(ctx, two.Hash, host.Published), tx.Connectors().SetCurrent(ctx, two.Hash))
	})
	one.Current, two.Current, two.Stage = false, true, host.Published
	view(t, s, func(ctx context.Context, tx host.Tx) error {
		versions, err := tx.Connectors().List(ctx, "acme")
		same(t, "after SetCurrent", versions, []host.Connector{one, two}, err)
		got, err := tx.Connectors().Find(ctx, "other")
		same(t, "another id", got, other, err)
		return nil
	})
}

// testConnectorRefusals: what is there once, what is used, what is not there.
func testConnectorRefusals(t *testing.T, c StoreCase) {
	s := c.fresh(t)
	one, file1 := aConnector("acme", 1)
	one.Current = true
	pinned := AConnection(1)
	pinned.ConnectorHash = one.Hash
	update(t, s, func(ctx context.Context, tx host.Tx) error {
		return errors.Join(tx.Connectors().Insert(ctx, one, file1), tx.Connections().Insert(ctx, pinned))
	})
	for name, change := range map[string]func(*host.Connector){
		"the same file":           func(c *host.Connector) { c.Hash, c.ID = one.Hash, "another" },
		"the same version":        func(c *host.Connector) { c.Manifest.Version = one.Manifest.Version },
		"another current version": func(c *host.Connector) { c.Current = true },
	} {
		t.Run(name, func(t *testing.T) {
			next, _ := aConnector("acme", 2)
			change(&next)
			refused(t, s, host.Conflict, func(ctx context.Context, tx host.Tx) error { return tx.Connectors().Insert(ctx, next, nil) })
		})
	}
	refused(t, s, host.Conflict, func(ctx context.Context, tx host.Tx) error { return tx.Connectors().Delete(ctx, one.Hash) })
	for _, f := range []func(ctx context.Context, cs host.Connectors) error{
		func(ctx context.Context, cs host.Connectors) error { return cs.SetStage(ctx, "none", host.Draft) },
		func(ctx context.Context, cs host.Connectors) error { return cs.SetCurrent(ctx, "none") },
		func(ctx context.Context, cs host.Connectors) error { return cs.Delete(ctx, "none") },
	} {
		refused(t, s, host.NotFound, func(ctx context.Context, tx host.Tx) error { return f(ctx, tx.Connectors()) })
	}
	update(t, s, func(ctx context.Context, tx host.Tx) error {
		if err := tx.Connections().Delete(ctx, pinned.ID); err != nil {
			return err
		}
		return tx.Connectors().Delete(ctx, one.Hash)
	})
	view(t, s, func(ctx context.Context, tx host.Tx) error {
		_, err := tx.Connectors().Find(ctx, "acme")
		notFound(t, "a deleted version", err)
		_, err = tx.Connectors().File(ctx, one.Hash)
		notFound(t, "its file", err)
		return nil
	})
}

func testCredentials(t *testing.T, c StoreCase) {
	s := c.fresh(t)
	one, two, elsewhere := aCredential("acme", 1), aCredential("acme", 2), aCredential("other", 3)
	one.Quick = true
	update(t, s, func(ctx context.Context, tx host.Tx) error {
		for _, cred := range []host.ClientCredential{elsewhere, two, one} {
			if err := tx.Credentials().Insert(ctx, cred, host.NewSecret("secret of "+cred.Name), aRecord(host.ActCredentialAdd)); err != nil {
				return err
			}
		}
		return nil
	})
	one.SecretVersion, two.SecretVersion, elsewhere.SecretVersion = 1, 1, 1
	view(t, s, func(ctx context.Context, tx host.Tx) error {
		of, err := tx.Credentials().List(ctx, "acme")
		same(t, "list of a connector", of, []host.ClientCredential{one, two}, err)
		all, err := tx.Credentials().List(ctx, "")
		same(t, "list", all, []host.ClientCredential{one, two, elsewhere}, err)
		got, err := tx.Credentials().Find(ctx, two.ID)
		same(t, "find", got, two, err)
		secret, err := tx.Credentials().Secret(ctx, two.ID)
		same(t, "secret", secret.Reveal(), "secret of Acme 2", err)
		_, err = tx.Credentials().Find(ctx, "cre_none")
		notFound(t, "find", err)
		_, err = tx.Credentials().Secret(ctx, "cre_none")
		notFound(t, "secret", err)
		records, err := tx.Audit().List(ctx, string(two.ID))
		if err != nil || len(records) != 1 || records[0].SecretVersion != 1 || records[0].Act != host.ActCredentialAdd {
			t.Errorf("audit: got %+v, %v", records, err)
		}
		return nil
	})
	refused(t, s, host.Conflict, func(ctx context.Context, tx host.Tx) error {
		second := aCredential("acme", 4)
		second.Quick = true
		return tx.Credentials().Insert(ctx, second, host.Secret{}, aRecord(host.ActCredentialAdd))
	})
	refused(t, s, host.Conflict, func(ctx context.Context, tx host.Tx) error {
		return tx.Credentials().Insert(ctx, two, host.Secret{}, aRecord(host.ActCredentialAdd))
	})
}

func testConnections(t *testing.T, c StoreCase) {
	s := c.fresh(t)
	one, two := AConnection(1), AConnection(2)
	cred := aCredential("acme", 1)
	one.Credential = cred.ID
	two.Scopes, two.Params, two.Environments = nil, nil, nil
	update(t, s, func(ctx context.Context, tx host.Tx) error {
		if err := tx.Credentials().Insert(ctx, cred, host.Secret{}, aRecord(host.ActCredentialAdd)); err != nil {
			return err
		}
		if err := tx.Connections().Insert(ctx, two); err != nil {
			return err
		}
		return tx.Connections().Insert(ctx, one)
	})
	view(t, s, func(ctx context.Context, tx host.Tx) error {
		all, err := tx.Connections().List(ctx)
		same(t, "list", all, []host.Connection{one, two}, err)
		got, err := tx.Connections().FindLink(ctx, one.LinkName)
		same(t, "find by link name", got, one, err)
		got, err = tx.Connections().Find(ctx, two.ID)
		same(t, "find", got, two, err)
		_, err = tx.Connections().FindLink(ctx, "none")
		notFound(t, "find by link name", err)
		return nil
	})
	for says, change := range map[string]func(*host.Connection){
		`a connection named "Acme 1" exists`:               func(c *host.Connection) { c.Name = one.Name },
		`a connection with the link name "acme_1" exists`:  func(c *host.Connection) { c.LinkName = one.LinkName },
		`a connection with the id ` + string(one.ID) + ` `: func(c *host.Connection) { c.ID = one.ID },
	} {
		err := refused(t, s, host.Conflict, func(ctx context.Context, tx host.Tx) error {
			third := AConnection(3)
			change(&third)
			return tx.Connections().Insert(ctx, third)
		})
		if !strings.Contains(err.Error(), says) {
			t.Errorf("got %q, want %q", err, says)
		}
	}
	testSaveConnection(t, s, one, two)
	testDeleteConnection(t, s)
}

// testSaveConnection: a stale copy is refused, and what a connection is found
// by stays.
func testSaveConnection(t *testing.T, s host.Store, one, two host.Connection) {
	saved := two
	saved.Name, saved.ConnectorHash, saved.Access, saved.Mode = "Renamed", "beef", host.AdminAccess, host.Quick
	saved.ScopeChoice, saved.Scopes, saved.Params, saved.Environments = host.AllScopes, []string{"x"}, map[string]string{"host": "b"}, []host.Environment{host.Production}
	saved.Credential, saved.Primary, saved.DataCentre = one.Credential, host.NewUserID(), "us"
	update(t, s, func(ctx context.Context, tx host.Tx) error {
		changed := saved
		changed.LinkName = "another"
		return tx.Connections().Save(ctx, changed)
	})
	saved.Version = two.Version + 1
	view(t, s, func(ctx context.Context, tx host.Tx) error {
		got, err := tx.Connections().Find(ctx, two.ID)
		same(t, "saved", got, saved, err)
		return nil
	})
	refused(t, s, host.Conflict, func(ctx context.Context, tx host.Tx) error { return tx.Connections().Save(ctx, two) })
	refused(t, s, host.Conflict, func(ctx context.Context, tx host.Tx) error {
		taken := saved
		taken.Name = one.Name
		return tx.Connections().Save(ctx, taken)
	})
	refused(t, s, host.NotFound, func(ctx context.Context, tx host.Tx) error { return tx.Connections().Save(ctx, AConnection(7)) })
}

// testDeleteConnection: bindings and windows go, the authorization stays.
func testDeleteConnection(t *testing.T, s host.Store) {
	var a host.Authorization
	update(t, s, func(ctx context.Context, tx host.Tx) error {
		var c host.Connection
		var err error
		if c, a, _, err = place(ctx, tx, 9); err != nil {
			return err
		}
		if err := tx.Windows().Insert(ctx, aWindow(c.ID, 9), host.WindowSecrets{}, noon); err != nil {
			return err
		}
		if err := tx.Connections().Delete(ctx, c.ID); err != nil {
			return err
		}
		left, err := tx.Bindings().OfAuthorization(ctx, a.ID)
		if len(left) != 0 {
			t.Errorf("bindings left: %+v", left)
		}
		_, _, takeErr := tx.Windows().Take(ctx, "state-9")
		notFound(t, "window of a deleted connection", takeErr)
		return err
	})
	view(t, s, func(ctx context.Context, tx host.Tx) error {
		_, err := tx.Authorizations().Open(ctx, a.ID)
		return err
	})
	refused(t, s, host.NotFound, func(ctx context.Context, tx host.Tx) error {
		return tx.Connections().Delete(ctx, "con_none")
	})
}
