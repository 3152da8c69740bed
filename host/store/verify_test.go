package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/hosttest"
	"github.com/connhost/connhost/host/store"
)

func verify(t *testing.T, s *store.Store) host.AuditReport {
	t.Helper()
	ctx := context.Background()
	var report host.AuditReport
	err := s.View(ctx, func(tx host.Tx) (err error) {
		report, err = tx.Audit().Verify(ctx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// furnished makes a store with a row of every kind.
func furnished(t *testing.T, dir string) *store.Store {
	t.Helper()
	s := open(t, dir)
	change(t, s, func(ctx context.Context, tx host.Tx) error {
		user := host.User{ID: host.NewUserID(), Login: "ada", Role: host.PlainUser}
		con, a := hosttest.AConnection(1), hosttest.AnAuthorization(1)
		con.Params, a.HostParams = map[string]string{"server": "a.example"}, map[string]string{"server": "a.example"}
		bind := host.Binding{ID: host.NewBindingID(), Connection: con.ID, Environment: host.Shared, Authorization: a.ID}
		cred := host.ClientCredential{ID: host.NewCredentialID(), Connector: "acme", ClientID: "one"}
		connector := host.Connector{ID: "acme", Hash: "3b0", Stage: host.Published, Current: true}
		connector.Manifest.Version = "1.0.0"
		return errors.Join(
			tx.Users().Insert(ctx, user), tx.Connectors().Insert(ctx, connector, nil),
			tx.Connections().Insert(ctx, con),
			tx.Credentials().Insert(ctx, cred, host.NewSecret("client secret"), host.Record{Act: host.ActCredentialAdd}),
			tx.Authorizations().Insert(ctx, a, hosttest.SomeSecrets("first"), host.Record{Act: host.ActAuthorize}),
			tx.Bindings().Put(ctx, bind),
			tx.Audit().Append(ctx, host.Record{Act: host.ActConnectionCreate, Object: string(con.ID)}),
		)
	})
	return s
}

// altering executes statements as somebody with the file in hand does: in a
// connection of their own, with the triggers taken out of the way.
func altering(t *testing.T, dir string, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite3", filepath.Join(dir, "store.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, statement := range append([]string{
		"drop trigger if exists audit_append", "drop trigger if exists audit_no_update", "drop trigger if exists audit_no_delete",
	}, statements...) {
		if _, err := db.Exec(statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

// Design rule 19: whatever is changed beside the store is found, and the first
// record that is not good is named.
func TestRule19VerifyFindsWhatWasAltered(t *testing.T) {
	const cut = "delete from audit where seq = (select max(seq) from audit)"
	for name, c := range map[string]struct {
		do   []string
		says string
		seq  int64
	}{
		"nothing":            {nil, "", 0},
		"a record":           {[]string{"update audit set detail = '{\"role\":\"admin\"}' where seq = 2"}, "record 2 was altered", 2},
		"a time":             {[]string{"update audit set at = at + 1 where seq = 3"}, "record 3 was altered", 3},
		"a hash":             {[]string{"update audit set hash = 'x' where seq = 1"}, "record 1 was altered", 1},
		"another kind":       {[]string{"update audit set at = 'noon' where seq = 3"}, "record 3 was altered", 3},
		"no JSON":            {[]string{"update audit set detail = '{' where seq = 3"}, "record 3 was altered", 3},
		"a record left out":  {[]string{"delete from audit where seq = 2"}, "record 2 is missing", 2},
		"the end cut":        {[]string{cut}, "the chain was cut", 0},
		"all cut":            {[]string{"delete from audit"}, "the chain was cut: it ends with record 0", 1},
		"the order":          {[]string{"update audit set seq = 900 where seq = 2", "update audit set seq = 2 where seq = 3", "update audit set seq = 3 where seq = 900"}, "record 2 was altered, or stands in another's place", 2},
		"the head":           {[]string{"delete from meta where key = 'audit_head'"}, "sealed end of the chain is missing", 0},
		"another head":       {[]string{"update meta set value = (select value from meta where key = 'key_check') where key = 'audit_head'"}, "sealed end of the chain was altered", 0},
		"a host":             {[]string{`update connections set params = '{"server":"evil.example"}'`}, "connections/con_", 0},
		"an authorization":   {[]string{`update authorizations set host_params = '{"server":"evil.example"}'`}, "authorizations/aut_", 0},
		"its owner":          {[]string{"update authorizations set owner = 'usr_x'"}, "authorizations/aut_", 0},
		"a binding":          {[]string{"update bindings set user_id = 'usr_x'"}, "bindings/bin_", 0},
		"a role":             {[]string{"update users set role = 'super_admin'"}, "users/usr_", 0},
		"a stage":            {[]string{"update connectors set stage = 'draft'"}, "connectors/3b0", 0},
		"a manifest":         {[]string{`update connectors set manifest = '{"id":"acme","hosts":["evil.example"]}'`}, "connectors/3b0", 0},
		"a client id":        {[]string{"update credentials set client_id = 'two'"}, "credentials/cre_", 0},
		"a user put in":      {[]string{"insert into users (id, login, name, email, role, created_at) values ('usr_x', 'mallory', '', '', 'super_admin', 1)"}, "users/usr_x was put in", 0},
		"a binding gone":     {[]string{"delete from bindings"}, "was taken out", 0},
		"a secret":           {[]string{"update authorizations set access_token = refresh_token"}, "does not open", 0},
		"a secret version":   {[]string{"update credentials set secret_version = secret_version + 1"}, "does not open", 0},
		"an empty new table": {[]string{"create table other (id text)"}, "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s := furnished(t, dir)
			before := verify(t, s)
			if len(before.Faults) > 0 || before.Records < 8 || before.Rows != 6 {
				t.Fatalf("before: %+v", before)
			}
			altering(t, dir, c.do...)
			got := verify(t, s)
			if c.says == "" {
				if len(got.Faults) > 0 {
					t.Errorf("got %+v", got.Faults)
				}
				return
			}
			if len(got.Faults) == 0 {
				t.Fatal("found nothing")
			}
			f := got.Faults[0]
			if !strings.Contains(f.What, c.says) || f.Means == "" || f.Do == "" || c.seq > 0 && (f.Seq != c.seq || got.Records != c.seq-1) {
				t.Errorf("got %+v after %d records", f, got.Records)
			}
		})
	}
}

// Who has the file and not the key cannot write a chain anew.
func TestRule19AChainMadeAnewIsFound(t *testing.T) {
	dir := t.TempDir()
	s := furnished(t, dir)
	other := furnished(t, t.TempDir())
	var records []host.Record
	err := other.View(context.Background(), func(tx host.Tx) (err error) {
		records, err = tx.Audit().List(context.Background(), "")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	n := verify(t, s).Records
	statements := []string{"delete from audit"}
	for _, r := range records {
		detail := "{}"
		if sum := r.Detail["sha256"]; sum != "" {
			detail = `{"sha256":"` + sum + `"}`
		}
		statements = append(statements, fmt.Sprintf("insert into audit values (%d, %d, '%s', '%s', '%s', '%s', %d, '%s')",
			r.Seq, r.At.UnixMilli(), r.By, r.Act, r.Object, detail, r.SecretVersion, r.Hash))
	}
	altering(t, dir, statements...)
	got := verify(t, s)
	if got.Records != n || len(got.Faults) == 0 || !strings.Contains(got.Faults[0].What, "made anew") {
		t.Errorf("got %d records, %+v", got.Records, got.Faults)
	}
}

// What was altered stays found after the next honest act on another row.
func TestRule19AnActElsewhereDoesNotBless(t *testing.T) {
	dir := t.TempDir()
	s := furnished(t, dir)
	altering(t, dir, "update users set role = 'super_admin'")
	change(t, s, func(ctx context.Context, tx host.Tx) error {
		return tx.Users().Insert(ctx, host.User{ID: host.NewUserID(), Login: "bob"})
	})
	if got := verify(t, s); len(got.Faults) != 1 || !strings.HasPrefix(got.Faults[0].Object, "users/") {
		t.Errorf("got %+v", got.Faults)
	}
}

// An act that writes over an altered row leaves that in the chain.
func TestRule19WritingOverDoesNotHide(t *testing.T) {
	dir := t.TempDir()
	s := furnished(t, dir)
	altering(t, dir, `update connections set params = '{"server":"evil.example"}'`)
	rename := func(name string) {
		change(t, s, func(ctx context.Context, tx host.Tx) error {
			all, err := tx.Connections().List(ctx)
			if err != nil {
				return err
			}
			all[0].Name = name
			return tx.Connections().Save(ctx, all[0])
		})
	}
	for _, name := range []string{"Another name", "A third name"} {
		rename(name)
		got := verify(t, s)
		if len(got.Faults) > 0 || len(got.Earlier) != 1 || !strings.HasPrefix(got.Earlier[0].Object, "connections/") {
			t.Errorf("%s: got %+v, %+v", name, got.Faults, got.Earlier)
		}
	}
}

// A refresh writes no record more than it did: its columns are sealed, or say
// nothing that could lead a credential elsewhere.
func TestRule19ARefreshWritesOneRecord(t *testing.T) {
	s, ids := authorized(t, 1)
	before := verify(t, s).Records
	change(t, s, func(ctx context.Context, tx host.Tx) error {
		a, err := tx.Authorizations().Find(ctx, ids[0])
		a.Lease.Owner, a.RefreshedAt, a.TokenExpires = "lea_1", a.RefreshedAt.AddDate(1, 0, 0), a.TokenExpires.AddDate(1, 0, 0)
		return errors.Join(err, tx.Authorizations().Save(ctx, a),
			tx.Authorizations().Seal(ctx, ids[0], hosttest.SomeSecrets("third"), host.Record{Act: host.ActRefresh}))
	})
	if got := verify(t, s); got.Records != before+1 || len(got.Faults) > 0 {
		t.Errorf("got %d records after %d, %+v", got.Records, before, got.Faults)
	}
}

// Verifying 10,000 records takes no more memory than 400.
func TestRule19VerifyKeepsNothing(t *testing.T) {
	s := open(t, t.TempDir())
	grow := func(n int) uint64 {
		change(t, s, func(ctx context.Context, tx host.Tx) error {
			for range n {
				if err := tx.Audit().Append(ctx, host.Record{Act: host.ActRefresh, Object: "aut_1", Detail: map[string]string{"k": strings.Repeat("x", 200)}}); err != nil {
					return err
				}
			}
			return nil
		})
		verify(t, s)
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	few, more := grow(400), grow(10_000)
	if got := verify(t, s).Records; got != 10_400 {
		t.Errorf("%d records", got)
	}
	if more > few+4<<20 {
		t.Errorf("the heap grew from %d to %d bytes", few, more)
	}
}

func TestEachChooses(t *testing.T) {
	s := furnished(t, t.TempDir())
	ctx := context.Background()
	for name, c := range map[string]struct {
		q    host.AuditQuery
		want int
	}{
		"acts":    {host.AuditQuery{}, 3},
		"all":     {host.AuditQuery{States: true}, 9},
		"an act":  {host.AuditQuery{Act: host.ActAuthorize}, 1},
		"states":  {host.AuditQuery{Act: host.ActState}, 6},
		"last":    {host.AuditQuery{Last: 2}, 2},
		"nothing": {host.AuditQuery{Objects: []string{"a", "b"}}, 0},
	} {
		var seen []int64
		err := s.View(ctx, func(tx host.Tx) error {
			return tx.Audit().Each(ctx, c.q, func(r host.Record) error {
				if len(seen) > 0 && r.Seq <= seen[len(seen)-1] {
					t.Errorf("%s: %d after %v", name, r.Seq, seen)
				}
				seen = append(seen, r.Seq)
				return nil
			})
		})
		if err != nil || len(seen) != c.want {
			t.Errorf("%s: got %v, %v", name, seen, err)
		}
	}
}
