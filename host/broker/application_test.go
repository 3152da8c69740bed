package broker_test

import (
	"slices"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
)

// from is the subject as a script of an application has it.
func from(sub host.Subject, application string) host.Subject {
	sub.Application = application
	return sub
}

// use records a use of connections by a script of an application.
func (w *world) use(sub host.Subject, script string, links ...string) {
	w.t.Helper()
	w.must(w.Used(w.ctx, sub, broker.ScriptUse{Script: script, Environment: host.Production, Connections: links}))
}

// Rule 16: an application uses a connection until its access is switched off;
// then its scripts are refused, others are not, and the connection says so.
func TestRule16AccessOfAnApplication(t *testing.T) {
	w := newWorld(t, t.TempDir())
	link := w.connect().LinkName
	_, err := w.CreateApplication(w.ctx, w.admin, "billing")
	w.must(err)
	billing := from(w.admin, "billing")
	if status, _, err := w.get(billing, link, "/me"); status != 200 || err != nil {
		t.Fatalf("before: %d %v", status, err)
	}
	if changed, err := w.SetAccess(w.ctx, w.admin, "billing", link, false); !changed || err != nil {
		t.Fatalf("deny: %t %v", changed, err)
	}
	_, _, err = w.get(billing, link, "/me")
	wantCode(t, err, host.Refused, `the application "billing" may not use connection "acme_connection"`)
	err = w.Act(w.ctx, billing, host.Development, broker.ActionRequest{Connection: link, Action: "list"}, nil)
	wantCode(t, err, host.Refused, `the application "billing" may not use connection "acme_connection"`)
	if status, _, err := w.get(w.admin, link, "/me"); status != 200 || err != nil {
		t.Errorf("the default application: %d %v", status, err)
	}
	v, err := w.Connection(w.ctx, w.admin, link)
	if err != nil || len(v.Denied) != 1 || v.Denied[0] != "billing" {
		t.Errorf("denied: %v %v", v.Denied, err)
	}
	if changed, err := w.SetAccess(w.ctx, w.admin, "billing", link, false); changed || err != nil {
		t.Errorf("denied twice: %t %v", changed, err)
	}
	_, err = w.SetAccess(w.ctx, w.admin, "billing", link, true)
	w.must(err)
	if status, _, err := w.get(billing, link, "/me"); status != 200 || err != nil {
		t.Errorf("allowed again: %d %v", status, err)
	}
	_, _, err = w.get(from(w.admin, "nowhere"), link, "/me")
	wantCode(t, err, host.NotFound, `no application named "nowhere"`)
}

// Rule 4: a call that names no application counts as the default one, and who
// can come at an admin connection from no application may not know of it.
func TestRule4WhoeverAnApplicationAdmits(t *testing.T) {
	w := newWorld(t, t.TempDir())
	link := w.connect().LinkName
	grace := w.user("grace")
	_, err := w.SetAccess(w.ctx, w.admin, host.DefaultApplication, link, false)
	w.must(err)
	_, _, err = w.get(w.admin, link, "/me")
	wantCode(t, err, host.Refused, `the application "default" may not use`)
	_, _, err = w.get(grace, link, "/me")
	wantCode(t, err, host.NotFound, `no connection named "acme_connection"`)
	_, err = w.Connection(w.ctx, grace, link)
	wantCode(t, err, host.NotFound, `no connection named "acme_connection"`)
	if list, err := w.Connections(w.ctx, grace); len(list) != 0 || err != nil {
		t.Errorf("grace sees %+v, %v", list, err)
	}
	_, err = w.CreateApplication(w.ctx, w.admin, "desk")
	w.must(err)
	if status, _, err := w.get(from(grace, "desk"), link, "/me"); status != 200 || err != nil {
		t.Errorf("from desk: %d %v", status, err)
	}
	_, _, err = w.get(grace, link, "/me")
	wantCode(t, err, host.Refused, `the application "default" may not use`)
	if list, err := w.Connections(w.ctx, grace); len(list) != 1 || !list[0].Brief || err != nil {
		t.Errorf("grace sees %+v, %v", list, err)
	}
}

// Rule 16: runs and checks record what they use: one reference for an
// application and a connection, with the scripts, and the environments of rule
// 11.
func TestRule16References(t *testing.T) {
	w := newWorld(t, t.TempDir())
	link := w.connect().LinkName
	_, err := w.CreateApplication(w.ctx, w.admin, "billing")
	w.must(err)
	billing := from(w.admin, "billing")
	w.use(billing, "a.dg", link, "nowhere", link)
	before, err := w.store.Generation(w.ctx)
	w.must(err)
	w.use(billing, "a.dg", link)
	if after, err := w.store.Generation(w.ctx); after != before || err != nil {
		t.Errorf("the same use was written again: %v", err)
	}
	w.clock.advance(time.Hour)
	w.must(w.Used(w.ctx, billing, broker.ScriptUse{Script: "a.dg", Environment: host.Stage, Connections: []string{link}}))
	w.use(billing, "b.dg", link)
	refs, err := w.References(w.ctx, w.admin, link)
	w.must(err)
	if refs.Empty() || len(refs.Applications) != 1 || len(refs.Applications[0].Reference.Scripts) != 2 {
		t.Fatalf("references: %+v", refs)
	}
	r := refs.Applications[0].Reference
	if a := r.Scripts[1]; a.Script != "a.dg" || len(a.Environments) != 2 || r.Last.Sub(r.First) < time.Hour {
		t.Errorf("reference: %+v", r)
	}
	all, err := w.ConnectorReferences(w.ctx, w.admin, "acme", "")
	if err != nil || len(all) != 1 || all[0].Connection.LinkName != link {
		t.Errorf("of the connector: %+v, %v", all, err)
	}
	_, err = w.References(w.ctx, w.user("grace"), link)
	wantCode(t, err, host.NotAllowed, "may not manage connections")
	_, err = w.SetAccess(w.ctx, w.admin, "billing", link, false)
	w.must(err)
	w.use(billing, "c.dg", link)
	refs, err = w.References(w.ctx, w.admin, link)
	if err != nil || len(refs.Applications[0].Reference.Scripts) != 2 {
		t.Errorf("a refused script is recorded: %+v %v", refs, err)
	}
	w.must(w.DeleteApplication(w.ctx, w.admin, "billing"))
	if refs, err = w.References(w.ctx, w.admin, link); err != nil || !refs.Empty() {
		t.Errorf("after the application was deleted: %+v %v", refs, err)
	}
	wantCode(t, w.DeleteApplication(w.ctx, w.admin, host.DefaultApplication), host.Refused, "exists by itself")
}

// Rule 16: a connection that shares an authorization is a reference too.
func TestRule16SharedAuthorizations(t *testing.T) {
	w := newWorld(t, t.TempDir())
	link := w.connect().LinkName
	second, err := w.Create(w.ctx, w.admin, broker.CreateRequest{Connector: "acme"})
	w.must(err)
	v, err := w.Connection(w.ctx, w.admin, link)
	w.must(err)
	w.must(w.store.Update(w.ctx, func(tx host.Tx) error {
		b := *v.Places[0].Binding
		b.ID, b.Connection = host.NewBindingID(), second.ID
		return tx.Bindings().Put(w.ctx, b)
	}))
	refs, err := w.References(w.ctx, w.admin, link)
	if err != nil || refs.Empty() || len(refs.Shared) != 1 || refs.Shared[0] != second.LinkName {
		t.Errorf("references: %+v, %v", refs, err)
	}
}

// Rule 16: administrators see an application in edit mode with everything, any
// other user in live mode: the user connections, to be authorized.
func TestRule16EditAndLiveMode(t *testing.T) {
	w := newWorld(t, t.TempDir())
	admins := w.connect().LinkName
	users, err := w.Create(w.ctx, w.admin, broker.CreateRequest{Connector: "acme", Access: host.UserAccess, LinkName: "each"})
	w.must(err)
	denied, err := w.Create(w.ctx, w.admin, broker.CreateRequest{Connector: "acme", Access: host.UserAccess, LinkName: "denied"})
	w.must(err)
	w.use(w.admin, "a.dg", admins, users.LinkName, denied.LinkName)
	_, err = w.SetAccess(w.ctx, w.admin, host.DefaultApplication, denied.LinkName, false)
	w.must(err)
	edit, err := w.Application(w.ctx, w.admin, host.DefaultApplication)
	if err != nil || edit.Live || len(edit.Connections) != 3 {
		t.Errorf("edit mode: %+v, %v", edit, err)
	}
	live, err := w.Application(w.ctx, w.user("grace"), host.DefaultApplication)
	if err != nil || !live.Live || len(live.Connections) != 1 || live.Connections[0].View.Connection.LinkName != "each" {
		t.Errorf("live mode: %+v, %v", live, err)
	}
	if status := live.Connections[0].View.Status(host.Development); status != host.NotConnected {
		t.Errorf("her status is %s", status)
	}
}

// Rule 4: only administrative roles manage applications.
func TestRule4Applications(t *testing.T) {
	w := newWorld(t, t.TempDir())
	link := w.connect().LinkName
	grace := w.user("grace")
	_, err := w.CreateApplication(w.ctx, grace, "mine")
	wantCode(t, err, host.NotAllowed, "may not manage applications")
	_, err = w.SetAccess(w.ctx, grace, "default", link, false)
	wantCode(t, err, host.NotAllowed, "may not manage applications")
	wantCode(t, w.DeleteApplication(w.ctx, grace, "default"), host.NotAllowed, "may not manage applications")
	if list, err := w.Applications(w.ctx, grace); len(list) != 1 || err != nil {
		t.Errorf("%+v, %v", list, err)
	}
	_, err = w.CreateApplication(w.ctx, w.admin, "default")
	wantCode(t, err, host.Conflict, "exists")
	_, err = w.CreateApplication(w.ctx, w.admin, "No Name")
	wantCode(t, err, host.Usage, "must start with a-z")
}

// Rule 11: which environment a call used is part of its record: of the answer,
// and of the reference.
func TestRule11TheEnvironmentIsRecorded(t *testing.T) {
	w := newWorld(t, t.TempDir())
	link := w.connect().LinkName
	for _, env := range []host.Environment{host.Production, host.Stage} {
		w.must(w.Used(w.ctx, w.admin, broker.ScriptUse{Script: "a.dg", Environment: env, Connections: []string{link}}))
		got, err := w.Invoke(w.ctx, w.admin, env, broker.InvokeRequest{Connection: link, Method: "GET", URL: "/me"})
		w.must(err)
		_ = got.Response.Body.Close()
		if got.Environment != env {
			t.Errorf("the answer says %s, want %s", got.Environment, env)
		}
	}
	refs, err := w.References(w.ctx, w.admin, link)
	w.must(err)
	if got := refs.Applications[0].Reference.Scripts[0].Environments; !slices.Equal(got, []host.Environment{host.Stage, host.Production}) {
		t.Errorf("the reference says %v", got)
	}
}
