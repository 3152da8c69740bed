package broker_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
	"github.com/connhost/connhost/host/lab"
	"github.com/connhost/connhost/plugins/abi"
)

func (w *world) stop(level host.StopLevel, kind host.StopKind, target string) broker.StopView {
	w.t.Helper()
	v, err := w.Stop(w.ctx, w.admin, broker.StopRequest{Level: level, Kind: kind, Target: target, Reason: "a leak"})
	w.must(err)
	return v
}

func (w *world) restore(level host.StopLevel, kind host.StopKind, target string) {
	w.t.Helper()
	_, err := w.Restore(w.ctx, w.admin, broker.StopRequest{Level: level, Kind: kind, Target: target})
	w.must(err)
}

// Rules 15 and 19: a stop refuses at once every call, refresh and authorization
// of its target and nothing else, and taking it back restores exactly what was.
func TestRule15Stop(t *testing.T) {
	w := newWorld(t, t.TempDir())
	c := w.connect()
	other := w.create(w.keyed(), broker.CreateRequest{Connector: "keyed", Access: host.UserAccess})
	grace := w.user("grace")
	key := map[string]host.Secret{"key": host.NewSecret(lab.APIKey)}
	for _, sub := range []host.Subject{w.admin, grace} {
		_, err := w.Authorize(w.ctx, sub, broker.AuthorizeRequest{Connection: other.LinkName, Secrets: key})
		w.must(err)
	}
	off := w.create(abiPlain(w), broker.CreateRequest{Connector: "plain"})
	type call struct {
		sub  host.Subject
		link string
	}
	all := []call{{w.admin, c.LinkName}, {grace, c.LinkName}, {w.admin, other.LinkName}, {grace, other.LinkName}, {w.admin, off.LinkName}}
	for _, k := range []struct {
		kind   host.StopKind
		target string
		hits   []call
	}{
		{host.StopAll, "", all},
		{host.StopConnector, "acme", all[:2]},
		{host.StopCredential, "Acme Credential", all[:2]},
		{host.StopConnection, other.LinkName, all[2:4]},
		{host.StopUser, "grace", []call{all[1], all[3]}},
		{host.StopUser, w.admin.User.Login, []call{all[0], all[1], all[2], all[4]}}, // whose authorization all use
	} {
		t.Run(string(k.kind)+" "+k.target, func(t *testing.T) {
			before := len(w.lab.Log())
			for _, a := range all { // into the cache
				_, _, err := w.get(a.sub, a.link, "/me")
				w.must(err)
			}
			if len(w.lab.Log()) != before+len(all) {
				t.Fatal("a call did not arrive")
			}
			v := w.stop(host.StopCalls, k.kind, k.target)
			if !v.Changed || len(v.Connections) == 0 {
				t.Errorf("%+v", v)
			}
			before = len(w.lab.Log())
			for _, a := range all {
				_, _, err := w.get(a.sub, a.link, "/me")
				if slices.Contains(k.hits, a) {
					wantCode(t, err, host.Refused, "was stopped by root-user: a leak")
				} else if err != nil {
					t.Errorf("%s by %s: %v", a.link, a.sub.User.Login, err)
				}
			}
			if got := len(w.lab.Log()) - before; got != len(all)-len(k.hits) {
				t.Errorf("%d calls arrived", got)
			}
			if v := w.stop(host.StopCalls, k.kind, k.target); v.Changed {
				t.Error("stopped twice")
			}
			w.restore(host.StopCalls, k.kind, k.target)
			for _, a := range all {
				if _, _, err := w.get(a.sub, a.link, "/me"); err != nil {
					t.Errorf("restored: %s by %s: %v", a.link, a.sub.User.Login, err)
				}
			}
			_, err := w.Restore(w.ctx, w.admin, broker.StopRequest{Level: host.StopCalls, Kind: k.kind, Target: k.target})
			wantCode(t, err, host.NotFound, "is not stopped")
		})
	}
}

// What was off before a stop is off after it, and one stop does not take
// another back.
func TestRule15RestoreExactly(t *testing.T) {
	w := newWorld(t, t.TempDir())
	link := w.connect().LinkName
	_, err := w.SwitchOff(w.ctx, w.admin, host.Development, link)
	w.must(err)
	w.stop(host.StopCalls, host.StopAll, "")
	w.stop(host.StopCalls, host.StopConnector, "acme")
	w.wantStatus(w.admin, link, host.Development, host.Disabled, "everything was stopped by root-user: a leak")
	w.restore(host.StopCalls, host.StopAll, "")
	w.wantStatus(w.admin, link, host.Development, host.Disabled, "connector acme was stopped")
	w.restore(host.StopCalls, host.StopConnector, "acme")
	w.wantStatus(w.admin, link, host.Development, host.Disabled, "it is switched off")
	_, err = w.SwitchOn(w.ctx, w.admin, host.Development, link)
	w.must(err)
	w.wantStatus(w.admin, link, host.Development, host.Status(host.Connected), "")
}

// A stop holds refreshes and authorizations too: no token request is made. What
// may be revoked is revoked.
func TestRule15StopTokenRequests(t *testing.T) {
	w := newWorld(t, t.TempDir())
	link := w.connect().LinkName
	p, err := w.Begin(w.ctx, w.admin, broker.AuthorizeRequest{Connection: link, Environment: host.Development}, redirect)
	w.must(err)
	q := w.consent(p)
	w.clock.advance(2 * time.Hour)
	w.stop(host.StopCalls, host.StopConnector, "acme")
	before := len(w.lab.Log())
	_, err = w.Finish(w.ctx, w.admin, link, p.Process, q, false)
	wantCode(t, err, host.Refused, "window of 90 seconds")
	_, err = w.Begin(w.ctx, w.admin, broker.AuthorizeRequest{Connection: link, Environment: host.Development}, redirect)
	wantCode(t, err, host.Refused, "connector acme was stopped")
	_, err = w.Refresh(w.ctx, w.admin, host.Development, link)
	wantCode(t, err, host.Refused, "connector acme was stopped")
	list, err := w.RefreshDue(w.ctx, w.admin, time.Hour)
	if len(list) != 0 || err != nil {
		t.Errorf("due: %+v, %v", list, err)
	}
	if len(w.lab.Log()) != before {
		t.Error("a request was made")
	}
	r, err := w.Revoke(w.ctx, w.admin, host.Development, link)
	if err != nil || r.Upstream != broker.UpstreamRevoked {
		t.Errorf("revoked while it is stopped: %+v, %v", r, err)
	}
}

// A callback that comes in time, but after a stop, is refused.
func TestRule15StopDuringConsent(t *testing.T) {
	w := newWorld(t, t.TempDir())
	link := w.connect().LinkName
	p, err := w.Begin(w.ctx, w.admin, broker.AuthorizeRequest{Connection: link, Environment: host.Development}, redirect)
	w.must(err)
	q := w.consent(p)
	w.stop(host.StopCalls, host.StopAll, "")
	before := len(w.lab.Log())
	_, err = w.Finish(w.ctx, w.admin, link, p.Process, q, false)
	wantCode(t, err, host.Refused, "everything was stopped")
	if len(w.lab.Log()) != before {
		t.Error("a token request was made")
	}
}

// A stop that comes between a call and its refresh after a 401 holds that.
func TestRule15StopBeforeRefresh(t *testing.T) {
	w := newWorld(t, t.TempDir())
	api := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Stop") != "" {
			w.stop(host.StopCalls, host.StopAll, "")
			rw.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.lab.ServeHTTP(rw, r)
	}))
	t.Cleanup(api.Close)
	m := w.acme()
	m.BaseURL = api.URL + "/api"
	link := w.create(m, broker.CreateRequest{Connector: "acme"}).LinkName
	w.authorize(w.admin, link)
	before := w.lab.Refreshes()
	_, err := w.Invoke(w.ctx, w.admin, host.Development, broker.InvokeRequest{Connection: link, Method: "GET", URL: "/me", Header: http.Header{"X-Stop": {"1"}}})
	wantCode(t, err, host.Refused, "everything was stopped")
	if w.lab.Refreshes() != before {
		t.Error("it was refreshed")
	}
}

// Read-only lets GET and HEAD through, and nothing that becomes something else.
func TestReadOnly(t *testing.T) {
	w := newWorld(t, t.TempDir())
	link := w.connect().LinkName
	w.stop(host.StopWrites, host.StopConnection, link)
	w.wantStatus(w.admin, link, host.Development, host.Status(host.Connected), "")
	if p := w.see(w.admin, link, host.Development); p.ReadOnly != "connection "+link+" was made read-only by root-user: a leak" {
		t.Errorf("shown as %q", p.ReadOnly)
	}
	send := func(method string, header http.Header) error {
		got, err := w.Invoke(w.ctx, w.admin, host.Development, broker.InvokeRequest{Connection: link, Method: method, URL: "/me", Header: header})
		if err == nil {
			_ = got.Response.Body.Close()
		}
		return err
	}
	before := len(w.lab.Log())
	for _, method := range []string{"POST", "PUT", "PATCH", "DELETE", "OPTIONS", "get", "QUERY"} {
		wantCode(t, send(method, nil), host.Refused, "is read-only, and "+method+" is refused")
	}
	for _, name := range []string{"X-HTTP-Method-Override", "x-http-method", "X-Method-Override"} {
		h := http.Header{}
		h.Set(name, "DELETE")
		wantCode(t, send("GET", h), host.Refused, "with another method in its header")
	}
	if len(w.lab.Log()) != before {
		t.Error("a call arrived")
	}
	for _, method := range []string{"GET", "HEAD", ""} {
		if err := send(method, nil); err != nil {
			t.Errorf("%q: %v", method, err)
		}
	}
	w.clock.advance(2 * time.Hour)
	if err := send("GET", nil); err != nil {
		t.Errorf("a refresh is no write of the caller: %v", err)
	}
	w.restore(host.StopWrites, host.StopConnection, link)
	if err := send("POST", nil); err != nil {
		t.Error(err)
	}
}

// Who may stop, and who may take it back.
func TestRule4Stop(t *testing.T) {
	w := newWorld(t, t.TempDir())
	w.connect()
	add := func(login string, role host.Role) host.Subject {
		u, err := w.AddUser(w.ctx, w.admin, host.User{Login: login, Role: role})
		w.must(err)
		return host.Subject{User: u}
	}
	dev, eve, grace := add("dev", host.Developer), add("eve", host.Admin), w.user("grace")
	stop := func(sub host.Subject, kind host.StopKind, target string) error {
		_, err := w.Stop(w.ctx, sub, broker.StopRequest{Level: host.StopCalls, Kind: kind, Target: target})
		return err
	}
	wantCode(t, stop(grace, host.StopAll, ""), host.NotAllowed, "may not stop")
	wantCode(t, stop(dev, host.StopUser, "grace"), host.NotAllowed, "may not manage users")
	wantCode(t, stop(eve, host.StopUser, w.admin.User.Login), host.NotAllowed, "only a super admin")
	wantCode(t, stop(dev, host.StopConnector, "nope"), host.NotFound, `no connector named "nope"`)
	w.must(stop(w.admin, host.StopUser, "eve"))
	_, err := w.Restore(w.ctx, eve, broker.StopRequest{Level: host.StopCalls, Kind: host.StopUser, Target: "eve"})
	wantCode(t, err, host.NotAllowed, "does not take that back")
	list, err := w.Stops(w.ctx, dev)
	if err != nil || len(list) != 1 || list[0].What != "user eve" {
		t.Errorf("%+v, %v", list, err)
	}
	_, err = w.Stops(w.ctx, grace)
	wantCode(t, err, host.NotAllowed, "may not stop")
	_, err = w.DeleteUser(w.ctx, w.admin, "eve", true)
	w.must(err)
	if list, err = w.Stops(w.ctx, dev); err != nil || len(list) != 0 {
		t.Errorf("of a deleted user: %+v, %v", list, err)
	}
}

// abiPlain is a connector that needs no authorization.
func abiPlain(w *world) abi.Manifest {
	return abi.Manifest{Connhost: 1, ID: "plain", Name: "Plain", Version: "1.0.0", BaseURL: w.server.URL, Auth: abi.Auth{Type: abi.AuthNone}}
}

// What becomes read-only while an action is done holds for the rest of it. A
// request of a hook that names no method and has a body is a POST.
func TestReadOnlyWithinAnAction(t *testing.T) {
	code := &written{}
	w := newWorld(t, t.TempDir(), func(w *world) { w.hooks = code })
	m := w.keyed()
	m.Hooks, m.Actions = []string{abi.HookAction}, []abi.Action{{Name: "order", Text: "Orders it."}}
	c := w.create(m, broker.CreateRequest{Connector: "keyed"})
	_, err := w.AllowActions(w.ctx, w.admin, c.ConnectorHash)
	w.must(err)
	_, err = w.Authorize(w.ctx, w.admin, broker.AuthorizeRequest{Connection: c.LinkName, Secrets: map[string]host.Secret{"key": host.NewSecret(lab.APIKey)}})
	w.must(err)
	order := abi.GuestRequest{URL: w.server.URL + "/key/orders", JSON: []byte(`{"item":"itm_1","quantity":1}`)}
	var outcomes []error
	code.run = func(call host.GuestCall) any {
		for range 2 {
			_, _, err := call.Fetch(w.ctx, order)
			outcomes = append(outcomes, err)
			w.stop(host.StopWrites, host.StopConnection, c.LinkName)
		}
		return map[string]any{"result": 1}
	}
	w.must(w.Act(w.ctx, w.admin, host.Development, broker.ActionRequest{Connection: c.LinkName, Action: "order"}, func(broker.Page) error { return nil }))
	if len(outcomes) != 2 || outcomes[0] != nil {
		t.Fatalf("got %v", outcomes)
	}
	wantCode(t, outcomes[1], host.Refused, "is read-only, and POST is refused")
}
