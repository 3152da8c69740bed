package lab_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"sync/atomic"
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
	"github.com/connhost/connhost/plugins/abi"
	"github.com/connhost/connhost/plugins/build"
)

// A rehearsal is a whole host in a cage, over a real store, and the service that
// a manifest describes. The manifest is used as it is.
type rehearsal struct {
	*broker.Broker
	t     testing.TB
	ctx   context.Context
	lab   *lab.Lab
	out   host.Egress
	visit func(page string) (*url.URL, error) // as the person's browser
	skews *host.Skews
	given lab.Credential // what the connection is given: the lab's own, unless changed
	store *store.Store
	admin host.Subject
	m     abi.Manifest
	link  string
	skip  atomic.Int64

	patience time.Duration // with a call
}

func (r *rehearsal) now() time.Time { return time.Now().Add(time.Duration(r.skip.Load())) }

func (r *rehearsal) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatalf("%v\nthe lab saw: %s", err, r.seen())
	}
}

// seen is the lab's log, a line an entry.
func (r *rehearsal) seen() string {
	var b strings.Builder
	if r.lab == nil {
		return ""
	}
	for _, e := range r.lab.Log() {
		b.WriteString("\n  " + e.Method + " " + e.Path + " [" + e.Endpoint + "] " + e.Outcome + " " + e.Fault)
	}
	return b.String()
}

// rehearse reads a manifest in YAML, without its first lines, and makes a
// connection of it.
func rehearse(t testing.TB, text string, change ...func(*rehearsal)) *rehearsal {
	t.Helper()
	return rehearseAsItIs(t, "connhost: 1\nid: acme\nname: Acme\nversion: 1.0.0\n"+text, change...)
}

func rehearseAsItIs(t testing.TB, text string, change ...func(*rehearsal)) *rehearsal {
	t.Helper()
	r := &rehearsal{t: t, ctx: context.Background(), patience: 5 * time.Second, skews: &host.Skews{}}
	source := build.Read("connector.yaml", []byte(text))
	if source.Failed() {
		t.Fatalf("%+v", source.Diagnostics)
	}
	r.m = source.Manifest
	var err error
	r.lab, err = lab.Shaped(r.m, lab.Options{TokenLife: time.Hour, Now: r.now})
	r.must(err)
	r.given = r.lab.Credential()
	for _, c := range change {
		c(r)
	}
	stage, err := r.lab.Stage()
	r.must(err)
	t.Cleanup(func() { _ = stage.Close() })
	r.visit = func(page string) (*url.URL, error) { return stage.Consent(r.ctx, page) }
	caged, err := egress.NewCaged(egress.Options{
		RootCAs: stage.Roots, Now: r.now, Skews: r.skews, Limits: egress.Limits{ResponseTime: r.patience},
	}, stage.Doors)
	r.must(err)
	r.out = caged
	t.Cleanup(func() { _ = caged.Close() })
	r.open(source.JSON)
	r.connect()
	return r
}

// rehearseAway is a rehearsal with an egress as every connhost has one, and the
// manifest rewritten to lead to the lab's address.
func rehearseAway(t testing.TB, text string) *rehearsal {
	t.Helper()
	r := &rehearsal{t: t, ctx: context.Background(), patience: 5 * time.Second, skews: &host.Skews{}}
	source := build.Read("connector.yaml", []byte("connhost: 1\nid: acme\nname: Acme\nversion: 1.0.0\n"+text))
	on, err := lab.Listen("127.0.0.1:0")
	r.must(err)
	addr := on.Addr().String()
	r.m = lab.Rewritten(source.Manifest, addr)
	r.lab, err = lab.Shaped(r.m, lab.Options{TokenLife: time.Hour, Now: r.now, Addr: addr})
	r.must(err)
	r.given = r.lab.Credential()
	server := r.lab.Serve(on)
	t.Cleanup(func() { _ = server.Close() })
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	r.visit = func(page string) (*url.URL, error) {
		res, err := browser.Get(page)
		if err != nil {
			return nil, err
		}
		defer res.Body.Close()
		back, _ := res.Location()
		return back, nil
	}
	opening, err := egress.ParseOpening("127.0.0.1/32:" + addr[len("127.0.0.1:"):])
	r.must(err)
	client := egress.New(egress.Options{AllowCIDR: []egress.Opening{opening}, Now: r.now, Skews: r.skews})
	t.Cleanup(func() { _ = client.Close() })
	r.out = client
	manifest, err := json.Marshal(r.m)
	r.must(err)
	r.open(manifest)
	r.connect()
	return r
}

func (r *rehearsal) open(manifest []byte) {
	dir := r.t.TempDir()
	var err error
	r.store, err = store.Open(r.ctx, filepath.Join(dir, "connhost.db"), store.Options{})
	r.must(err)
	r.t.Cleanup(func() { _ = r.store.Close() })
	want, err := r.store.KeyID(r.ctx)
	r.must(err)
	key, err := seal.Open(filepath.Join(dir, "key.json"), want)
	r.must(err)
	r.must(r.store.Unlock(r.ctx, key))
	client, clock := r.out, host.Clock{Now: r.now, Skews: r.skews}
	signers := auth.Signers(clock)
	signers[abi.AuthOAuth1] = oauth.NewSigner1(clock)
	r.Broker = broker.New(broker.Parts{
		Store: r.store, Egress: client, Signers: signers, Flows: oauth.Flows(client, nil, clock),
		Admit: func([]byte) error { return nil }, Redactor: host.NewRedactor(nil), Now: r.now, Skews: r.skews, TokenTimeout: oauth.Timeout,
	})
	_, err = r.EnsureOwner(r.ctx, "Root User")
	r.must(err)
	r.admin, err = r.Subject(r.ctx, "")
	r.must(err)
	file, err := abi.Append(abi.Empty(), manifest)
	r.must(err)
	req := broker.InstallRequest{File: file, Agreed: true}
	p, err := r.Plan(r.ctx, r.admin, req)
	r.must(err)
	req.Before = p.Compared()
	installed, err := r.Install(r.ctx, r.admin, req)
	r.must(err)
	_, err = r.Publish(r.ctx, r.admin, r.m.ID, "")
	r.must(err)
	_, err = r.AllowActions(r.ctx, r.admin, installed.Connector.Hash)
	r.must(err)
}

// connect makes a connection with the credential that the lab has made up.
func (r *rehearsal) connect() {
	c := r.given
	if r.m.NeedsClient() {
		_, err := r.AddCredential(r.ctx, r.admin, host.ClientCredential{Connector: r.m.ID, ClientID: c.ClientID, Quick: true}, host.NewSecret(c.ClientSecret))
		r.must(err)
	}
	hosts := map[string]string{}
	for _, p := range r.m.Parameters {
		if p.Kind == abi.KindHost {
			hosts[p.Key] = c.Values[p.Key]
		}
	}
	made, err := r.Create(r.ctx, r.admin, broker.CreateRequest{Connector: r.m.ID, Params: hosts})
	r.must(err)
	r.link = made.LinkName
}

// authorize goes the way that the connector has, as a person would.
func (r *rehearsal) authorize() (broker.Authorized, error) {
	c := r.given
	req := broker.AuthorizeRequest{Connection: r.link, Environment: host.Development, Values: map[string]string{}, Secrets: map[string]host.Secret{}}
	for key, text := range c.Values {
		if p, _ := r.m.Parameter(key); p.Kind != abi.KindHost {
			req.Values[key] = text
		}
	}
	for key, text := range c.Secrets {
		req.Secrets[key] = host.NewSecret(text)
	}
	switch broker.WaysOf(r.m)[0] {
	case broker.ByBrowser:
		p, err := r.Begin(r.ctx, r.admin, req, "http://127.0.0.1:9/callback/"+r.m.ID)
		if err != nil {
			return broker.Authorized{}, err
		}
		back, err := r.visit(p.URL)
		if err != nil {
			return broker.Authorized{}, err
		}
		return r.Finish(r.ctx, r.admin, r.link, p.Process, back.Query(), false)
	case broker.ByDevice:
		p, err := r.BeginDevice(r.ctx, r.admin, req)
		if err != nil {
			return broker.Authorized{}, err
		}
		if _, err := r.visit(p.WholeURL); err != nil {
			return broker.Authorized{}, err
		}
		return r.FinishDevice(r.ctx, r.admin, p, false)
	}
	return r.Authorize(r.ctx, r.admin, req)
}

// get calls a path through the connection.
func (r *rehearsal) get(path string) (int, string, error) {
	return r.send(broker.InvokeRequest{Connection: r.link, Method: http.MethodGet, URL: path})
}

func (r *rehearsal) send(req broker.InvokeRequest) (int, string, error) {
	got, err := r.Invoke(r.ctx, r.admin, host.Development, req)
	if err != nil {
		return 0, "", err
	}
	defer got.Response.Body.Close()
	body, err := io.ReadAll(got.Response.Body)
	return got.Response.StatusCode, string(body), err
}

// act does an action and gives what its pages hold.
func (r *rehearsal) act(name string, all bool, parameters string) (pages []string, err error) {
	err = r.Act(r.ctx, r.admin, host.Development, broker.ActionRequest{Connection: r.link, Action: name, Parameters: json.RawMessage(parameters), All: all}, func(p broker.Page) error {
		defer p.Response.Body.Close()
		body, err := io.ReadAll(p.Response.Body)
		if p.Response.StatusCode >= 400 {
			err = errors.New(p.Response.Status + " " + string(body))
		}
		pages = append(pages, string(body))
		return err
	})
	return pages, err
}

// count is how often the lab saw an endpoint.
func (r *rehearsal) count(endpoint string) (n int) {
	for _, e := range r.lab.Log() {
		if e.Endpoint == endpoint {
			n++
		}
	}
	return n
}
