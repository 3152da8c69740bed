package broker_test

import (
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
)

// Rule 6: an unattended run over a user connection uses the authorization of
// the primary account, and is refused with that reason without one.
func TestRule6PrimaryAccount(t *testing.T) {
	w := newWorld(t, t.TempDir())
	link := w.create(w.acme(), broker.CreateRequest{Connector: "acme", Access: host.UserAccess}).LinkName
	w.authorize(w.admin, link)
	unattended := host.Unattended(host.DefaultApplication)
	_, _, err := w.get(unattended, link, "/me")
	wantCode(t, err, host.Refused, "an unattended run needs its primary account")

	grace := w.user("grace")
	status, err := w.SetPrimary(w.ctx, w.admin, host.Development, link, "grace")
	if err != nil || status != host.NotConnected {
		t.Errorf("before she authorized it: %s, %v", status, err)
	}
	_, _, err = w.get(unattended, link, "/me")
	wantCode(t, err, host.NeedsAuth, "is not authorized")
	w.authorize(grace, link)
	got, err := w.Invoke(w.ctx, unattended, host.Production, broker.InvokeRequest{Connection: link, Method: "GET", URL: "/me"})
	w.must(err)
	_ = got.Response.Body.Close()
	if got.Response.StatusCode != 200 || got.Primary != "grace" || got.Environment != host.Production {
		t.Errorf("unattended: %+v", got)
	}

	// It is hers, and nobody else's: when she revokes it, nobody's is used.
	_, err = w.Revoke(w.ctx, grace, host.Development, link)
	w.must(err)
	_, _, err = w.get(unattended, link, "/me")
	wantCode(t, err, host.NeedsAuth, "was revoked")

	v, err := w.Connection(w.ctx, w.admin, link)
	if err != nil || v.Primary != "grace" {
		t.Errorf("shown: %q, %v", v.Primary, err)
	}
	_, err = w.SetPrimary(w.ctx, w.admin, host.Development, link, "")
	w.must(err)
	_, _, err = w.get(unattended, link, "/me")
	wantCode(t, err, host.Refused, "an unattended run needs its primary account")
	list, err := w.History(w.ctx, w.admin, link, 0)
	w.must(err)
	n := 0
	for _, e := range list {
		if e.Act == host.ActConnectionPrimary {
			n++
		}
	}
	if n != 2 {
		t.Errorf("%d records of a primary account", n)
	}
}

// Rule 6: an admin connection has one authorization, which unattended runs use
// too; and a run that nobody started may do nothing but call.
func TestRule6AdminConnections(t *testing.T) {
	w := newWorld(t, t.TempDir())
	link := w.connect().LinkName
	unattended := host.Unattended(host.DefaultApplication)
	if status, _, err := w.get(unattended, link, "/me"); status != 200 || err != nil {
		t.Errorf("unattended: %d %v", status, err)
	}
	_, err := w.SetPrimary(w.ctx, w.admin, host.Development, link, w.admin.User.Login)
	wantCode(t, err, host.Usage, "needs no primary account")
	_, err = w.SetPrimary(w.ctx, w.user("grace"), host.Development, link, "grace")
	wantCode(t, err, host.NotAllowed, "may not manage connections")
	_, err = w.Delete(w.ctx, unattended, link)
	wantCode(t, err, host.NotAllowed, "a run that nobody started may not manage connections")
	_, err = w.SetAccess(w.ctx, w.admin, host.DefaultApplication, link, false)
	w.must(err)
	_, _, err = w.get(unattended, link, "/me")
	wantCode(t, err, host.Refused, "may not use connection")
}
