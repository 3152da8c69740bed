package broker_test

import (
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
	"github.com/connhost/connhost/host/lab"
	"github.com/connhost/connhost/plugins/abi"
)

// keyedConnection installs and publishes a version of the lab's API key
// connector and authorizes a connection of it.
func (w *world) keyedConnection(m abi.Manifest) host.Connection {
	w.t.Helper()
	c := w.create(m, broker.CreateRequest{Connector: m.ID})
	w.authorizeKey(c.LinkName)
	return c
}

func (w *world) authorizeKey(link string) {
	w.t.Helper()
	_, err := w.Authorize(w.ctx, w.admin, broker.AuthorizeRequest{Connection: link, Secrets: map[string]host.Secret{"key": host.NewSecret(lab.APIKey)}})
	w.must(err)
}

// publish installs and publishes a version.
func (w *world) publish(m abi.Manifest) broker.Published {
	w.t.Helper()
	_, err := w.install(m)
	w.must(err)
	p, err := w.Publish(w.ctx, w.admin, m.ID, "")
	w.must(err)
	return p
}

// version is the keyed connector with another version and, for a name, one
// host more.
func (w *world) version(v, extraHost string) abi.Manifest {
	m := w.keyed()
	m.Version = v
	if extraHost != "" {
		m.Hosts = []string{extraHost}
	}
	return m
}

// works holds a call through a connection.
func (w *world) works(link string) {
	w.t.Helper()
	if status, _, err := w.get(w.admin, link, "/me"); status != 200 || err != nil {
		w.t.Errorf("%s: %d %v", link, status, err)
	}
}

func (w *world) refused(link string, code host.Code, text string) {
	w.t.Helper()
	_, _, err := w.get(w.admin, link, "/me")
	wantCode(w.t, err, code, text)
}

// pinned gives the version of a connection and its status.
func (w *world) pinned(link string) (string, host.Status) {
	w.t.Helper()
	v, err := w.Connection(w.ctx, w.admin, link)
	w.must(err)
	return v.Connector.Version(), v.Status(host.Development)
}

func (w *world) wantPinned(link, version string, status host.Status) {
	w.t.Helper()
	if v, s := w.pinned(link); v != version || s != status {
		w.t.Errorf("%s is on %s and %s, want %s and %s", link, v, s, version, status)
	}
}

const (
	connected = host.Status(host.Connected)
	reauth    = host.Status(host.NeedsReauth)
)

func TestVersionsStandSideBySide(t *testing.T) {
	w := newWorld(t, t.TempDir())
	c := w.keyedConnection(w.version("1.0.0", ""))
	in, err := w.install(w.version("1.1.0", ""))
	if err != nil || in.Connector.Current || in.Connector.Stage != host.Draft || in.Replaces || in.Before.Version() != "1.0.0" {
		t.Fatalf("a draft beside a published version: %+v, %v", in, err)
	}
	w.wantPinned(c.LinkName, "1.0.0", connected)
	draft, err := w.Create(w.ctx, w.admin, broker.CreateRequest{Connector: "keyed", Version: "1.1.0"})
	w.must(err)
	w.wantPinned(draft.LinkName, "1.1.0", host.NotConnected)
	usual, err := w.Create(w.ctx, w.admin, broker.CreateRequest{Connector: "keyed"})
	w.must(err)
	w.wantPinned(usual.LinkName, "1.0.0", host.NotConnected)
	grace := w.user("grace")
	list, err := w.Versions(w.ctx, grace, "keyed")
	if err != nil || len(list) != 1 || list[0].Version() != "1.0.0" {
		t.Errorf("a plain user sees %+v, %v", list, err)
	}
	_, err = w.Connector(w.ctx, grace, "keyed", "1.1.0")
	wantCode(t, err, host.NotFound, `no version "1.1.0"`)
	p, err := w.Publish(w.ctx, w.admin, "keyed", "")
	if err != nil || !p.Connector.Current || !slices.Equal(p.Behind, []string{c.LinkName, usual.LinkName}) {
		t.Errorf("published: %+v, %v", p, err)
	}
	now, err := w.Connector(w.ctx, grace, "keyed", "")
	if err != nil || now.Version() != "1.1.0" {
		t.Errorf("current: %s, %v", now.Version(), err)
	}
	w.works(c.LinkName)
	w.wantPinned(c.LinkName, "1.0.0", connected)
	again, err := w.install(w.version("1.1.0", ""))
	if err != nil || !again.Existed || again.Connector.Stage != host.Published {
		t.Errorf("the same file again: %+v, %v", again, err)
	}
	_, err = w.install(w.version("1.0.0", "other.test"))
	wantCode(t, err, host.Conflict, `version 1.0.0 of connector "keyed" is published with another file`)
}

func TestMoveToTheSamePlaces(t *testing.T) {
	w := newWorld(t, t.TempDir())
	one, two := w.keyedConnection(w.version("1.0.0", "")), host.Connection{}
	var err error
	two, err = w.Create(w.ctx, w.admin, broker.CreateRequest{Connector: "keyed"})
	w.must(err)
	w.authorizeKey(two.LinkName)
	w.publish(w.version("1.1.0", ""))
	m, err := w.Move(w.ctx, w.admin, broker.MoveRequest{Connector: "keyed", To: "1.1.0", Connection: one.LinkName})
	if err != nil || !slices.Equal(m.Connections, []string{one.LinkName}) || len(m.Reauth) != 0 {
		t.Errorf("one: %+v, %v", m, err)
	}
	w.wantPinned(one.LinkName, "1.1.0", connected)
	w.wantPinned(two.LinkName, "1.0.0", connected)
	m, err = w.Move(w.ctx, w.admin, broker.MoveRequest{Connector: "keyed", To: "1.1.0"})
	if err != nil || !slices.Equal(m.Connections, []string{two.LinkName}) {
		t.Errorf("the rest: %+v, %v", m, err)
	}
	w.works(one.LinkName)
	w.works(two.LinkName)
	removed, err := w.Remove(w.ctx, w.admin, "keyed", "1.0.0")
	if err != nil || len(removed) != 1 {
		t.Errorf("removed %+v, %v", removed, err)
	}
	w.works(one.LinkName)
}

// A version that talks to other places gets no credential along, and a
// rollback brings back what was agreed to.
func TestMoveToOtherPlacesAndBack(t *testing.T) {
	w := newWorld(t, t.TempDir())
	c := w.keyedConnection(w.version("1.0.0", ""))
	w.publish(w.version("2.0.0", "files.acme.test"))
	m, err := w.Move(w.ctx, w.admin, broker.MoveRequest{Connector: "keyed", To: "2.0.0"})
	if err != nil || len(m.Reauth) != 1 {
		t.Fatalf("%+v, %v", m, err)
	}
	w.wantPinned(c.LinkName, "2.0.0", reauth)
	w.refused(c.LinkName, host.NeedsAuth, "replaced by one that talks to other places")
	back, err := w.Rollback(w.ctx, w.admin, "keyed", "")
	if err != nil || back.From.Version() != "2.0.0" || back.To.Version() != "1.0.0" || !slices.Equal(back.Connections, []string{c.LinkName}) || len(back.Reauth) != 0 {
		t.Fatalf("%+v, %v", back, err)
	}
	w.wantPinned(c.LinkName, "1.0.0", connected)
	w.works(c.LinkName)
	now, err := w.Connector(w.ctx, w.admin, "keyed", "")
	if err != nil || now.Version() != "1.0.0" {
		t.Errorf("current after the rollback: %s, %v", now.Version(), err)
	}
	_, err = w.Rollback(w.ctx, w.admin, "keyed", "")
	wantCode(t, err, host.Conflict, "no published version before 1.0.0")
	_, err = w.Rollback(w.ctx, w.admin, "keyed", "2.0.0")
	w.must(err)
	w.refused(c.LinkName, host.NeedsAuth, "other places")
	w.authorizeKey(c.LinkName)
	w.works(c.LinkName)
}

// An authorization that needs to be made anew for a reason of its own is not
// taken for well after a rollback.
func TestRollbackKeepsOtherReasons(t *testing.T) {
	w := newWorld(t, t.TempDir())
	c := w.keyedConnection(w.version("1.0.0", ""))
	w.publish(w.version("2.0.0", "files.acme.test"))
	w.must(w.store.Update(w.ctx, func(tx host.Tx) error {
		list, err := tx.Authorizations().List(w.ctx, "keyed")
		if err != nil {
			return err
		}
		list[0].State, list[0].Reason = host.NeedsReauth, "the answer to a refresh was lost"
		return tx.Authorizations().Save(w.ctx, list[0])
	}))
	_, err := w.Move(w.ctx, w.admin, broker.MoveRequest{Connector: "keyed", To: "2.0.0"})
	w.must(err)
	w.refused(c.LinkName, host.NeedsAuth, "other places")
	_, err = w.Rollback(w.ctx, w.admin, "keyed", "")
	w.must(err)
	w.wantPinned(c.LinkName, "1.0.0", reauth)
	w.refused(c.LinkName, host.NeedsAuth, "the answer to a refresh was lost")
}

// An authorization that two connections share stays as it was for the one that
// stays; only the one that moved needs another.
func TestSharedAuthorizationOverTwoVersions(t *testing.T) {
	w := newWorld(t, t.TempDir())
	one := w.keyedConnection(w.version("1.0.0", ""))
	two, err := w.Create(w.ctx, w.admin, broker.CreateRequest{Connector: "keyed"})
	w.must(err)
	w.must(w.store.Update(w.ctx, func(tx host.Tx) error {
		bind, err := tx.Bindings().Find(w.ctx, one.ID, host.Shared, "")
		if err != nil {
			return err
		}
		bind.ID, bind.Connection = host.NewBindingID(), two.ID
		return tx.Bindings().Put(w.ctx, bind)
	}))
	w.works(two.LinkName)
	w.publish(w.version("1.1.0", ""))
	w.publish(w.version("2.0.0", "files.acme.test"))
	move := func(link, to string, marked int) {
		t.Helper()
		m, err := w.Move(w.ctx, w.admin, broker.MoveRequest{Connector: "keyed", To: to, Connection: link})
		if err != nil || len(m.Reauth) != marked {
			t.Fatalf("%s to %s: %+v, %v", link, to, m, err)
		}
	}
	move(two.LinkName, "1.1.0", 0)
	w.works(one.LinkName)
	w.works(two.LinkName)
	m, err := w.Move(w.ctx, w.admin, broker.MoveRequest{Connector: "keyed", To: "2.0.0", Connection: two.LinkName})
	if err != nil || len(m.Reauth) != 0 || !slices.Equal(m.Anew, []string{two.LinkName}) {
		t.Errorf("%+v, %v", m, err)
	}
	w.works(one.LinkName)
	w.wantPinned(one.LinkName, "1.0.0", connected)
	w.wantPinned(two.LinkName, "2.0.0", reauth)
	w.refused(two.LinkName, host.NeedsAuth, "other places")
	// The version that it was moved to last goes; the one that stays keeps it.
	removed, err := w.Remove(w.ctx, w.admin, "keyed", "1.1.0")
	w.must(err)
	w.must(w.store.View(w.ctx, func(tx host.Tx) error {
		_, err := tx.Connectors().File(w.ctx, removed[0].Hash)
		wantCode(t, err, host.NotFound, "")
		return nil
	}))
	w.works(one.LinkName)
	w.authorizeKey(two.LinkName)
	w.works(one.LinkName)
	w.works(two.LinkName)
	w.wantPinned(one.LinkName, "1.0.0", connected)
	w.wantPinned(two.LinkName, "2.0.0", connected)
	move(one.LinkName, "2.0.0", 1)
	w.refused(one.LinkName, host.NeedsAuth, "other places")
}

// A token is revoked where it came from, not where another version says.
func TestRevokedByTheVersionThatItWasMadeWith(t *testing.T) {
	w := newWorld(t, t.TempDir())
	c := w.connect()
	evil := w.acme()
	evil.Version = "2.0.0"
	evil.Hosts = []string{"evil.test"}
	evil.Revoke = &abi.Revoke{Request: abi.Request{URL: "https://evil.test/steal"}}
	w.publish(evil)
	_, err := w.Move(w.ctx, w.admin, broker.MoveRequest{Connector: "acme", To: "2.0.0"})
	w.must(err)
	r, err := w.Revoke(w.ctx, w.admin, host.Development, c.LinkName)
	if err != nil || r.Upstream != broker.UpstreamRevoked {
		t.Errorf("%+v, %v", r, err)
	}
	if log := w.lab.Log(); !slices.ContainsFunc(log, func(l lab.Entry) bool { return strings.HasSuffix(l.Path, "/revoke") }) {
		t.Error("the lab saw no revocation")
	}
}

func TestMoveIsRefusedWhereTheConnectionDoesNotFit(t *testing.T) {
	w := newWorld(t, t.TempDir())
	c := w.keyedConnection(w.version("1.0.0", ""))
	w.publish(w.version("1.1.0", ""))
	oauth := w.acme()
	oauth.ID, oauth.Version = "keyed", "2.0.0"
	w.publish(oauth)
	server := w.version("3.0.0", "")
	server.Parameters = []abi.Parameter{{Key: "server", Kind: abi.KindHost, Required: true}}
	server.BaseURL = "https://{server}/api"
	w.publish(server)
	for _, v := range []struct{ to, want string }{
		{"2.0.0", "it is authorized by oauth2, and not by api_key"},
		{"3.0.0", `needs to know its host: --param server=HOST`},
	} {
		_, err := w.Move(w.ctx, w.admin, broker.MoveRequest{Connector: "keyed", To: v.to})
		wantCode(t, err, host.Conflict, v.want)
	}
	w.wantPinned(c.LinkName, "1.0.0", connected)
	_, err := w.Disable(w.ctx, w.admin, "keyed", "1.1.0")
	w.must(err)
	_, err = w.Move(w.ctx, w.admin, broker.MoveRequest{Connector: "keyed", To: "1.1.0"})
	wantCode(t, err, host.Refused, "version 1.1.0 of connector \"keyed\" is disabled")
	_, err = w.Move(w.ctx, w.admin, broker.MoveRequest{Connector: "keyed", To: "9.9.9"})
	wantCode(t, err, host.NotFound, `no version "9.9.9"`)
	_, err = w.Move(w.ctx, w.user("grace"), broker.MoveRequest{Connector: "keyed", To: "1.1.0"})
	wantCode(t, err, host.NotAllowed, "may not manage connectors")
	other := w.keyed()
	other.ID = "other"
	w.publish(other)
	_, err = w.Move(w.ctx, w.admin, broker.MoveRequest{Connector: "other", To: "1.0.0", Connection: c.LinkName})
	wantCode(t, err, host.Usage, `is one of connector "keyed"`)
}

func TestScopesAndClientsOnAMove(t *testing.T) {
	w := newWorld(t, t.TempDir())
	c := w.create(w.acme(), broker.CreateRequest{Connector: "acme", Scopes: []string{"items.read"}})
	fewer := w.acme()
	fewer.Version, fewer.Scopes = "2.0.0", []abi.Scope{{Name: "orders.write"}}
	w.publish(fewer)
	more := w.acme()
	more.Version, more.Scopes = "3.0.0", []abi.Scope{{Name: "items.read"}, {Name: "profile", Required: true}}
	w.publish(more)
	pattern := w.acme()
	pattern.Version, pattern.Auth.ClientIDPattern = "4.0.0", "[0-9]+"
	w.publish(pattern)
	_, err := w.Move(w.ctx, w.admin, broker.MoveRequest{Connector: "acme", To: "2.0.0"})
	wantCode(t, err, host.Conflict, `no scope "items.read"`)
	_, err = w.Move(w.ctx, w.admin, broker.MoveRequest{Connector: "acme", To: "4.0.0"})
	wantCode(t, err, host.Conflict, "client ids of another form")
	_, err = w.Move(w.ctx, w.admin, broker.MoveRequest{Connector: "acme", To: "3.0.0"})
	w.must(err)
	v, err := w.Connection(w.ctx, w.admin, c.LinkName)
	if err != nil || !slices.Equal(v.Connection.Scopes, []string{"items.read", "profile"}) {
		t.Errorf("scopes %q, %v", v.Connection.Scopes, err)
	}
	// Back: what only the version required is not asked for any more.
	_, err = w.Move(w.ctx, w.admin, broker.MoveRequest{Connector: "acme", To: "1.0.0"})
	w.must(err)
	v, err = w.Connection(w.ctx, w.admin, c.LinkName)
	if err != nil || !slices.Equal(v.Connection.Scopes, []string{"items.read"}) {
		t.Errorf("scopes %q, %v", v.Connection.Scopes, err)
	}
}

// A version that knows its host and asks for none can be left again.
func TestRollbackFindsTheHostAgain(t *testing.T) {
	w := newWorld(t, t.TempDir())
	asks := w.keyed()
	asks.Parameters = []abi.Parameter{{Key: "server", Kind: abi.KindHost, Required: true}}
	asks.BaseURL = "http://{server}/key"
	address := strings.TrimPrefix(w.server.URL, "http://")
	c := w.create(asks, broker.CreateRequest{Connector: "keyed", Params: map[string]string{"server": address}})
	w.authorizeKey(c.LinkName)
	w.works(c.LinkName)
	w.publish(w.version("2.0.0", ""))
	_, err := w.Move(w.ctx, w.admin, broker.MoveRequest{Connector: "keyed", To: "2.0.0"})
	w.must(err)
	w.wantPinned(c.LinkName, "2.0.0", reauth)
	_, err = w.Rollback(w.ctx, w.admin, "keyed", "")
	w.must(err)
	w.wantPinned(c.LinkName, "1.0.0", connected)
	w.works(c.LinkName)
}

func TestDisabledAndEnabledAgain(t *testing.T) {
	w := newWorld(t, t.TempDir())
	c := w.keyedConnection(w.version("1.0.0", ""))
	w.publish(w.version("1.1.0", ""))
	_, err := w.Disable(w.ctx, w.user("grace"), "keyed", "")
	wantCode(t, err, host.NotAllowed, "may not manage connectors")
	list, err := w.Disable(w.ctx, w.admin, "keyed", "")
	if err != nil || len(list) != 2 {
		t.Fatalf("%+v, %v", list, err)
	}
	w.refused(c.LinkName, host.Refused, `version 1.0.0 of connector "keyed" is disabled`)
	_, err = w.Create(w.ctx, w.admin, broker.CreateRequest{Connector: "keyed"})
	wantCode(t, err, host.Refused, "takes no new connections")
	_, err = w.Authorize(w.ctx, w.admin, broker.AuthorizeRequest{Connection: c.LinkName})
	wantCode(t, err, host.Refused, "is disabled")
	_, err = w.Test(w.ctx, w.admin, host.Development, c.LinkName)
	wantCode(t, err, host.Refused, "is disabled")
	p, err := w.Publish(w.ctx, w.admin, "keyed", "")
	if err != nil || p.Connector.Version() != "1.1.0" {
		t.Errorf("published %+v, %v", p, err)
	}
	w.refused(c.LinkName, host.Refused, "is disabled")
	p, err = w.Publish(w.ctx, w.admin, "keyed", "1.0.0")
	if err != nil || p.Connector.Current {
		t.Errorf("enabling an old version makes it current: %+v, %v", p, err)
	}
	w.works(c.LinkName)
	list, err = w.Disable(w.ctx, w.admin, "keyed", "1.0.0")
	if err != nil || len(list) != 1 {
		t.Errorf("%+v, %v", list, err)
	}
	w.refused(c.LinkName, host.Refused, "is disabled")
	// With the current version disabled, what is published takes its place.
	_, err = w.Disable(w.ctx, w.admin, "keyed", "")
	w.must(err)
	p, err = w.Publish(w.ctx, w.admin, "keyed", "1.0.0")
	if err != nil || !p.Connector.Current {
		t.Errorf("the only published version is not the current one: %+v, %v", p, err)
	}
	w.works(c.LinkName)
}

func TestRemove(t *testing.T) {
	w := newWorld(t, t.TempDir())
	var forgotten [][]byte
	w.Forget = func(file []byte) { forgotten = append(forgotten, file) }
	c := w.keyedConnection(w.version("1.0.0", ""))
	w.publish(w.version("1.1.0", ""))
	_, err := w.Remove(w.ctx, w.admin, "keyed", "")
	wantCode(t, err, host.Conflict, `is used by: keyed_connection`)
	_, err = w.Remove(w.ctx, w.admin, "keyed", "1.0.0")
	wantCode(t, err, host.Conflict, `connector "keyed" 1.0.0 is used by: keyed_connection`)
	_, err = w.Remove(w.ctx, w.admin, "keyed", "1.1.0")
	wantCode(t, err, host.Conflict, "is the current one")
	_, err = w.Remove(w.ctx, w.user("grace"), "keyed", "")
	wantCode(t, err, host.NotAllowed, "may not manage connectors")
	_, err = w.Remove(w.ctx, w.admin, "nothing", "")
	wantCode(t, err, host.NotFound, `no connector named "nothing"`)
	_, err = w.Delete(w.ctx, w.admin, c.LinkName)
	w.must(err)
	if len(forgotten) != 0 {
		t.Errorf("%d files forgotten by refusals", len(forgotten))
	}
	removed, err := w.Remove(w.ctx, w.admin, "keyed", "")
	if err != nil || len(removed) != 2 || len(forgotten) != 2 || abi.Hash(forgotten[0]) != removed[0].Hash {
		t.Errorf("removed %+v, forgotten %d, %v", removed, len(forgotten), err)
	}
	_, err = w.Connector(w.ctx, w.admin, "keyed", "")
	wantCode(t, err, host.NotFound, "no connector named")
	w.must(w.store.View(w.ctx, func(tx host.Tx) error {
		for _, c := range removed {
			_, err := tx.Connectors().File(w.ctx, c.Hash)
			wantCode(t, err, host.NotFound, "")
		}
		return nil
	}))
}

// coded makes a connector with a hook that answers nothing.
func coded(t *testing.T, m abi.Manifest) []byte {
	t.Helper()
	// (module (func (export "ch_respond") (param i32) (result i32) unreachable) (memory (export "memory") 1))
	module, err := hex.DecodeString("0061736d0100000001060160017f017f0302010005030100010717020a63685f726573706f6e640000066d656d6f727902000a05010300000b")
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	made, err := abi.Append(module, manifest)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func TestWhatMustBeAgreedTo(t *testing.T) {
	w := newWorld(t, t.TempDir())
	put := func(file []byte, agreed bool, before string) error {
		_, err := w.Install(w.ctx, w.admin, broker.InstallRequest{File: file, Agreed: agreed, Before: before})
		return err
	}
	install := func(m abi.Manifest, agreed bool, before string) error { return put(file(t, m), agreed, before) }
	w.must(install(w.version("1.0.0", ""), false, "")) // a first one is shown and goes on
	wider := w.version("1.0.0", "files.acme.test")
	wantCode(t, install(wider, false, ""), host.Refused, `may do more than 1.0.0`)
	wantCode(t, install(wider, true, ""), host.Conflict, "installed meanwhile")
	p, err := w.Plan(w.ctx, w.admin, broker.InstallRequest{File: file(t, wider)})
	if err != nil || !p.Asks() || !p.Replaces || len(p.Changes) != 1 || p.Changes[0].String() != "+ host files.acme.test" {
		t.Errorf("plan: %+v, %v", p, err)
	}
	w.must(install(wider, true, p.Compared()))
	w.must(install(w.version("1.0.0", ""), false, "")) // narrower again
	reads := w.keyed()
	reads.ID, reads.Hooks, reads.RevealSecrets = "reads", []string{"respond"}, []string{"key"}
	wantCode(t, put(coded(t, reads), false, ""), host.Refused, `the code of connector "reads" would read secrets: key`)
	w.must(put(coded(t, reads), true, ""))
	c, err := w.Connector(w.ctx, w.admin, "reads", "")
	if err != nil || !slices.Equal(c.Granted, []string{"key"}) || !c.Reveals("key") || c.Reveals("other") {
		t.Errorf("granted %+v, %v", c, err)
	}
}

// A version whose code reads a secret is another place for that secret.
func TestMoveToCodeThatReadsSecrets(t *testing.T) {
	w := newWorld(t, t.TempDir())
	c := w.keyedConnection(w.version("1.0.0", ""))
	reads := w.version("1.1.0", "")
	reads.Hooks, reads.RevealSecrets = []string{"respond"}, []string{"key"}
	now, err := w.Connector(w.ctx, w.admin, "keyed", "")
	w.must(err)
	_, err = w.Install(w.ctx, w.admin, broker.InstallRequest{File: coded(t, reads), Agreed: true, Before: now.Hash})
	w.must(err)
	m, err := w.Move(w.ctx, w.admin, broker.MoveRequest{Connector: "keyed", To: "1.1.0"})
	if err != nil || len(m.Reauth) != 1 {
		t.Errorf("%+v, %v", m, err)
	}
	w.refused(c.LinkName, host.NeedsAuth, "other places")
}

// Every act on a connector leaves a record with who did it.
func TestConnectorActsAreRecorded(t *testing.T) {
	w := newWorld(t, t.TempDir())
	c := w.keyedConnection(w.version("1.0.0", ""))
	w.publish(w.version("1.1.0", ""))
	_, err := w.Move(w.ctx, w.admin, broker.MoveRequest{Connector: "keyed", To: "1.1.0"})
	w.must(err)
	_, err = w.Rollback(w.ctx, w.admin, "keyed", "")
	w.must(err)
	_, err = w.Disable(w.ctx, w.admin, "keyed", "1.1.0")
	w.must(err)
	_, err = w.Remove(w.ctx, w.admin, "keyed", "1.1.0")
	w.must(err)
	var got []host.Act
	w.must(w.store.View(w.ctx, func(tx host.Tx) error {
		of, err := tx.Audit().List(w.ctx, "keyed")
		if err != nil {
			return err
		}
		moves, err := tx.Audit().List(w.ctx, string(c.ID))
		for _, r := range append(of, moves...) {
			if r.By != w.admin.User.ID {
				t.Errorf("%s by %q", r.Act, r.By)
			}
			got = append(got, r.Act)
		}
		return err
	}))
	want := []host.Act{
		host.ActConnectorInstall, host.ActConnectorPublish, host.ActConnectorInstall, host.ActConnectorPublish,
		host.ActConnectorCurrent, host.ActConnectorDisable, host.ActConnectorRemove,
		host.ActConnectionCreate, host.ActConnectionMove, host.ActConnectionMove,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

// A draft that was replaced after somebody looked at it is not published in the
// other's place.
func TestPublishMeansOneFile(t *testing.T) {
	w := newWorld(t, t.TempDir())
	m := w.version("1.0.0", "")
	seen, err := w.install(m)
	w.must(err)
	m.Description = "something else"
	now, err := w.install(m)
	w.must(err)
	_, err = w.PublishFile(w.ctx, w.admin, m.ID, "1.0.0", seen.Connector.Hash)
	wantCode(t, err, host.Conflict, "is another file than the one meant: its sha256 is "+now.Connector.Hash)
	if c, err := w.Connector(w.ctx, w.admin, m.ID, ""); err != nil || c.Stage != host.Draft {
		t.Errorf("%s, %v", c.Stage, err)
	}
	done, err := w.PublishFile(w.ctx, w.admin, m.ID, "", now.Connector.Hash)
	if err != nil || done.Connector.Hash != now.Connector.Hash {
		t.Errorf("%+v, %v", done, err)
	}
}

// A draft from before the trusted keys, or from under another one, is not
// published; what was published goes on as it was.
func TestOnlySignedDraftsArePublished(t *testing.T) {
	w := newWorld(t, t.TempDir())
	key, err := abi.NewPrivateKey(strings.NewReader(strings.Repeat("k", 32)))
	w.must(err)
	next := w.version("1.1.0", "")
	_, err = w.install(w.version("1.0.0", ""))
	w.must(err)
	_, err = w.Publish(w.ctx, w.admin, next.ID, "")
	w.must(err)
	_, err = w.install(next)
	w.must(err)
	w.TrustedKeys = map[string]abi.PublicKey{"ours": key.Public()}
	_, err = w.Publish(w.ctx, w.admin, next.ID, "")
	wantCode(t, err, host.Refused, "is not signed by a key that is trusted now")
	_, err = w.Disable(w.ctx, w.admin, next.ID, "1.0.0")
	w.must(err)
	_, err = w.Publish(w.ctx, w.admin, next.ID, "1.0.0")
	w.must(err)

	_, err = w.Remove(w.ctx, w.admin, next.ID, "1.1.0")
	w.must(err)
	f := file(t, next)
	_, err = w.Install(w.ctx, w.admin, broker.InstallRequest{File: f, Signature: key.Sign(f).Encode()})
	w.must(err)
	_, err = w.Publish(w.ctx, w.admin, next.ID, "")
	w.must(err)
}

func TestOnlySignedConnectors(t *testing.T) {
	w := newWorld(t, t.TempDir())
	key := func(seed string) abi.PrivateKey {
		k, err := abi.NewPrivateKey(strings.NewReader(strings.Repeat(seed, 32)))
		w.must(err)
		return k
	}
	ours, foreign := key("a"), key("b")
	w.TrustedKeys = map[string]abi.PublicKey{"ours": ours.Public()}
	good := file(t, w.version("1.0.0", ""))
	other := file(t, w.version("1.1.0", ""))
	borrowed := foreign.Sign(good)
	borrowed.Key = ours.Public().ID()
	for name, c := range map[string]struct {
		signature []byte
		want      string
	}{
		"none":           {nil, "is not signed, and only signed ones"},
		"garbage":        {[]byte("<html>"), "signature cannot be read"},
		"foreign key":    {foreign.Sign(good).Encode(), "signed by a key that is not trusted"},
		"another file":   {ours.Sign(other).Encode(), "was made for another file"},
		"a borrowed id":  {borrowed.Encode(), "signature is not valid"},
		"another's file": {foreign.Sign(other).Encode(), "was made for another file"},
	} {
		t.Run(name, func(t *testing.T) {
			req := broker.InstallRequest{File: good, Signature: c.signature}
			_, err := w.Plan(w.ctx, w.admin, req)
			wantCode(t, err, host.Refused, c.want)
			_, err = w.Install(w.ctx, w.admin, req)
			wantCode(t, err, host.Refused, c.want)
		})
	}
	in, err := w.Install(w.ctx, w.admin, broker.InstallRequest{File: good, Signature: ours.Sign(good).Encode(), Source: "https://acme.test/a.wasm"})
	if err != nil || in.Connector.Signer != "ours" || in.Connector.SignerKey != ours.Public().ID() {
		t.Errorf("%+v, %v", in.Connector, err)
	}
	stored, err := w.Connector(w.ctx, w.admin, "keyed", "")
	if err != nil || stored.Signer != "ours" || stored.Source != "https://acme.test/a.wasm" {
		t.Errorf("%+v, %v", stored, err)
	}
}

// A connection that moves to other places while its token is being renewed
// keeps its mark, and the renewed token is kept for the way back.
func TestMoveDuringRefresh(t *testing.T) {
	w := newWorld(t, t.TempDir())
	entered, release := make(chan struct{}), make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err == nil && r.Form.Get("grant_type") == "refresh_token" {
			close(entered)
			<-release
		}
		w.lab.ServeHTTP(rw, r)
	}))
	t.Cleanup(srv.Close)
	m := w.acme()
	m.Auth.Token = &abi.Request{URL: srv.URL + "/oauth2/token"}
	m.Hosts = []string{strings.TrimPrefix(srv.URL, "http://")}
	link := w.create(m, broker.CreateRequest{Connector: "acme"}).LinkName
	w.authorize(w.admin, link)
	other := m
	other.Version, other.Hosts = "2.0.0", append(slices.Clone(m.Hosts), "files.acme.test")
	w.publish(other)
	w.clock.advance(2 * time.Hour)
	done := make(chan error, 1)
	go func() { _, _, err := w.get(w.admin, link, "/me"); done <- err }()
	<-entered
	moved, err := w.Move(w.ctx, w.admin, broker.MoveRequest{Connector: "acme", To: "2.0.0"})
	if err != nil || len(moved.Reauth) != 1 {
		t.Errorf("moved %+v, %v", moved, err)
	}
	close(release)
	if err := <-done; err != nil {
		t.Errorf("the call that waited got %v", err)
	}
	w.wantPinned(link, "2.0.0", reauth)
	w.must(w.store.View(w.ctx, func(tx host.Tx) error {
		a, err := tx.Authorizations().Find(w.ctx, moved.Reauth[0])
		if err == nil && a.State != host.NeedsReauth {
			t.Errorf("the refresh took the mark away: %s", a.State)
		}
		return err
	}))
	w.refused(link, host.NeedsAuth, "other places") // although the token lives
	_, err = w.Rollback(w.ctx, w.admin, "acme", "")
	w.must(err)
	w.wantPinned(link, "1.0.0", connected)
	w.works(link)
	if n := w.lab.Refreshes(); n != 1 {
		t.Errorf("%d refreshes", n)
	}
}

// Somebody consents in the browser while the connection moves: to the same
// places the token goes along, to others it is not even asked for.
func TestMoveDuringConsent(t *testing.T) {
	w := newWorld(t, t.TempDir())
	link := w.create(w.acme(), broker.CreateRequest{Connector: "acme"}).LinkName
	same, other := w.acme(), w.acme()
	same.Version, same.Description = "1.1.0", "The same places."
	other.Version, other.Hosts = "2.0.0", []string{"files.acme.test"}
	w.publish(same)
	w.publish(other)
	consentAndMove := func(to string) error {
		p, err := w.Begin(w.ctx, w.admin, broker.AuthorizeRequest{Connection: link, Environment: host.Development}, redirect)
		w.must(err)
		callback := w.consent(p)
		_, err = w.Move(w.ctx, w.admin, broker.MoveRequest{Connector: "acme", To: to})
		w.must(err)
		_, err = w.Finish(w.ctx, w.admin, link, p.Process, callback, false)
		return err
	}
	w.must(consentAndMove("1.1.0"))
	w.wantPinned(link, "1.1.0", connected)
	w.works(link)
	tokenRequests := func() (n int) {
		for _, e := range w.lab.Log() {
			if strings.HasSuffix(e.Path, "/token") {
				n++
			}
		}
		return n
	}
	before := tokenRequests()
	wantCode(t, consentAndMove("2.0.0"), host.Conflict, "was moved meanwhile to a version of its connector that talks to other places")
	if n := tokenRequests(); n != before || before == 0 {
		t.Errorf("%d token requests before, %d after", before, n)
	}
	w.refused(link, host.NeedsAuth, "other places")
}
