package broker_test

import (
	"cmp"
	"context"
	"crypto/x509"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/auth"
	"github.com/connhost/connhost/host/broker"
	"github.com/connhost/connhost/host/egress"
	"github.com/connhost/connhost/host/lab"
	"github.com/connhost/connhost/host/oauth"
	"github.com/connhost/connhost/host/seal"
	"github.com/connhost/connhost/host/store"
	"github.com/connhost/connhost/host/wasm"
	"github.com/connhost/connhost/plugins/abi"
)

// A clock that a test moves. It runs on its own too, so that timers agree.
type clock struct {
	mu   sync.Mutex
	skip time.Duration
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.skip)
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.skip += d
}

// A world is a whole host over a real store and a lab on loopback.
type world struct {
	*broker.Broker
	t      testing.TB
	ctx    context.Context
	clock  *clock
	lab    *lab.Lab
	server *lab.Server
	dir    string
	store  *store.Store
	mask   *host.Redactor
	admin  host.Subject
	log    func(line string) // of guests, unmasked

	// What a test puts around the parts, and their times; nothing unless given.
	aroundStore  func(host.Store) host.Store
	aroundEgress func(host.Egress) host.Egress
	aroundFlow   func(*oauth.Client) host.Refresher
	hooks        host.Hooks     // instead of those that run code, which admit everything
	roots        *x509.CertPool // of the services' certificates
	timeout      time.Duration  // of a token request, for the lease
	wait         time.Duration  // for a lock of another process
	builtIn      host.Catalogue // of the program; none unless given
}

// newWorld opens everything in a folder; another over the same folder is a
// second process.
func newWorld(t testing.TB, dir string, change ...func(*world)) *world {
	t.Helper()
	w := &world{t: t, ctx: context.Background(), clock: &clock{}, mask: host.NewRedactor(nil)}
	for _, c := range change {
		c(w)
	}
	w.lab = lab.New(lab.Options{TokenLife: time.Hour, Now: w.clock.now})
	server, err := w.lab.Start("127.0.0.1:0")
	w.must(err)
	t.Cleanup(func() { _ = server.Close() })
	w.server = server
	w.open(dir)
	return w
}

// another opens the same folder again, as a second process would: only the
// clock and the lab are shared.
func (w *world) another(dir string, change ...func(*world)) *world {
	w.t.Helper()
	o := &world{t: w.t, ctx: w.ctx, clock: w.clock, lab: w.lab, server: w.server, mask: host.NewRedactor(nil)}
	for _, c := range change {
		c(o)
	}
	o.open(dir)
	return o
}

func (w *world) open(dir string) {
	w.t.Helper()
	var err error
	w.dir = dir
	w.store, err = store.Open(w.ctx, filepath.Join(dir, "connhost.db"), store.Options{Wait: w.wait, BuiltIn: w.builtIn})
	w.must(err)
	w.t.Cleanup(func() { _ = w.store.Close() })
	want, err := w.store.KeyID(w.ctx)
	w.must(err)
	key, err := seal.Open(filepath.Join(dir, "key.json"), want)
	w.must(err)
	w.must(w.store.Unlock(w.ctx, key))
	opening, err := egress.ParseOpening("127.0.0.1/32")
	w.must(err)
	client := egress.New(egress.Options{AllowCIDR: []egress.Opening{opening}, RootCAs: w.roots, Now: w.clock.now})
	var out host.Egress = client
	if w.aroundEgress != nil {
		out = w.aroundEgress(client)
	}
	var kept host.Store = w.store
	if w.aroundStore != nil {
		kept = w.aroundStore(w.store)
	}
	guestLog := func(_ string, _ slog.Level, line string) {
		if w.log != nil {
			w.log(line)
		}
	}
	hooks, err := wasm.New(wasm.Options{Now: w.clock.now, Log: guestLog, CacheDir: compiled, File: host.ConnectorFiles(w.store)})
	w.must(err)
	w.t.Cleanup(func() { _ = hooks.Close(); _ = client.Close() })
	var run host.Hooks = hooks
	admit := hooks.Check
	if w.hooks != nil {
		run, admit = w.hooks, func([]byte) error { return nil }
	}
	standard := oauth.New(out, run, host.Clock{Now: w.clock.now})
	var flow host.Refresher = standard
	if w.aroundFlow != nil {
		flow = w.aroundFlow(standard)
	}
	w.Broker = broker.New(broker.Parts{
		Store: kept, Egress: out, Hooks: run, Signers: auth.Signers(host.Clock{Now: w.clock.now}),
		Flows: map[string]host.Refresher{abi.AuthOAuth2: flow, abi.AuthSession: oauth.NewSession(standard)},
		Admit: admit, Redactor: w.mask, Now: w.clock.now, TokenTimeout: cmp.Or(w.timeout, oauth.Timeout),
	})
	_, err = w.EnsureOwner(w.ctx, "Root User")
	w.must(err)
	w.admin, err = w.Subject(w.ctx, "")
	w.must(err)
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// compiled is where all worlds keep compiled code: the guests take seconds, and
// tens of them with the race detector. TestMain makes and removes it.
var compiled string

// file makes a connector of a manifest.
func file(t testing.TB, m abi.Manifest) []byte {
	t.Helper()
	data, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	wasm, err := abi.Append(abi.Empty(), data)
	if err != nil {
		t.Fatal(err)
	}
	return wasm
}

// acme is an OAuth 2 connector of the lab's plain endpoints.
func (w *world) acme() abi.Manifest {
	return abi.Manifest{
		Connhost: 1, ID: "acme", Name: "Acme", Version: "1.0.0", BaseURL: w.server.URL + "/api",
		Auth: abi.Auth{
			Type:            abi.AuthOAuth2,
			Authorize:       &abi.Request{URL: w.server.URL + "/oauth2/authorize"},
			Token:           &abi.Request{URL: w.server.URL + "/oauth2/token"},
			LoopbackAnyPort: true,
		},
		Scopes: []abi.Scope{{Name: "items.read"}, {Name: "orders.write"}},
		Test:   &abi.Request{Path: "/me", Answer: &abi.Answer{Key: "/result/id", Label: "/result/name"}},
		Revoke: &abi.Revoke{Request: abi.Request{URL: w.server.URL + "/oauth2/revoke"}},
	}
}

// connect installs acme and authorizes a connection of it.
func (w *world) connect() host.Connection {
	w.t.Helper()
	c := w.create(w.acme(), broker.CreateRequest{Connector: "acme"})
	w.authorize(w.admin, c.LinkName)
	return c
}

// create installs and publishes a connector, with its quick credential, and
// makes a connection.
func (w *world) create(m abi.Manifest, req broker.CreateRequest) host.Connection {
	w.t.Helper()
	_, err := w.install(m)
	w.must(err)
	_, err = w.Publish(w.ctx, w.admin, m.ID, "")
	w.must(err)
	if m.Auth.Type == abi.AuthOAuth2 {
		_, err = w.AddCredential(w.ctx, w.admin, host.ClientCredential{Connector: m.ID, ClientID: lab.ClientID, Quick: true}, host.NewSecret(lab.ClientSecret))
		w.must(err)
	}
	c, err := w.Create(w.ctx, w.admin, req)
	w.must(err)
	return c
}

// install installs a manifest, agreeing to whatever it may do.
func (w *world) install(m abi.Manifest) (broker.Installed, error) {
	req := broker.InstallRequest{File: file(w.t, m), Agreed: true}
	p, err := w.Plan(w.ctx, w.admin, req)
	if err != nil {
		return broker.Installed{}, err
	}
	req.Before = p.Compared()
	return w.Install(w.ctx, w.admin, req)
}

const redirect = "http://127.0.0.1:9/callback/acme"

// consent opens the pending URL as a browser would and gives the callback.
func (w *world) consent(p broker.Pending) url.Values {
	w.t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Get(p.URL)
	w.must(err)
	defer resp.Body.Close()
	u, err := resp.Location()
	if err != nil {
		body, _ := io.ReadAll(resp.Body)
		w.t.Fatalf("the lab did not redirect: %s %s", resp.Status, body)
	}
	return u.Query()
}

// authorize walks the whole way through the browser.
func (w *world) authorize(sub host.Subject, link string) broker.Authorized {
	w.t.Helper()
	p, err := w.Begin(w.ctx, sub, broker.AuthorizeRequest{Connection: link, Environment: host.Development}, redirect)
	w.must(err)
	got, err := w.Finish(w.ctx, sub, link, p.Process, w.consent(p), false)
	w.must(err)
	return got
}

// user adds a plain user.
func (w *world) user(login string) host.Subject {
	w.t.Helper()
	u, err := w.AddUser(w.ctx, w.admin, host.User{Login: login, Role: host.PlainUser})
	w.must(err)
	return host.Subject{User: u}
}

// get calls a path through a connection and gives status and body.
func (w *world) get(sub host.Subject, link, path string) (int, string, error) {
	got, err := w.Invoke(w.ctx, sub, host.Development, broker.InvokeRequest{Connection: link, Method: "GET", URL: path})
	if err != nil {
		return 0, "", err
	}
	defer got.Response.Body.Close()
	body, err := io.ReadAll(got.Response.Body)
	return got.Response.StatusCode, string(body), err
}

// wantCode fails unless err has the code and a sentence that holds text.
func wantCode(t testing.TB, err error, code host.Code, text string) {
	t.Helper()
	if host.CodeOf(err) != code || !strings.Contains(err.Error(), text) {
		t.Errorf("got %v (%s), want %s: ...%s...", err, host.CodeOf(err), code, text)
	}
}

func httpPost(target, body string) (int, error) {
	resp, err := http.Post(target, "application/json", strings.NewReader(body))
	if err != nil {
		return 0, err
	}
	return resp.StatusCode, resp.Body.Close()
}

func text(s string) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(s)), nil }
}

// expireStored makes every stored access token look expired, so that the next
// process has to refresh.
func (w *world) expireStored() {
	w.t.Helper()
	w.must(w.store.Update(w.ctx, func(tx host.Tx) error {
		list, err := tx.Authorizations().List(w.ctx, "acme")
		if err != nil {
			return err
		}
		for _, a := range list {
			a.TokenExpires = w.clock.now().Add(-time.Second)
			if err := tx.Authorizations().Save(w.ctx, a); err != nil {
				return err
			}
		}
		return nil
	}))
}
