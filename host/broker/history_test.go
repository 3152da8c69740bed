package broker_test

import (
	"slices"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
)

// acts are who did what, in order.
func acts(list []broker.Event) []string {
	var out []string
	for _, e := range list {
		out = append(out, e.Who+" "+string(e.Act))
	}
	return out
}

func wantActs(t *testing.T, what string, list []broker.Event, err error, want ...string) {
	t.Helper()
	if got := acts(list); err != nil || !slices.Equal(got, want) {
		t.Errorf("%s: %v\n got %q\nwant %q", what, err, got, want)
	}
}

// The life of a connection: created, authorized, renewed, failed, revoked and
// authorized anew, with an intent whose outcome nobody knows yet.
func TestHistory(t *testing.T) {
	w, f, link := faulty(t)
	if _, err := w.Refresh(w.ctx, w.admin, host.Development, link); err != nil {
		t.Fatal(err)
	}
	f.mode.Store("busy")
	_, err := w.Refresh(w.ctx, w.admin, host.Development, link)
	wantCode(t, err, host.Unavailable, "")
	root := w.admin.User.Login
	want := []string{
		root + " connection.create", root + " authorization.begin", root + " authorization.grant",
		"connhost authorization.refresh", "connhost authorization.refresh_failed",
	}
	list, err := w.History(w.ctx, w.admin, link, 0)
	wantActs(t, "all", list, err, want...)
	renewed, failed := list[3], list[4]
	if d := renewed.Detail; d["rotated"] != "yes" || d["token_expires"] != w.authorization(link).TokenExpires.UTC().Format(time.RFC3339) || renewed.Account != "Ada Lovelace" {
		t.Errorf("%+v", renewed)
	}
	if d := failed.Detail; d["class"] != "not_used" || d["reason"] == "" {
		t.Errorf("%+v", failed)
	}
	for n := 1; n <= 5; n++ {
		list, err := w.History(w.ctx, w.admin, link, n)
		wantActs(t, "the last", list, err, want[5-n:]...)
	}
	f.mode.Store("invalid_grant")
	w.clock.advance(2 * time.Hour)
	_, err = w.Refresh(w.ctx, w.admin, host.Development, link)
	wantCode(t, err, host.NeedsAuth, "")
	list, err = w.History(w.ctx, w.admin, link, 1)
	wantActs(t, "refused", list, err, "connhost authorization.refresh_failed")
	if d := list[0].Detail; d["class"] != "fatal" || d["code"] != "invalid_grant" || d["reason"] == "" {
		t.Errorf("%+v", d)
	}
	_, err = w.Revoke(w.ctx, w.admin, host.Development, link)
	w.must(err)
	f.mode.Store("")
	w.authorize(w.admin, link)
	list, err = w.History(w.ctx, w.admin, link, 3)
	wantActs(t, "to the end", list, err, root+" authorization.revoke_upstream", root+" authorization.begin", root+" authorization.grant")
}

// What stood in a connection's place before belongs to its history until it
// was replaced.
func TestHistoryOfAReplacedAuthorization(t *testing.T) {
	w := newWorld(t, t.TempDir())
	link := w.connect().LinkName
	other, err := w.AddUser(w.ctx, w.admin, host.User{Login: "grace", Role: host.Admin})
	w.must(err)
	w.authorize(host.Subject{User: other}, link) // another owner: a new authorization
	root := w.admin.User.Login
	list, err := w.History(w.ctx, w.admin, link, 0)
	wantActs(t, "all", list, err, root+" connection.create", root+" authorization.begin", root+" authorization.grant", "grace authorization.begin", "grace authorization.grant")
}

// A plain user sees what became of their own authorizations, and nothing of an
// administrator's connection.
func TestHistoryRights(t *testing.T) {
	w := newWorld(t, t.TempDir())
	plain, other := w.user("plain"), w.user("other")
	c := w.create(w.acme(), broker.CreateRequest{Connector: "acme", Access: host.UserAccess})
	w.authorize(plain, c.LinkName)
	w.authorize(other, c.LinkName)
	list, err := w.History(w.ctx, plain, c.LinkName, 0)
	wantActs(t, "their own", list, err, "plain authorization.grant")
	list, err = w.History(w.ctx, w.admin, c.LinkName, 0)
	if len(list) != 5 || err != nil {
		t.Errorf("an administrator sees %q, %v", acts(list), err)
	}
	admins, err := w.Create(w.ctx, w.admin, broker.CreateRequest{Connector: "acme", LinkName: "theirs"})
	w.must(err)
	_, err = w.History(w.ctx, plain, admins.LinkName, 0)
	wantCode(t, err, host.NotAllowed, "plain")
	_, err = w.History(w.ctx, plain, "nowhere", 0)
	wantCode(t, err, host.NotFound, "no connection named")
}
