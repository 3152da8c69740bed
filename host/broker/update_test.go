package broker_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
	"github.com/connhost/connhost/host/lab"
)

// asAccount lets the lab consent for another account from now on.
func (w *world) asAccount(id string) {
	w.t.Helper()
	if status, err := httpPost(w.server.URL+"/control", `{"account":"`+id+`"}`); status != 200 || err != nil {
		w.t.Fatalf("%d %v", status, err)
	}
}

// authorizeIn walks the whole way through the browser for an environment.
func (w *world) authorizeIn(sub host.Subject, link string, env host.Environment) broker.Authorized {
	w.t.Helper()
	p, err := w.Begin(w.ctx, sub, broker.AuthorizeRequest{Connection: link, Environment: env}, redirect)
	w.must(err)
	got, err := w.Finish(w.ctx, sub, link, p.Process, w.consent(p), true)
	w.must(err)
	return got
}

func (w *world) update(req broker.UpdateRequest) broker.Updated {
	w.t.Helper()
	u, err := w.Update(w.ctx, w.admin, req)
	w.must(err)
	return u
}

// see is the place of a connection that a run in an environment would use.
func (w *world) see(sub host.Subject, link string, env host.Environment) broker.PlaceView {
	w.t.Helper()
	v, err := w.Connection(w.ctx, sub, link)
	w.must(err)
	return v.Place(env)
}

func (w *world) wantStatus(sub host.Subject, link string, env host.Environment, status host.Status, reason string) {
	w.t.Helper()
	p := w.see(sub, link, env)
	if p.Status != status || !strings.Contains(p.Reason, reason) {
		w.t.Errorf("%s in %s: %s (%s), want %s (%s)", link, env, p.Status, p.Reason, status, reason)
	}
}

// Rules 2 and 3: a connection is renamed and keeps its link name; a name is
// checked and is there once.
func TestRule2Rename(t *testing.T) {
	w := newWorld(t, t.TempDir())
	c := w.connect()
	other, err := w.Create(w.ctx, w.admin, broker.CreateRequest{Connector: "acme"})
	w.must(err)
	u := w.update(broker.UpdateRequest{Connection: c.LinkName, Name: "Sales"})
	if u.Connection.Name != "Sales" || u.Connection.LinkName != c.LinkName || len(u.Changed) != 1 {
		t.Errorf("%+v", u)
	}
	if status, _, err := w.get(w.admin, c.LinkName, "/me"); status != 200 || err != nil {
		t.Errorf("a renamed connection: %d %v", status, err)
	}
	for name, code := range map[string]host.Code{" Sales": host.Usage, strings.Repeat("x", 51): host.Usage, "a\nb": host.Usage, other.Name: host.Conflict} {
		if _, err := w.Update(w.ctx, w.admin, broker.UpdateRequest{Connection: c.LinkName, Name: name}); host.CodeOf(err) != code {
			t.Errorf("%q: %v, want %s", name, err, code)
		}
	}
	_, err = w.Update(w.ctx, w.user("grace"), broker.UpdateRequest{Connection: c.LinkName, Name: "Mine"})
	wantCode(t, err, host.NotAllowed, "may not manage connections")
}

// Rule 10: what was asked, what was granted and what is asked now are compared.
func TestRule10ScopeDrift(t *testing.T) {
	w := newWorld(t, t.TempDir())
	link := w.create(w.acme(), broker.CreateRequest{Connector: "acme", Scopes: []string{"items.read"}}).LinkName
	w.authorize(w.admin, link)
	if p := w.see(w.admin, link, host.Development); len(p.Missing)+len(p.Extra) != 0 {
		t.Errorf("a drift at first: %+v", p)
	}
	w.update(broker.UpdateRequest{Connection: link, Scopes: &[]string{}})
	if p := w.see(w.admin, link, host.Development); !slices.Equal(p.Missing, []string{"orders.write"}) || p.Status != host.Status(host.Connected) {
		t.Errorf("all scopes: %+v", p)
	}
	w.authorize(w.admin, link)
	w.update(broker.UpdateRequest{Connection: link, Scopes: &[]string{"orders.write"}})
	if p := w.see(w.admin, link, host.Development); len(p.Missing) != 0 || !slices.Equal(p.Extra, []string{"items.read"}) {
		t.Errorf("fewer scopes: %+v", p)
	}
	_, err := w.Update(w.ctx, w.admin, broker.UpdateRequest{Connection: link, Scopes: &[]string{"nope"}})
	wantCode(t, err, host.Usage, `has no scope "nope"`)
}

// Rule 11: an environment that gets its own is not_connected until it is
// authorized, the others go on; switching off asks which becomes the shared one.
func TestRule11SwitchingEnvironments(t *testing.T) {
	w := newWorld(t, t.TempDir())
	link := w.connect().LinkName
	shared := w.see(w.admin, link, host.Stage).Authorization.ID
	w.update(broker.UpdateRequest{Connection: link, Environments: &[]host.Environment{host.Production, host.Stage}})
	w.wantStatus(w.admin, link, host.Production, host.NotConnected, "in the environment production")
	w.wantStatus(w.admin, link, host.Stage, host.NotConnected, "in the environment stage")
	w.wantStatus(w.admin, link, host.Development, host.Status(host.Connected), "")
	w.asAccount("acc_2")
	own := w.authorizeIn(w.admin, link, host.Production).Authorization
	if own.ID == shared || own.AccountKey != "acc_2" {
		t.Errorf("production took %+v", own)
	}
	w.wantStatus(w.admin, link, host.Production, host.Status(host.Connected), "")

	_, err := w.Update(w.ctx, w.admin, broker.UpdateRequest{Connection: link, Environments: &[]host.Environment{}})
	wantCode(t, err, host.Usage, "2 authorizations that one must take the place of: shared: Ada Lovelace, production: ")
	_, err = w.Update(w.ctx, w.admin, broker.UpdateRequest{Connection: link, Environments: &[]host.Environment{host.Production}, Keep: host.Production})
	wantCode(t, err, host.Usage, "does not lose its own")
	u := w.update(broker.UpdateRequest{Connection: link, Environments: &[]host.Environment{}, Keep: host.Production})
	if len(u.Unused) != 1 || u.Unused[0].ID != shared {
		t.Errorf("unused: %+v", u.Unused)
	}
	for _, env := range host.Environments() {
		if p := w.see(w.admin, link, env); p.Authorization.ID != own.ID {
			t.Errorf("%s uses %s", env, p.Authorization.ID)
		}
	}
	if status, _, err := w.get(w.admin, link, "/me"); status != 200 || err != nil {
		t.Errorf("after switching off: %d %v", status, err)
	}
}

// Rule 11: where there is one authorization only, nothing is asked; and who
// began to authorize an environment that has none of its own any more is told.
func TestRule11OnlyOne(t *testing.T) {
	w := newWorld(t, t.TempDir())
	link := w.create(w.acme(), broker.CreateRequest{Connector: "acme", Environments: []host.Environment{host.Stage}}).LinkName
	own := w.authorizeIn(w.admin, link, host.Stage).Authorization
	p, err := w.Begin(w.ctx, w.admin, broker.AuthorizeRequest{Connection: link, Environment: host.Stage}, redirect)
	w.must(err)
	q := w.consent(p)
	w.update(broker.UpdateRequest{Connection: link, Environments: &[]host.Environment{}})
	if got := w.see(w.admin, link, host.Development).Authorization; got.ID != own.ID {
		t.Errorf("the shared one is %+v", got)
	}
	before := len(w.lab.Log())
	_, err = w.Finish(w.ctx, w.admin, link, p.Process, q, false)
	wantCode(t, err, host.Refused, "not one that was given out")
	if len(w.lab.Log()) != before {
		t.Error("a token request was made")
	}
}

// Rule 5: a change of access never lets calls use what its owner did not give
// for them.
func TestRule5ChangeOfAccess(t *testing.T) {
	w := newWorld(t, t.TempDir())
	link := w.connect().LinkName
	grace := w.user("grace")
	w.update(broker.UpdateRequest{Connection: link, Access: host.UserAccess})
	if status, _, err := w.get(w.admin, link, "/me"); status != 200 || err != nil {
		t.Errorf("its owner: %d %v", status, err)
	}
	_, _, err := w.get(grace, link, "/me")
	wantCode(t, err, host.NeedsAuth, "is not authorized")
	w.authorize(grace, link)
	_, err = w.Update(w.ctx, w.admin, broker.UpdateRequest{Connection: link, Access: host.AdminAccess})
	wantCode(t, err, host.Refused, "1 user has authorized it for themselves alone")

	other, err := w.Create(w.ctx, w.admin, broker.CreateRequest{Connector: "acme", Access: host.UserAccess})
	w.must(err)
	p, err := w.Begin(w.ctx, grace, broker.AuthorizeRequest{Connection: other.LinkName, Environment: host.Development}, redirect)
	w.must(err)
	q := w.consent(p)
	w.authorize(w.admin, other.LinkName)
	w.update(broker.UpdateRequest{Connection: other.LinkName, Access: host.AdminAccess})
	if status, _, err := w.get(grace, other.LinkName, "/me"); status != 200 || err != nil {
		t.Errorf("everyone's calls: %d %v", status, err)
	}
	_, err = w.Finish(w.ctx, grace, other.LinkName, p.Process, q, true)
	if host.CodeOf(err) != host.Refused {
		t.Errorf("a plain user's consent from before: %v", err)
	}
	_, err = w.Update(w.ctx, w.admin, broker.UpdateRequest{Connection: link, Access: "both"})
	wantCode(t, err, host.Usage, `no access named "both"`)
}

// Rule 8: with another client credential what was authorized is shown as such,
// and calls nothing.
func TestRule8OtherCredential(t *testing.T) {
	w := newWorld(t, t.TempDir())
	link := w.connect().LinkName
	own, err := w.AddCredential(w.ctx, w.admin, host.ClientCredential{Connector: "acme", ClientID: "another"}, host.NewSecret(lab.ClientSecret))
	w.must(err)
	u := w.update(broker.UpdateRequest{Connection: link, Credential: own.Name})
	if u.Connection.Mode != host.Custom || len(u.Changed) != 1 {
		t.Errorf("%+v", u)
	}
	w.wantStatus(w.admin, link, host.Development, host.Status(host.NeedsReauth), "another host or client credential")
	_, _, err = w.get(w.admin, link, "/me")
	wantCode(t, err, host.NeedsAuth, "another host or client credential")
	w.update(broker.UpdateRequest{Connection: link, Mode: host.Quick})
	if status, _, err := w.get(w.admin, link, "/me"); status != 200 || err != nil {
		t.Errorf("back to quick: %d %v", status, err)
	}
}

// Rule 14: an account has a name that a person chose, which a renewal for the
// same account keeps; and another account does not take the place of one that
// another connection uses.
func TestRule14AccountLabel(t *testing.T) {
	w := newWorld(t, t.TempDir())
	link := w.connect().LinkName
	u := w.update(broker.UpdateRequest{Connection: link, AccountLabel: "Sales robot", Environment: host.Development})
	if len(u.Changed) != 1 {
		t.Errorf("%+v", u)
	}
	if got := w.authorize(w.admin, link).Authorization; got.AccountLabel != "Sales robot" {
		t.Errorf("after a renewal it is %q", got.AccountLabel)
	}
	second, err := w.Create(w.ctx, w.admin, broker.CreateRequest{Connector: "acme"})
	w.must(err)
	_, err = w.Reuse(w.ctx, w.admin, host.Development, second.LinkName)
	w.must(err)
	u2, err := w.AddUser(w.ctx, w.admin, host.User{Login: "eve", Role: host.Admin})
	w.must(err)
	eve := host.Subject{User: u2}
	third, err := w.Create(w.ctx, w.admin, broker.CreateRequest{Connector: "acme"})
	w.must(err)
	mine := w.authorize(eve, third.LinkName).Authorization
	if got := w.authorize(w.admin, third.LinkName); got.Unused == nil || got.Unused.ID != mine.ID { // it lives on
		t.Errorf("what eve gave is told as %+v", got.Unused)
	}
	w.asAccount("acc_2")
	got := w.authorizeIn(w.admin, link, host.Development).Authorization
	if kept := w.see(w.admin, second.LinkName, host.Development).Authorization; kept.ID == got.ID || kept.AccountLabel != "Sales robot" || got.AccountKey != "acc_2" {
		t.Errorf("the other connection got %+v, and this one %+v", kept, got)
	}
}

// Rule 14 for a credential that is given by hand: another account is noticed
// there too.
func TestRule14ByFields(t *testing.T) {
	w := newWorld(t, t.TempDir())
	link := w.create(w.keyed(), broker.CreateRequest{Connector: "keyed"}).LinkName
	req := broker.AuthorizeRequest{Connection: link, Secrets: map[string]host.Secret{"key": host.NewSecret(lab.APIKey)}}
	first, err := w.Authorize(w.ctx, w.admin, req)
	w.must(err)
	w.must(w.store.Update(w.ctx, func(tx host.Tx) error {
		a, err := tx.Authorizations().Find(w.ctx, first.Authorization.ID)
		w.must(err)
		a.AccountKey, a.AccountLabel = "acc_9", "Somebody"
		return tx.Authorizations().Save(w.ctx, a)
	}))
	_, err = w.Authorize(w.ctx, w.admin, req)
	wantCode(t, err, host.Conflict, "belongs to Somebody")
	req.OtherAccount = true
	got, err := w.Authorize(w.ctx, w.admin, req)
	if err != nil || got.Authorization.AccountKey != first.Authorization.AccountKey {
		t.Errorf("%+v, %v", got, err)
	}
}

// Rule 15: a binding has a switch; calls are refused while it is off, and it
// stays off when it is authorized anew.
func TestRule15Disable(t *testing.T) {
	w := newWorld(t, t.TempDir())
	link := w.connect().LinkName
	s, err := w.SwitchOff(w.ctx, w.admin, host.Development, link)
	if err != nil || !s.Changed || !s.Disabled {
		t.Fatalf("%+v, %v", s, err)
	}
	w.wantStatus(w.admin, link, host.Development, host.Disabled, "switched off")
	_, _, err = w.get(w.admin, link, "/me")
	wantCode(t, err, host.Refused, "is disabled")
	if got := w.authorize(w.admin, link); !got.Disabled {
		t.Errorf("authorized anew: %+v", got)
	}
	_, _, err = w.get(w.admin, link, "/me")
	wantCode(t, err, host.Refused, "is disabled")
	if s, err = w.SwitchOff(w.ctx, w.admin, host.Development, link); err != nil || s.Changed {
		t.Errorf("twice: %+v, %v", s, err)
	}
	_, err = w.SwitchOn(w.ctx, w.user("grace"), host.Development, link)
	wantCode(t, err, host.NotAllowed, "may not authorize admin connections")
	_, err = w.SwitchOn(w.ctx, w.admin, host.Development, link)
	w.must(err)
	if status, _, err := w.get(w.admin, link, "/me"); status != 200 || err != nil {
		t.Errorf("switched on: %d %v", status, err)
	}
}

// Rules 5 and 15: on a user connection everyone has a switch of their own, and
// one for each environment.
func TestRule15DisableOwn(t *testing.T) {
	w := newWorld(t, t.TempDir())
	link := w.create(w.acme(), broker.CreateRequest{Connector: "acme", Access: host.UserAccess, Environments: []host.Environment{host.Stage}}).LinkName
	grace := w.user("grace")
	w.authorize(w.admin, link)
	w.authorize(grace, link)
	_, err := w.SwitchOff(w.ctx, grace, host.Stage, link)
	wantCode(t, err, host.NeedsAuth, "in the environment stage")
	w.authorizeIn(grace, link, host.Stage)
	_, err = w.SwitchOff(w.ctx, grace, host.Development, link)
	w.must(err)
	_, _, err = w.get(grace, link, "/me")
	wantCode(t, err, host.Refused, "is disabled")
	if status, _, err := w.get(w.admin, link, "/me"); status != 200 || err != nil {
		t.Errorf("another user: %d %v", status, err)
	}
	w.wantStatus(grace, link, host.Stage, host.Status(host.Connected), "")
}

// Rule 15: a connection switches to another authorization that exists, of the
// same connector, client credential and hosts, and reuses one.
func TestRule15Switch(t *testing.T) {
	w := newWorld(t, t.TempDir())
	first := w.connect()
	second, err := w.Create(w.ctx, w.admin, broker.CreateRequest{Connector: "acme"})
	w.must(err)
	list, err := w.Reusable(w.ctx, w.admin, second.LinkName)
	if err != nil || len(list) != 1 {
		t.Fatalf("%+v, %v", list, err)
	}
	s, err := w.Reuse(w.ctx, w.admin, host.Development, second.LinkName)
	if err != nil || s.Authorization.ID != list[0].ID || s.Before != nil {
		t.Fatalf("%+v, %v", s, err)
	}
	if status, _, err := w.get(w.admin, second.LinkName, "/me"); status != 200 || err != nil {
		t.Errorf("reused: %d %v", status, err)
	}
	_, err = w.Reuse(w.ctx, w.admin, host.Development, second.LinkName)
	wantCode(t, err, host.NotFound, "no other authorization")
	w.asAccount("acc_2")
	other := w.authorizeIn(w.admin, second.LinkName, host.Development).Authorization
	s, err = w.Switch(w.ctx, w.admin, host.Development, first.LinkName, string(other.ID))
	if err != nil || !s.Changed || s.Before == nil || !s.Unused {
		t.Fatalf("%+v, %v", s, err)
	}
	s, err = w.Switch(w.ctx, w.admin, host.Development, first.LinkName, "Ada Lovelace") // back, by account
	if err != nil || s.Authorization.ID != list[0].ID || s.Unused {
		t.Fatalf("%+v, %v", s, err)
	}
	views, err := w.Authorizations(w.ctx, w.admin, "acme")
	if err != nil || len(views) != 2 || len(views[0].Uses) != 1 || views[0].Owner != w.admin.User.Login {
		t.Errorf("%+v, %v", views, err)
	}
	_, err = w.DeleteAuthorization(w.ctx, w.admin, string(other.ID))
	wantCode(t, err, host.Conflict, "is used by: "+second.LinkName)
	_, err = w.Switch(w.ctx, w.admin, host.Development, second.LinkName, string(list[0].ID))
	w.must(err)
	r, err := w.DeleteAuthorization(w.ctx, w.admin, string(other.ID))
	if err != nil || r.Upstream != broker.UpstreamRevoked {
		t.Errorf("%+v, %v", r, err)
	}
	r, err = w.RevokeAuthorization(w.ctx, w.admin, string(list[0].ID))
	if err != nil || len(r.Others) != 2 {
		t.Errorf("%+v, %v", r, err)
	}
	w.wantStatus(w.admin, first.LinkName, host.Stage, host.NotConnected, "revoked by")
	_, err = w.Switch(w.ctx, w.admin, host.Development, first.LinkName, string(list[0].ID))
	wantCode(t, err, host.Refused, "it was revoked")
}

// Rules 4 and 5: a plain user binds only their own, does not learn of others',
// and what somebody gave for themselves alone nobody else gives to all.
func TestRule5SwitchOnlyOwn(t *testing.T) {
	w := newWorld(t, t.TempDir())
	mine := w.create(w.acme(), broker.CreateRequest{Connector: "acme", Access: host.UserAccess})
	grace, ada := w.user("grace"), w.user("ada")
	own := w.authorize(grace, mine.LinkName).Authorization
	forAll, err := w.Create(w.ctx, w.admin, broker.CreateRequest{Connector: "acme"})
	w.must(err)
	all := w.authorize(w.admin, forAll.LinkName).Authorization
	for _, c := range []struct {
		sub  host.Subject
		link string
		to   host.AuthorizationID
		code host.Code
		text string
	}{
		{ada, mine.LinkName, own.ID, host.NotFound, "no authorization of an account"},
		{ada, mine.LinkName, "aut_nothing", host.NotFound, "no authorization of an account"},
		{grace, forAll.LinkName, own.ID, host.NotAllowed, "may not authorize admin connections"},
		{w.admin, forAll.LinkName, own.ID, host.Refused, "for themselves alone"},
		{w.admin, mine.LinkName, own.ID, host.Refused, "somebody else's"},
		{w.admin, mine.LinkName, all.ID, "", ""},
	} {
		_, err := w.Switch(w.ctx, c.sub, host.Development, c.link, string(c.to))
		if c.code == "" {
			w.must(err)
			continue
		}
		wantCode(t, err, c.code, c.text)
	}
	for _, f := range []func(string) error{
		func(id string) error { _, err := w.RevokeAuthorization(w.ctx, ada, id); return err },
		func(id string) error { _, err := w.DeleteAuthorization(w.ctx, ada, id); return err },
		func(id string) error { _, err := w.NameAccount(w.ctx, ada, id, "Mine"); return err },
	} {
		wantCode(t, f(string(own.ID)), host.NotFound, "no authorization of an account")
	}
	views, err := w.Authorizations(w.ctx, grace, "")
	if err != nil || len(views) != 1 || views[0].Authorization.ID != own.ID {
		t.Errorf("grace sees %+v, %v", views, err)
	}
}

// Rule 15: deleting shows what uses it first, and one authorization in two
// places is revoked once.
func TestRule15DeleteShowsUses(t *testing.T) {
	w := newWorld(t, t.TempDir())
	c := w.create(w.acme(), broker.CreateRequest{Connector: "acme", Environments: []host.Environment{host.Stage}})
	a := w.authorize(w.admin, c.LinkName).Authorization
	_, err := w.Switch(w.ctx, w.admin, host.Stage, c.LinkName, string(a.ID))
	w.must(err)
	uses, err := w.Uses(w.ctx, w.admin, c.LinkName)
	if err != nil || len(uses) != 2 || uses[0].Account != "Ada Lovelace" {
		t.Errorf("%+v, %v", uses, err)
	}
	gone, err := w.Delete(w.ctx, w.admin, c.LinkName)
	if err != nil || len(gone) != 1 || gone[0].Upstream != broker.UpstreamRevoked {
		t.Errorf("%+v, %v", gone, err)
	}
}
