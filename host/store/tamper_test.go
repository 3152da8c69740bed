package store_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/hosttest"
	"github.com/connhost/connhost/host/store"
)

// authorized gives a store with n authorizations that were sealed twice.
func authorized(t *testing.T, n int) (*store.Store, []host.AuthorizationID) {
	t.Helper()
	s := open(t, t.TempDir())
	var ids []host.AuthorizationID
	change(t, s, func(ctx context.Context, tx host.Tx) error {
		for i := range n {
			a := hosttest.AnAuthorization(i)
			ids = append(ids, a.ID)
			if err := tx.Authorizations().Insert(ctx, a, hosttest.SomeSecrets("first"), host.Record{Act: host.ActAuthorize}); err != nil {
				return err
			}
			if err := tx.Authorizations().Seal(ctx, a.ID, hosttest.SomeSecrets("second"), host.Record{Act: host.ActRefresh}); err != nil {
				return err
			}
		}
		return nil
	})
	return s, ids
}

func change(t testing.TB, s *store.Store, f func(ctx context.Context, tx host.Tx) error) {
	t.Helper()
	ctx := context.Background()
	if err := s.Update(ctx, func(tx host.Tx) error { return f(ctx, tx) }); err != nil {
		t.Fatal(err)
	}
}

// errUndo ends an Update that was only a trial.
var errUndo = errors.New("undo")

// altered says that opening must fail after the statements, which are undone.
func altered(t *testing.T, s *store.Store, id host.AuthorizationID, name string, statements ...string) {
	t.Helper()
	ctx := context.Background()
	_ = s.Update(ctx, func(tx host.Tx) error {
		for _, statement := range statements {
			if err := store.RawTx(tx, statement); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		refusesRow(t, name, tx, id)
		return errUndo
	})
}

func refusesRow(t *testing.T, name string, tx host.Tx, id host.AuthorizationID) {
	t.Helper()
	secrets, err := tx.Authorizations().Open(context.Background(), id)
	if host.CodeOf(err) != host.Unavailable || !strings.Contains(err.Error(), string(id)) || !strings.Contains(err.Error(), "altered") {
		t.Errorf("%s: got %v", name, err)
	}
	if !secrets.Access.Empty() || !secrets.Refresh.Empty() || secrets.Params != nil {
		t.Errorf("%s: got secrets with the error", name)
	}
}

func TestSwappedRowsDoNotOpen(t *testing.T) {
	s, ids := authorized(t, 2)
	one, two := string(ids[0]), string(ids[1])
	for _, column := range []string{"secret_params", "access_token", "refresh_token"} {
		altered(t, s, ids[0], "another row's "+column,
			"update authorizations set "+column+" = (select "+column+" from authorizations where id = '"+two+"') where id = '"+one+"'")
		altered(t, s, ids[0], "empty "+column, "update authorizations set "+column+" = x'' where id = '"+one+"'")
	}
	altered(t, s, ids[0], "another field of the row",
		"update authorizations set access_token = refresh_token, refresh_token = access_token where id = '"+one+"'")
	altered(t, s, ids[0], "exchanged ids",
		"update authorizations set id = 'aut_x' where id = '"+one+"'",
		"update authorizations set id = '"+one+"' where id = '"+two+"'",
		"update authorizations set id = '"+two+"' where id = 'aut_x'")
	altered(t, s, ids[0], "lower secret version", "update authorizations set secret_version = 1 where id = '"+one+"'")
	altered(t, s, ids[0], "higher secret version", "update authorizations set secret_version = 3 where id = '"+one+"'")
}

func TestFlippedBitsDoNotOpen(t *testing.T) {
	s, ids := authorized(t, 1)
	ctx := context.Background()
	_ = s.Update(ctx, func(tx host.Tx) error {
		for _, column := range []string{"secret_params", "access_token", "refresh_token"} {
			sealed, err := store.Column[[]byte](tx, "select "+column+" from authorizations")
			if err != nil {
				t.Fatal(err)
			}
			for bit := range len(sealed) * 8 {
				flipped := bytes.Clone(sealed)
				flipped[bit/8] ^= 1 << (bit % 8)
				if err := store.RawTx(tx, "update authorizations set "+column+" = ?", flipped); err != nil {
					t.Fatal(err)
				}
				refusesRow(t, column, tx, ids[0])
			}
			if err := store.RawTx(tx, "update authorizations set "+column+" = ?", sealed); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := tx.Authorizations().Open(ctx, ids[0]); err != nil {
			t.Errorf("the row as it was: %v", err)
		}
		return errUndo
	})
}

func TestRestoredRowsDoNotOpen(t *testing.T) {
	s, ids := authorized(t, 1)
	id := ids[0]
	if err := s.Raw(context.Background(), "create table backup as select * from authorizations"); err != nil {
		t.Fatal(err)
	}
	const restore = "insert or replace into authorizations select * from backup"
	change(t, s, func(ctx context.Context, tx host.Tx) error {
		return tx.Authorizations().Seal(ctx, id, hosttest.SomeSecrets("third"), host.Record{Act: host.ActRefresh})
	})
	altered(t, s, id, "an old row", restore)

	// Sealing over a restored row does not bring an old secret version back.
	change(t, s, func(ctx context.Context, tx host.Tx) error {
		if err := store.RawTx(tx, restore); err != nil {
			return err
		}
		if err := tx.Authorizations().Seal(ctx, id, hosttest.SomeSecrets("fourth"), host.Record{Act: host.ActRefresh}); err != nil {
			return err
		}
		a, err := tx.Authorizations().Find(ctx, id)
		if a.SecretVersion != 4 {
			t.Errorf("got secret version %d, want 4", a.SecretVersion)
		}
		return err
	})
	change(t, s, func(ctx context.Context, tx host.Tx) error {
		if err := store.RawTx(tx, "delete from backup"); err != nil {
			return err
		}
		if err := store.RawTx(tx, "insert into backup select * from authorizations"); err != nil {
			return err
		}
		if err := tx.Authorizations().Delete(ctx, id); err != nil {
			return err
		}
		return tx.Audit().Append(ctx, host.Record{Act: host.ActAuthorizationDelete, Object: string(id)})
	})
	altered(t, s, id, "a deleted row", restore)
}

func TestOtherSealedRowsAreBound(t *testing.T) {
	s := open(t, t.TempDir())
	ctx := context.Background()
	con := hosttest.AConnection(1)
	creds := []host.ClientCredential{{ID: host.NewCredentialID()}, {ID: host.NewCredentialID()}}
	wins := []host.Window{{ID: host.NewWindowID(), StateHash: "a", Connection: con.ID}, {ID: host.NewWindowID(), StateHash: "b", Connection: con.ID}}
	change(t, s, func(ctx context.Context, tx host.Tx) error {
		err := tx.Connections().Insert(ctx, con)
		for i := range 2 {
			err = errors.Join(err,
				tx.Credentials().Insert(ctx, creds[i], host.NewSecret("client secret"), host.Record{Act: host.ActCredentialAdd}),
				tx.Windows().Insert(ctx, wins[i], host.WindowSecrets{Verifier: host.NewSecret("verifier")}, con.CreatedAt.AddDate(-100, 0, 0)))
		}
		return err
	})
	change(t, s, func(ctx context.Context, tx host.Tx) error {
		for column, table := range map[string]string{"client_secret": "credentials", "verifier": "windows"} {
			if err := store.RawTx(tx, "update "+table+" set "+column+" = (select max("+column+") from "+table+")"); err != nil {
				return err
			}
		}
		return nil
	})
	opened := 0
	for i := range 2 {
		err := s.View(ctx, func(tx host.Tx) error { _, err := tx.Credentials().Secret(ctx, creds[i].ID); return err })
		takeErr := s.Update(ctx, func(tx host.Tx) error { _, _, err := tx.Windows().Take(ctx, wins[i].StateHash); return err })
		for _, err := range []error{err, takeErr} {
			if err == nil {
				opened++
			} else if host.CodeOf(err) != host.Unavailable {
				t.Errorf("got %v", err)
			}
		}
	}
	if opened != 2 {
		t.Errorf("%d of 4 rows opened, want the 2 whose own ciphertext it is", opened)
	}
}

// The other sealed columns, bit by bit: a client's secret, and what a window
// keeps until its callback comes.
func TestFlippedBitsOfOtherRowsDoNotOpen(t *testing.T) {
	s := open(t, t.TempDir())
	con := hosttest.AConnection(1)
	cred := host.ClientCredential{ID: host.NewCredentialID()}
	win := host.Window{ID: host.NewWindowID(), StateHash: "state", Connection: con.ID}
	change(t, s, func(ctx context.Context, tx host.Tx) error {
		return errors.Join(
			tx.Connections().Insert(ctx, con),
			tx.Credentials().Insert(ctx, cred, host.NewSecret("client secret"), host.Record{Act: host.ActCredentialAdd}),
			tx.Windows().Insert(ctx, win, host.WindowSecrets{Verifier: host.NewSecret("verifier"), Params: map[string]host.Secret{"k": host.NewSecret("pin")}}, con.CreatedAt.AddDate(-100, 0, 0)))
	})
	ctx := context.Background()
	opens := func(tx host.Tx, table string) error {
		if table == "credentials" {
			secret, err := tx.Credentials().Secret(ctx, cred.ID)
			if err != nil && !secret.Empty() {
				t.Error("got a secret with the error")
			}
			return err
		}
		_, secrets, err := tx.Windows().Take(ctx, win.StateHash)
		if err != nil && (!secrets.Verifier.Empty() || secrets.Params != nil) {
			t.Error("got secrets with the error")
		}
		return err
	}
	for _, c := range []struct{ table, column string }{{"credentials", "client_secret"}, {"windows", "verifier"}, {"windows", "secret_params"}} {
		_ = s.Update(ctx, func(tx host.Tx) error {
			sealed, err := store.Column[[]byte](tx, "select "+c.column+" from "+c.table)
			if err != nil {
				t.Fatal(err)
			}
			try := func(content []byte) error {
				err := errors.Join(store.RawTx(tx, "savepoint before"), store.RawTx(tx, "update "+c.table+" set "+c.column+" = ?", content))
				if err != nil {
					t.Fatal(err)
				}
				got := opens(tx, c.table)
				if err := store.RawTx(tx, "rollback to before"); err != nil {
					t.Fatal(err)
				}
				return got
			}
			for bit := range len(sealed) * 8 {
				flipped := bytes.Clone(sealed)
				flipped[bit/8] ^= 1 << (bit % 8)
				if err := try(flipped); host.CodeOf(err) != host.Unavailable || !strings.Contains(err.Error(), "altered") {
					t.Errorf("%s, bit %d: got %v", c.column, bit, err)
				}
			}
			for _, cut := range [][]byte{{}, sealed[:len(sealed)-1], append(bytes.Clone(sealed), 0)} {
				if err := try(cut); host.CodeOf(err) != host.Unavailable {
					t.Errorf("%s of %d bytes: got %v", c.column, len(cut), err)
				}
			}
			if err := try(sealed); err != nil {
				t.Errorf("%s as it was: %v", c.column, err)
			}
			return errUndo
		})
	}
	for _, version := range []string{"secret_version - 1", "secret_version + 1"} {
		_ = s.Update(ctx, func(tx host.Tx) error {
			if err := store.RawTx(tx, "update credentials set secret_version = "+version); err != nil {
				t.Fatal(err)
			}
			if err := opens(tx, "credentials"); host.CodeOf(err) != host.Unavailable {
				t.Errorf("%s: got %v", version, err)
			}
			return errUndo
		})
	}
}

// A whole row in the place of another, secret version and all, both ways.
func TestSwappedWholeRowsDoNotOpen(t *testing.T) {
	s, ids := authorized(t, 2)
	one, two := string(ids[0]), string(ids[1])
	const columns = "secret_params, access_token, refresh_token, secret_version"
	_ = s.Update(context.Background(), func(tx host.Tx) error {
		for _, statement := range []string{
			"create temp table kept as select id, " + columns + " from authorizations",
			"update authorizations set (" + columns + ") = (select " + columns + " from kept where id = '" + two + "') where id = '" + one + "'",
			"update authorizations set (" + columns + ") = (select " + columns + " from kept where id = '" + one + "') where id = '" + two + "'",
		} {
			if err := store.RawTx(tx, statement); err != nil {
				t.Fatalf("%s: %v", statement, err)
			}
		}
		refusesRow(t, "the first", tx, ids[0])
		refusesRow(t, "the second", tx, ids[1])
		return errUndo
	})
}

func TestAuditIsAppendedOnly(t *testing.T) {
	s, _ := authorized(t, 2)
	for _, statement := range []string{
		"update audit set act = 'other' where seq = 1",
		"delete from audit where seq = 4",
		"delete from audit",
		"insert or replace into audit select * from audit where seq = 2",
		"insert into audit select seq + 100, at, by_user, act, object, detail, secret_version, hash from audit where seq = 2",
	} {
		if err := s.Raw(context.Background(), statement); err == nil {
			t.Errorf("done: %s", statement)
		}
	}
}

func TestNoSecretStandsInTheFiles(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	con, a := hosttest.AConnection(1), hosttest.AnAuthorization(1)
	change(t, s, func(ctx context.Context, tx host.Tx) error {
		return errors.Join(
			tx.Connections().Insert(ctx, con),
			tx.Authorizations().Insert(ctx, a, hosttest.SomeSecrets("canary1"), host.Record{Act: host.ActAuthorize}),
			tx.Authorizations().Seal(ctx, a.ID, hosttest.SomeSecrets("canary2"), host.Record{Act: host.ActRefresh}),
			tx.Credentials().Insert(ctx, host.ClientCredential{ID: host.NewCredentialID()}, host.NewSecret("canary3"), host.Record{Act: host.ActCredentialAdd}),
			tx.Windows().Insert(ctx, host.Window{ID: host.NewWindowID(), Connection: con.ID},
				host.WindowSecrets{Verifier: host.NewSecret("canary4"), Params: map[string]host.Secret{"k": host.NewSecret("canary5")}}, con.CreatedAt))
	})
	files, err := filepath.Glob(filepath.Join(dir, "store.db*"))
	if err != nil || len(files) < 2 {
		t.Fatalf("files %v, %v; want the write-ahead log too", files, err)
	}
	for _, name := range files {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, "-wal") && !bytes.Contains(content, []byte(con.LinkName)) {
			t.Errorf("%s does not hold what is not secret either: the search finds nothing", name)
		}
		for _, form := range forms("canary") {
			if bytes.Contains(content, []byte(form)) {
				t.Errorf("%s holds a secret as %q", name, form)
			}
		}
	}
}

// forms are the ways in which a word may stand within a longer text.
func forms(word string) []string {
	all := []string{word, hex.EncodeToString([]byte(word)), strings.ToUpper(hex.EncodeToString([]byte(word)))}
	for shift := range 3 {
		text := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat("x", shift) + word))
		all = append(all, text[(shift*8+5)/6:len(text)-1]) // without the characters that neighbours share
	}
	return all
}
