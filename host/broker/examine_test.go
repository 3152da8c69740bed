package broker_test

import (
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
	"github.com/connhost/connhost/plugins/abi"
)

// Rule 16: the check of a script says what a call of its application would
// meet, in the words of the refusal, and makes no call.
func TestRule16ExamineSaysWhatACallWould(t *testing.T) {
	w := newWorld(t, t.TempDir())
	link := w.create(w.acme(), broker.CreateRequest{Connector: "acme", Environments: []host.Environment{host.Stage}}).LinkName
	grace := w.user("grace")
	const week = 7 * 24 * time.Hour
	wants := func(what string, sub host.Subject, env host.Environment, link string, want broker.Obstacle) {
		t.Helper()
		got, err := w.Examine(w.ctx, sub, env, link, week)
		if err != nil || (want == "") != (len(got.Findings) == 0) || want != "" && (got.Findings[0].Obstacle != want || got.Findings[0].Hint == "") {
			t.Errorf("%s: %+v, %v", what, got.Findings, err)
		}
	}
	wants("no connection", w.admin, host.Development, "nowhere", broker.Unknown)
	wants("not authorized", w.admin, host.Development, link, broker.NotUsable)
	w.authorize(w.admin, link)
	before := len(w.lab.Log())
	wants("authorized", w.admin, host.Development, link, "")
	wants("authorized, by another", grace, host.Development, link, "")
	wants("in an environment of its own", w.admin, host.Stage, link, broker.NotUsable)
	wants("unattended", host.Unattended(host.DefaultApplication), host.Development, link, "")
	_, err := w.CreateApplication(w.ctx, w.admin, "billing")
	w.must(err)
	_, err = w.SetAccess(w.ctx, w.admin, "billing", link, false)
	w.must(err)
	wants("of an application that may not", from(w.admin, "billing"), host.Development, link, broker.NotAdmitted)
	_, err = w.Examine(w.ctx, from(w.admin, "none"), host.Development, link, week)
	wantCode(t, err, host.NotFound, `no application named "none"`)
	_, err = w.Disable(w.ctx, w.admin, "acme", "")
	w.must(err)
	wants("of a disabled connector", w.admin, host.Development, link, broker.NotUsable)
	if after := len(w.lab.Log()); after != before {
		t.Errorf("%d requests were made", after-before)
	}
}

// Rule 15: an authorization that is about to die, or has to be made anew, is
// foretold before a run.
func TestRule15ExamineForetells(t *testing.T) {
	w := newWorld(t, t.TempDir())
	m := w.acme()
	m.Refresh = &abi.Refresh{Idle: 3600}
	link := w.create(m, broker.CreateRequest{Connector: "acme"}).LinkName
	w.authorize(w.admin, link)
	if got, err := w.Examine(w.ctx, w.admin, host.Development, link, time.Minute); err != nil || len(got.Findings) != 0 {
		t.Errorf("a minute ahead: %+v, %v", got, err)
	}
	got, err := w.Examine(w.ctx, w.admin, host.Development, link, 2*time.Hour)
	if err != nil || len(got.Findings) != 1 || got.Findings[0].Obstacle != broker.Ending {
		t.Errorf("two hours ahead: %+v, %v", got, err)
	}
	w.must(w.store.Update(w.ctx, func(tx host.Tx) error {
		list, err := tx.Authorizations().List(w.ctx, "acme")
		if err != nil {
			return err
		}
		list[0].State, list[0].Reason = host.NeedsReauth, "the answer to a refresh was lost"
		return tx.Authorizations().Save(w.ctx, list[0])
	}))
	got, err = w.Examine(w.ctx, w.admin, host.Development, link, time.Minute)
	if err != nil || len(got.Findings) != 1 || got.Findings[0].Obstacle != broker.NotUsable {
		t.Errorf("needs reauthorization: %+v, %v", got, err)
	}
	w.clock.advance(2 * time.Hour)
	got, err = w.Examine(w.ctx, w.admin, host.Development, link, time.Minute)
	if err != nil || len(got.Findings) != 1 || got.Findings[0].Obstacle != broker.NotUsable {
		t.Errorf("its token has expired: %+v, %v", got, err)
	}
}

// Rule 10: what a named action needs is held against what was granted; rule 17:
// and whether it may be done at all.
func TestRule10ExamineScopes(t *testing.T) {
	w := newWorld(t, t.TempDir())
	m := w.acme()
	m.Actions = []abi.Action{
		{Name: "list_items", Request: abi.Request{Path: "/items"}, Scopes: []abi.OneOf{{"orders.write", "items.read"}}},
		{Name: "order", Request: abi.Request{Path: "/orders"}, Scopes: []abi.OneOf{{"items.read"}, {"orders.write"}}},
	}
	c := w.create(m, broker.CreateRequest{Connector: "acme", Scopes: []string{"items.read"}})
	w.authorize(w.admin, c.LinkName)
	sure := false
	examine := func(service, action string) ([]broker.Finding, bool) {
		t.Helper()
		got, err := w.Examine(w.ctx, w.admin, host.Development, c.LinkName, 0)
		w.must(err)
		return got.Action(service, action, sure)
	}
	if got, other := examine("acme", "list_items"); other || len(got) != 1 || got[0].Obstacle != broker.NoAction {
		t.Errorf("of a custom connector: %+v %t", got, other)
	}
	_, err := w.AllowActions(w.ctx, w.admin, c.ConnectorHash)
	w.must(err)
	if got, other := examine("acme", "list_items"); other || len(got) != 0 {
		t.Errorf("granted: %+v %t", got, other)
	}
	if got, other := examine("acme", "order"); other || len(got) != 1 || got[0].Obstacle != broker.MissingScopes {
		t.Errorf("not granted: %+v %t", got, other)
	}
	if got, other := examine("acme", "pay"); other || len(got) != 1 || got[0].Obstacle != broker.NoAction {
		t.Errorf("no action: %+v %t", got, other)
	}
	if _, other := examine("thisapp", "list_items"); !other {
		t.Error("a function of the application is taken for an action")
	}
	sure = true
	if got, other := examine("other", "list_items"); other || len(got) != 1 || got[0].Obstacle != broker.NoAction {
		t.Errorf("an action of another service: %+v %t", got, other)
	}
}
