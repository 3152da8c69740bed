package broker_test

import (
	"slices"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
)

// Rules 4 and 19: a user who is deleted leaves nothing that calls: their own
// places and authorizations go, what serves others is refused or revoked too.
func TestRule4DeleteUser(t *testing.T) {
	w := newWorld(t, t.TempDir())
	each := w.create(w.acme(), broker.CreateRequest{Connector: "acme", Access: host.UserAccess}).LinkName
	all, err := w.Create(w.ctx, w.admin, broker.CreateRequest{Connector: "acme"})
	w.must(err)
	grace, bob := w.user("grace"), w.user("bob")
	u, err := w.AddUser(w.ctx, w.admin, host.User{Login: "dev", Role: host.Developer})
	w.must(err)
	dev := host.Subject{User: u}
	w.authorize(grace, each)
	w.authorize(dev, each)
	w.authorize(dev, all.LinkName)
	if status, _, err := w.get(grace, each, "/me"); status != 200 || err != nil {
		t.Fatalf("%d %v", status, err)
	}
	list, err := w.DeleteUser(w.ctx, w.admin, "grace", false)
	if err != nil || len(list) != 1 || list[0].Upstream != broker.UpstreamRevoked {
		t.Fatalf("%+v, %v", list, err)
	}
	_, _, err = w.get(grace, each, "/me") // a process that runs on
	wantCode(t, err, host.NotAllowed, "grace is not a user any more")

	l, err := w.Leaving(w.ctx, w.admin, "dev")
	if err != nil || len(l.Authorizations) != 2 || !slices.Equal(l.Serving, []string{all.LinkName}) {
		t.Errorf("%+v, %v", l, err)
	}
	_, err = w.DeleteUser(w.ctx, w.admin, "dev", false)
	wantCode(t, err, host.Conflict, "serves the calls of others: "+all.LinkName)
	if status, _, err := w.get(bob, all.LinkName, "/me"); status != 200 || err != nil {
		t.Errorf("after a refused deletion: %d %v", status, err)
	}
	list, err = w.DeleteUser(w.ctx, w.admin, "dev", true)
	if err != nil || len(list) != 2 {
		t.Fatalf("%+v, %v", list, err)
	}
	_, _, err = w.get(bob, all.LinkName, "/me")
	wantCode(t, err, host.NeedsAuth, "was revoked")
	w.authorize(w.admin, all.LinkName)
	if status, _, err := w.get(bob, all.LinkName, "/me"); status != 200 || err != nil {
		t.Errorf("authorized by another: %d %v", status, err)
	}
}

// Rule 4: the last super admin stays, an admin deletes no super admin, and
// nobody deletes themselves.
func TestRule4WhoIsNotDeleted(t *testing.T) {
	w := newWorld(t, t.TempDir())
	add := func(login string, role host.Role) host.Subject {
		u, err := w.AddUser(w.ctx, w.admin, host.User{Login: login, Role: role})
		w.must(err)
		return host.Subject{User: u}
	}
	eve := add("eve", host.Admin)
	for _, c := range []struct {
		sub   host.Subject
		login string
		code  host.Code
		text  string
	}{
		{w.admin, w.admin.User.Login, host.Conflict, "last super admin"},
		{eve, w.admin.User.Login, host.NotAllowed, "only a super admin"},
		{eve, "eve", host.NotAllowed, "does not delete themselves"},
		{w.user("grace"), "eve", host.NotAllowed, "may not manage users"},
		{w.user("bob"), "nobody", host.NotAllowed, "may not manage users"},
		{eve, "nobody", host.NotFound, `no user named "nobody"`},
	} {
		_, err := w.DeleteUser(w.ctx, c.sub, c.login, true)
		wantCode(t, err, c.code, c.text)
	}
}

// A role that was taken is gone for a process that runs on.
func TestRule4RoleTaken(t *testing.T) {
	w := newWorld(t, t.TempDir())
	m := w.acme()
	_, err := w.install(m) // a draft
	w.must(err)
	u, err := w.AddUser(w.ctx, w.admin, host.User{Login: "dev", Role: host.Developer})
	w.must(err)
	dev := host.Subject{User: u}
	k := w.keyed()
	_, err = w.install(k)
	w.must(err)
	c, err := w.Create(w.ctx, dev, broker.CreateRequest{Connector: k.ID})
	w.must(err)
	_, _, err = w.get(dev, c.LinkName, "/me")
	wantCode(t, err, host.NeedsAuth, "is not authorized")
	_, err = w.SetRole(w.ctx, w.admin, "dev", host.PlainUser)
	w.must(err)
	_, _, err = w.get(dev, c.LinkName, "/me")
	wantCode(t, err, host.NotFound, "no connection named")
}
