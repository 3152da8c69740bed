package broker_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
	"github.com/connhost/connhost/host/lab"
	"github.com/connhost/connhost/plugins/abi"
)

func TestTheWholeWay(t *testing.T) {
	w := newWorld(t, t.TempDir())
	c := w.connect()
	if c.Name != "Acme Connection" || c.LinkName != "acme_connection" || c.Mode != host.Quick || c.Access != host.AdminAccess {
		t.Errorf("created %+v", c)
	}
	v, err := w.Connection(w.ctx, w.admin, c.LinkName)
	w.must(err)
	a := v.Places[0].Authorization
	if v.Status(host.Production) != host.Status(host.Connected) || a.AccountLabel != "Ada Lovelace" || !a.Renewable {
		t.Errorf("status %s, authorization %+v", v.Status(host.Production), a)
	}
	status, body, err := w.get(w.admin, c.LinkName, "/echo")
	if err != nil || status != 200 || strings.Contains(body, "lab-access") || !strings.Contains(body, host.Mask) {
		t.Errorf("echo: %d %s %v", status, body, err)
	}
	tested, err := w.Test(w.ctx, w.admin, host.Development, c.LinkName)
	if err != nil || !tested.OK || tested.Account.Label != "Ada Lovelace" {
		t.Errorf("test: %+v, %v", tested, err)
	}
	r, err := w.Revoke(w.ctx, w.admin, host.Development, c.LinkName)
	if err != nil || r.Upstream != broker.UpstreamRevoked {
		t.Errorf("revoke: %+v, %v", r, err)
	}
	_, _, err = w.get(w.admin, c.LinkName, "/me")
	wantCode(t, err, host.NeedsAuth, `"acme_connection" was revoked`)
	w.authorize(w.admin, c.LinkName)
	if status, _, err := w.get(w.admin, c.LinkName, "/me"); status != 200 || err != nil {
		t.Errorf("after authorizing anew: %d %v", status, err)
	}
}

// Rule 13: a late, repeated, altered or foreign callback is refused, with no
// token request made.
func TestRule13Callbacks(t *testing.T) {
	for name, c := range map[string]struct {
		alter func(w *world, sub *host.Subject, p *broker.Pending, q url.Values)
		want  string
	}{
		"altered state": {func(_ *world, _ *host.Subject, _ *broker.Pending, q url.Values) { q.Set("state", q.Get("state")+"x") }, "is not one that was given out"},
		"no state":      {func(_ *world, _ *host.Subject, _ *broker.Pending, q url.Values) { q.Del("state") }, "is not one that was given out"},
		"late":          {func(w *world, _ *host.Subject, _ *broker.Pending, _ url.Values) { w.clock.advance(91 * time.Second) }, "after the window of 90 seconds"},
		"another process": {func(_ *world, _ *host.Subject, p *broker.Pending, _ url.Values) {
			p.Process = host.NewSecret("somebody else's")
		}, "somebody else began"},
		"another subject": {func(w *world, sub *host.Subject, _ *broker.Pending, _ url.Values) { *sub = w.user("grace") }, "somebody else began"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, t.TempDir())
			link := w.create(w.acme(), broker.CreateRequest{Connector: "acme", Access: host.UserAccess}).LinkName
			p, err := w.Begin(w.ctx, w.admin, broker.AuthorizeRequest{Connection: link, Environment: host.Development}, redirect)
			w.must(err)
			q, sub := w.consent(p), w.admin
			c.alter(w, &sub, &p, q)
			before := len(w.lab.Log())
			_, err = w.Finish(w.ctx, sub, link, p.Process, q, false)
			wantCode(t, err, host.Refused, c.want)
			if after := len(w.lab.Log()); after != before {
				t.Errorf("%d requests were made", after-before)
			}
			_, _, err = w.get(w.admin, link, "/me")
			wantCode(t, err, host.NeedsAuth, "is not authorized")
		})
	}
}

func TestRule13RepeatedCallback(t *testing.T) {
	w := newWorld(t, t.TempDir())
	link := w.create(w.acme(), broker.CreateRequest{Connector: "acme"}).LinkName
	p, err := w.Begin(w.ctx, w.admin, broker.AuthorizeRequest{Connection: link, Environment: host.Development}, redirect)
	w.must(err)
	q := w.consent(p)
	_, err = w.Finish(w.ctx, w.admin, link, p.Process, q, false)
	w.must(err)
	before := len(w.lab.Log())
	_, err = w.Finish(w.ctx, w.admin, link, p.Process, q, false)
	wantCode(t, err, host.Refused, "used already")
	if len(w.lab.Log()) != before {
		t.Error("a second token request was made")
	}
	if status, _, err := w.get(w.admin, link, "/me"); status != 200 || err != nil {
		t.Errorf("the first authorization does not work: %d %v", status, err)
	}
}

// Rule 5: a user connection never falls back to someone else's authorization.
func TestRule5NeverSomeoneElses(t *testing.T) {
	w := newWorld(t, t.TempDir())
	link := w.create(w.acme(), broker.CreateRequest{Connector: "acme", Access: host.UserAccess}).LinkName
	w.authorize(w.admin, link)
	grace := w.user("grace")
	_, _, err := w.get(grace, link, "/me")
	wantCode(t, err, host.NeedsAuth, "is not authorized")
	w.authorize(grace, link)
	if status, _, err := w.get(grace, link, "/me"); status != 200 || err != nil {
		t.Errorf("grace: %d %v", status, err)
	}
}

// Rule 4: only administrators create and manage; a plain user uses both kinds.
func TestRule4Rights(t *testing.T) {
	w := newWorld(t, t.TempDir())
	c := w.connect()
	grace := w.user("grace")
	if status, _, err := w.get(grace, c.LinkName, "/me"); status != 200 || err != nil {
		t.Errorf("a plain user cannot use an admin connection: %d %v", status, err)
	}
	_, err := w.Create(w.ctx, grace, broker.CreateRequest{Connector: "acme"})
	wantCode(t, err, host.NotAllowed, "may not manage connections")
	_, err = w.Install(w.ctx, grace, broker.InstallRequest{File: file(t, w.acme())})
	wantCode(t, err, host.NotAllowed, "may not manage connectors")
	_, err = w.Revoke(w.ctx, grace, host.Development, c.LinkName)
	wantCode(t, err, host.NotAllowed, "may not authorize admin connections")
	_, err = w.Delete(w.ctx, grace, c.LinkName)
	wantCode(t, err, host.NotAllowed, "may not manage connections")
	_, err = w.Credentials(w.ctx, grace, "")
	wantCode(t, err, host.NotAllowed, "may not manage client credentials")
	v, err := w.Connection(w.ctx, grace, c.LinkName)
	if err != nil || !v.Brief {
		t.Errorf("a plain user sees more than name and status: %+v, %v", v, err)
	}
}

// Rule 17: only administrators know of a draft.
func TestRule17Drafts(t *testing.T) {
	w := newWorld(t, t.TempDir())
	m := abi.Manifest{Connhost: 1, ID: "plain", Name: "Plain", Version: "1.0.0", BaseURL: w.server.URL, Auth: abi.Auth{Type: abi.AuthNone}}
	_, err := w.install(m)
	w.must(err)
	c, err := w.Create(w.ctx, w.admin, broker.CreateRequest{Connector: "plain"})
	w.must(err)
	grace := w.user("grace")
	for what, call := range map[string]func() error{
		"connector":  func() error { _, err := w.Connector(w.ctx, grace, "plain", ""); return err },
		"connection": func() error { _, err := w.Connection(w.ctx, grace, c.LinkName); return err },
		"invoke":     func() error { _, _, err := w.get(grace, c.LinkName, "/"); return err },
		"create":     func() error { _, err := w.Create(w.ctx, grace, broker.CreateRequest{Connector: "plain"}); return err },
	} {
		if err := call(); host.CodeOf(err) != host.NotFound {
			t.Errorf("%s: got %v", what, err)
		}
	}
	_, err = w.Publish(w.ctx, w.admin, "plain", "")
	w.must(err)
	if status, _, err := w.get(grace, c.LinkName, "/"); status != 200 || err != nil {
		t.Errorf("published: %d %v", status, err)
	}
	m.Description = "another"
	_, err = w.install(m)
	wantCode(t, err, host.Conflict, "only a draft is replaced")
}

// Rule 17: a draft that is replaced by one with other hosts takes no
// authorization along.
func TestRule17ReplacedDraft(t *testing.T) {
	w := newWorld(t, t.TempDir())
	m := w.keyed()
	_, err := w.install(m)
	w.must(err)
	c, err := w.Create(w.ctx, w.admin, broker.CreateRequest{Connector: m.ID})
	w.must(err)
	_, err = w.Authorize(w.ctx, w.admin, broker.AuthorizeRequest{Connection: c.LinkName, Secrets: map[string]host.Secret{"key": host.NewSecret(lab.APIKey)}})
	w.must(err)
	m.Description = "the same places"
	in, err := w.install(m)
	if err != nil || !in.Replaces || len(in.Reauth) != 0 {
		t.Fatalf("%+v, %v", in, err)
	}
	if status, _, err := w.get(w.admin, c.LinkName, "/me"); status != 200 || err != nil {
		t.Errorf("same places: %d %v", status, err)
	}
	m.Hosts = []string{"evil.test"}
	in, err = w.install(m)
	if err != nil || len(in.Reauth) != 1 {
		t.Fatalf("%+v, %v", in, err)
	}
	_, _, err = w.get(w.admin, c.LinkName, "/me")
	wantCode(t, err, host.NeedsAuth, "replaced by one that talks to other places")
}

// keyed is an API key connector of the lab.
func (w *world) keyed() abi.Manifest {
	return abi.Manifest{
		Connhost: 1, ID: "keyed", Name: "Keyed", Version: "1.0.0", BaseURL: w.server.URL + "/key",
		Auth: abi.Auth{Type: abi.AuthAPIKey, In: abi.InHeader, Name: "X-Lab-Key"},
		Test: &abi.Request{Path: "/me", Answer: &abi.Answer{Key: "/result/id", Label: "/result/name"}},
	}
}

// Rule 14: another account is noticed and must be confirmed.
func TestRule14OtherAccount(t *testing.T) {
	w := newWorld(t, t.TempDir())
	link := w.connect().LinkName
	post := func(body string) {
		t.Helper()
		resp, err := httpPost(w.server.URL+"/control", body)
		if err != nil || resp != 200 {
			t.Fatalf("%d %v", resp, err)
		}
	}
	post(`{"account":"acc_2"}`)
	p, err := w.Begin(w.ctx, w.admin, broker.AuthorizeRequest{Connection: link, Environment: host.Development}, redirect)
	w.must(err)
	_, err = w.Finish(w.ctx, w.admin, link, p.Process, w.consent(p), false)
	wantCode(t, err, host.Conflict, `belongs to Ada Lovelace`)
	p, err = w.Begin(w.ctx, w.admin, broker.AuthorizeRequest{Connection: link, Environment: host.Development}, redirect)
	w.must(err)
	got, err := w.Finish(w.ctx, w.admin, link, p.Process, w.consent(p), true)
	if err != nil || got.Authorization.AccountKey != "acc_2" {
		t.Errorf("%+v, %v", got.Authorization, err)
	}
}

// Rule 11: an environment with an authorization of its own does not use the
// shared one.
func TestRule11Environments(t *testing.T) {
	w := newWorld(t, t.TempDir())
	c := w.create(w.acme(), broker.CreateRequest{Connector: "acme", Environments: []host.Environment{host.Production}})
	w.authorize(w.admin, c.LinkName) // in development: the shared one
	if status, _, err := w.get(w.admin, c.LinkName, "/me"); status != 200 || err != nil {
		t.Errorf("development: %d %v", status, err)
	}
	_, err := w.Invoke(w.ctx, w.admin, host.Production, broker.InvokeRequest{Connection: c.LinkName, Method: "GET", URL: "/me"})
	wantCode(t, err, host.NeedsAuth, "in the environment production")
}

// Rules 1, 2 and 8: names.
func TestRule1And2Names(t *testing.T) {
	w := newWorld(t, t.TempDir())
	first := w.create(w.acme(), broker.CreateRequest{Connector: "acme"})
	second, err := w.Create(w.ctx, w.admin, broker.CreateRequest{Connector: "acme"})
	w.must(err)
	third, err := w.Create(w.ctx, w.admin, broker.CreateRequest{Connector: "acme", Name: "Größe & 2nd"})
	w.must(err)
	for i, want := range []string{"acme_connection", "acme_connection_1", "gr_e_2nd"} {
		if got := []string{first.LinkName, second.LinkName, third.LinkName}[i]; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	_, err = w.Create(w.ctx, w.admin, broker.CreateRequest{Connector: "acme", Name: "Acme Connection"})
	wantCode(t, err, host.Conflict, "exists")
	_, err = w.AddCredential(w.ctx, w.admin, host.ClientCredential{Connector: "acme", ClientID: lab.ClientID}, host.NewSecret(lab.ClientSecret))
	wantCode(t, err, host.Conflict, `"Acme Credential" has the same id and secret`)
}

func TestFieldsAreChecked(t *testing.T) {
	w := newWorld(t, t.TempDir())
	c := w.create(w.keyed(), broker.CreateRequest{Connector: "keyed"})
	for want, req := range map[string]broker.AuthorizeRequest{
		"needs --secret-stdin key":        {},
		"may not stand on a command line": {Values: map[string]string{"key": "x"}},
		`no parameter "other"`:            {Secrets: map[string]host.Secret{"key": host.NewSecret("x"), "other": host.NewSecret("y")}},
	} {
		req.Connection = c.LinkName
		_, err := w.Authorize(w.ctx, w.admin, req)
		wantCode(t, err, host.Usage, want)
	}
	wrong := broker.AuthorizeRequest{Connection: c.LinkName, Secrets: map[string]host.Secret{"key": host.NewSecret("a wrong key")}}
	_, err := w.Authorize(w.ctx, w.admin, wrong) // 401: it is not stored in the place of a good one
	wantCode(t, err, host.Failed, "Keyed does not take what was given")
	_, _, err = w.get(w.admin, c.LinkName, "/me")
	wantCode(t, err, host.NeedsAuth, "is not authorized")
	wrong.OtherAccount = true
	got, err := w.Authorize(w.ctx, w.admin, wrong)
	if err != nil || !strings.Contains(got.Warning, "401") {
		t.Errorf("a wrong key is stored without a warning: %+v, %v", got, err)
	}
}

func TestCredentialStaysWithItsHosts(t *testing.T) {
	w := newWorld(t, t.TempDir())
	link := w.connect().LinkName
	before := len(w.lab.Log())
	for _, target := range []string{"https://example.test/", "http://127.0.0.1:1/", "http://localhost" + strings.TrimPrefix(w.server.URL, "http://127.0.0.1") + "/api/me", "//evil.test/"} {
		_, _, err := w.get(w.admin, link, target)
		if code := host.CodeOf(err); code != host.Refused && code != host.Usage {
			t.Errorf("%s: got %v", target, err)
		}
	}
	if len(w.lab.Log()) != before {
		t.Error("a request left")
	}
}

func TestRoles(t *testing.T) {
	w := newWorld(t, t.TempDir())
	_, err := w.SetRole(w.ctx, w.admin, "root-user", host.Admin)
	wantCode(t, err, host.Conflict, "last super admin")
	_, err = w.AddUser(w.ctx, w.admin, host.User{Login: "eve", Role: host.Admin})
	w.must(err)
	eve, err := w.Subject(w.ctx, "eve")
	w.must(err)
	_, err = w.SetRole(w.ctx, eve, "eve", host.SuperAdmin)
	wantCode(t, err, host.NotAllowed, "only a super admin")
	_, err = w.SetRole(w.ctx, eve, "root-user", host.PlainUser)
	wantCode(t, err, host.NotAllowed, "only a super admin")
	_, err = w.AddUser(w.ctx, w.admin, host.User{Login: "Eve!", Role: host.Admin})
	wantCode(t, err, host.Usage, "may hold only")
	_, err = w.Subject(w.ctx, "nobody")
	wantCode(t, err, host.NotFound, `no user named "nobody"`)
}

func TestDeleteRevokesWhatNothingElseUses(t *testing.T) {
	w := newWorld(t, t.TempDir())
	link := w.connect().LinkName
	list, err := w.Delete(w.ctx, w.admin, link)
	if err != nil || len(list) != 1 || list[0].Upstream != broker.UpstreamRevoked {
		t.Errorf("%+v, %v", list, err)
	}
	_, err = w.Connection(w.ctx, w.admin, link)
	wantCode(t, err, host.NotFound, "no connection named")
}
