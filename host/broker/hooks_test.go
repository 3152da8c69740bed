package broker_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
	"github.com/connhost/connhost/plugins/abi"
	"github.com/connhost/connhost/plugins/build"
)

const (
	shopSecret = "shop-secret-1815"
	shopToken  = "shop-token-1843"
	shopPin    = "pin-\"4711\""
)

// A teaHouse is a service that checks signatures of its own kind.
type teaHouse struct {
	*httptest.Server
	mu     sync.Mutex
	tokens int      // token requests
	orders []string // bodies
}

func shopMAC(text string) string {
	m := hmac.New(sha256.New, []byte(shopSecret))
	m.Write([]byte(text))
	return hex.EncodeToString(m.Sum(nil))
}

func newTeaHouse(t *testing.T) *teaHouse {
	s := &teaHouse{}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.tokens++
		s.mu.Unlock()
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"access_token":%q,"token_type":"bearer","expires_in":3600}`, shopToken)
	})
	mux.HandleFunc("GET /me/tea", s.signed(func(w http.ResponseWriter, _ *http.Request, _ string) { io.WriteString(w, `{}`) }))
	mux.HandleFunc("GET /items", s.signed(func(w http.ResponseWriter, r *http.Request, _ string) {
		if r.URL.Query().Get("cursor") == "2" {
			io.WriteString(w, `{"items":["Saucer"]}`)
			return
		}
		fmt.Fprintf(w, `{"items":["Teapot","Cup"],"plan":%q,"next":"2"}`, r.URL.Query().Get("plan"))
	}))
	mux.HandleFunc("POST /orders", s.signed(func(w http.ResponseWriter, _ *http.Request, body string) {
		s.mu.Lock()
		s.orders = append(s.orders, body)
		s.mu.Unlock()
		io.WriteString(w, `{"ok":true,"echo":`+body+`}`)
	}))
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

// signed lets only requests through that carry the token, the pin and the right
// signature.
func (s *teaHouse) signed(next func(http.ResponseWriter, *http.Request, string)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		sum := sha256.Sum256(body)
		want := shopMAC(r.Method + "\n" + r.URL.RequestURI() + "\n" + hex.EncodeToString(sum[:]) + "\n" + shopToken)
		if r.Header.Get("Authorization") != "Bearer "+shopToken || r.Header.Get("X-Signature") != want || r.Header.Get("X-Pin") != "pin:"+shopPin {
			http.Error(w, "bad signature", http.StatusForbidden)
			return
		}
		next(w, r, string(body))
	}
}

// callback is what the shop sends back.
func (s *teaHouse) callback(state string, change func(url.Values)) url.Values {
	q := url.Values{"code": {"code-1900"}, "shop": {"tea"}, "timestamp": {"1767225600"}, "state": {state}}
	var lines []string
	for name := range q {
		lines = append(lines, name+"="+q.Get(name))
	}
	slices.Sort(lines)
	q.Set("hmac", shopMAC(strings.Join(lines, "&")))
	change(q)
	return q
}

var teashop = sync.OnceValues(func() ([]byte, error) {
	built, err := build.Open(context.Background(), "testdata/teashop")
	return built.File, err
})

// teaParty installs the tea shop's connector and makes a connection.
func teaParty(t *testing.T) (*world, *teaHouse) {
	w, s := newWorld(t, t.TempDir()), newTeaHouse(t)
	file, err := teashop()
	w.must(err)
	_, err = w.Install(w.ctx, w.admin, broker.InstallRequest{File: file})
	w.must(err)
	done, err := w.Publish(w.ctx, w.admin, "teashop", "")
	w.must(err)
	_, err = w.AllowActions(w.ctx, w.admin, done.Connector.Hash)
	w.must(err)
	_, err = w.AddCredential(w.ctx, w.admin, host.ClientCredential{Connector: "teashop", ClientID: "tea", Quick: true}, host.NewSecret(shopSecret))
	w.must(err)
	_, err = w.Create(w.ctx, w.admin, broker.CreateRequest{Connector: "teashop", Params: map[string]string{"server": strings.TrimPrefix(s.URL, "http://")}})
	w.must(err)
	return w, s
}

const teaLink = "tea_shop_connection"

// begin asks for the consent.
func (w *world) beginTea(region string) (broker.Pending, error) {
	return w.Begin(w.ctx, w.admin, broker.AuthorizeRequest{
		Connection: teaLink, Environment: host.Development,
		Values: map[string]string{"region": region}, Secrets: map[string]host.Secret{"pin": host.NewSecret(shopPin)},
	}, redirect)
}

// drink authorizes the connection; region says how the connector misbehaves.
func (w *world) drink(s *teaHouse, region string) {
	w.t.Helper()
	p, err := w.beginTea(region)
	w.must(err)
	u, err := url.Parse(p.URL)
	w.must(err)
	got, err := w.Finish(w.ctx, w.admin, teaLink, p.Process, s.callback(u.Query().Get("state"), func(url.Values) {}), false)
	w.must(err)
	if region == "eu" && got.Warning != "" {
		w.t.Errorf("warning: %s", got.Warning)
	}
}

func TestConsentHooks(t *testing.T) {
	w, s := teaParty(t)
	p, err := w.beginTea("eu")
	w.must(err)
	u, err := url.Parse(p.URL)
	w.must(err)
	if q := u.Query(); q.Get("audience") != s.URL+"/authorize" || q.Get("seen") != `{"$secret":"pin"}` || q.Get("client_id") != "tea" {
		t.Errorf("the authorization URL is %s", p.URL)
	}
	_, err = w.Finish(w.ctx, w.admin, teaLink, p.Process, s.callback(u.Query().Get("state"), func(q url.Values) { q.Set("shop", "other") }), false)
	wantCode(t, err, host.Failed, "forged: the callback is not the shop's")
	if s.tokens != 0 {
		t.Errorf("%d token requests after a forged callback", s.tokens)
	}
	w.drink(s, "eu")
	status, body, err := w.get(w.admin, teaLink, "/items?plan={plan}")
	if err != nil || status != 200 || !strings.Contains(body, `"plan":"gold"`) {
		t.Errorf("got %d %s, %v", status, body, err)
	}
	if tested, err := w.Test(w.ctx, w.admin, host.Development, teaLink); err != nil || !tested.OK {
		t.Errorf("the test call, whose path is captured from the callback: %+v, %v", tested, err)
	}
	for region, want := range map[string]string{
		"place": "put the place of a secret into a URL that a browser shows",
		"state": `may not set the authorize parameter "state"`,
	} {
		_, err := w.beginTea(region)
		wantCode(t, err, host.Failed, want)
	}
}

func TestSignHookMisuse(t *testing.T) {
	for region, want := range map[string]string{
		"host":    "the header Host cannot be signed with",
		"break":   "holds a line break",
		"unknown": "{{secret:other}} names no secret of the connection",
	} {
		w, s := teaParty(t)
		w.drink(s, region)
		_, _, err := w.get(w.admin, teaLink, "/items")
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v", region, err)
		}
	}
}

// act does an action and gives its pages.
func (w *world) act(name, params string, all bool) ([]string, error) {
	var pages []string
	err := w.Act(w.ctx, w.admin, host.Development, broker.ActionRequest{
		Connection: teaLink, Action: name, Parameters: json.RawMessage(params), All: all,
	}, func(p broker.Page) error {
		if p.Response == nil {
			pages = append(pages, string(p.Result))
			return nil
		}
		defer p.Response.Body.Close()
		body, err := io.ReadAll(p.Response.Body)
		pages = append(pages, string(body))
		return err
	})
	return pages, err
}

func TestActions(t *testing.T) {
	w, s := teaParty(t)
	w.drink(s, "eu")
	got, err := w.act("create_order", `{"item":"Tea \"Earl\"","quantity":2}`, false)
	if want := `{"ok":true,"echo":{"item":"Tea \"Earl\"","pin":"[redacted]","quantity":2}}`; err != nil || len(got) != 1 || got[0] != want {
		t.Errorf("create_order: got %q, %v, want %s", got, err, want)
	}
	if want := `{"item":"Tea \"Earl\"","pin":"pin-\"4711\"","quantity":2}`; len(s.orders) != 1 || s.orders[0] != want {
		t.Errorf("the shop got %q, want %s", s.orders, want)
	}
	got, err = w.act("list_items", "", true)
	if err != nil || len(got) != 2 || !strings.Contains(got[0], "Teapot") || !strings.Contains(got[0], `"plan":"gold"`) || !strings.Contains(got[1], "Saucer") {
		t.Errorf("all pages: got %q, %v", got, err)
	}
	if got, err = w.act("list_items", "", false); err != nil || len(got) != 1 {
		t.Errorf("one page: got %q, %v", got, err)
	}
	got, err = w.act("audit", "", false)
	want := `{"/items":2,"/items?cursor=2":1,"https://stranger.example/":"stranger.example is not a host of this connector"}`
	if err != nil || len(got) != 1 || got[0] != want {
		t.Errorf("audit: got %q, %v, want %s", got, err, want)
	}
	for _, c := range []struct {
		action, params string
		code           host.Code
		want           string
	}{
		{"drink", "", host.NotFound, `connector "teashop" has no action named "drink"`},
		{"create_order", "", host.Usage, `the action "create_order" needs item`},
		{"create_order", `{"item":"x","quantity":"two"}`, host.Usage, `the value of "quantity" does not match`},
		{"create_order", `{"item":"x","colour":"red"}`, host.Usage, `the action "create_order" has no parameter "colour"`},
		{"create_order", `[1]`, host.Usage, "are a JSON object"},
	} {
		_, err := w.act(c.action, c.params, false)
		wantCode(t, err, c.code, c.want)
	}
}

func TestActionMisuse(t *testing.T) {
	for region, c := range map[string]struct {
		code host.Code
		want string
	}{
		"url":      {host.Failed, "put the place of a secret into a URL"},
		"stranger": {host.Refused, "stranger.example is not a host of this connector"},
		"two":      {host.Failed, "more than one kind of body"},
	} {
		w, s := teaParty(t)
		w.drink(s, region)
		_, err := w.act("create_order", `{"item":"x"}`, false)
		wantCode(t, err, c.code, c.want)
		if len(s.orders) != 0 {
			t.Errorf("%s: the shop got %q", region, s.orders)
		}
	}
}

// No secret reaches the guest's log or an error.
func TestHooksSeeNoSecret(t *testing.T) {
	w, s := teaParty(t)
	var log strings.Builder
	w.log = func(line string) { log.WriteString(line + "\n") }
	w.drink(s, "eu")
	_, err := w.act("create_order", `{"item":"x"}`, false)
	w.must(err)
	if !strings.Contains(log.String(), "the pin is {{secret:pin}}") {
		t.Errorf("the hook logged %q", log.String())
	}
	// The hook that signs the request learns neither the body, into which the
	// pin was filled, nor its hash, which would show what the pin is not.
	if !strings.Contains(log.String(), `"body":"{{secret:sent:body}}"`) || !strings.Contains(log.String(), `"body_sha256":"{{secret:sent:sha256}}"`) {
		t.Errorf("the hook logged %q", log.String())
	}
	for _, secret := range []string{shopPin, shopSecret, shopToken, "4711"} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
}

// Who may do an action, or call, chooses no secret to be sent.
func TestStrangersPlaceNoSecrets(t *testing.T) {
	w, s := teaParty(t)
	w.drink(s, "eu")
	for _, params := range []string{
		`{"item":"{{secret:access_token}}"}`,
		`{"item":"\u007b\u007bsecret:pin}}"}`,
		`{"item":["x",{"y":"{{secret:pin}}"}]}`,
		`{"item":[{"{{secret:pin}}":1}]}`,
	} {
		_, err := w.act("create_order", params, false)
		wantCode(t, err, host.Refused, `the parameter "item" holds {{secret:`)
	}
	if len(s.orders) != 0 {
		t.Errorf("the shop got %q", s.orders)
	}
	for _, path := range []string{"/items?x={{secret:pin}}", "/items?x=%7B%7Bsecret%3Apin%7D%7D"} {
		_, _, err := w.get(w.admin, teaLink, path)
		wantCode(t, err, host.Refused, `the call holds {{secret:`)
	}
	_, err := w.Invoke(w.ctx, w.admin, host.Development, broker.InvokeRequest{Connection: teaLink, Method: "POST", URL: "/orders", Body: text(`"{{secret:pin}}"`), ContentLength: 16})
	wantCode(t, err, host.Refused, `the call holds {{secret:`)
	_, err = w.beginTea("{{secret:client_secret}}")
	wantCode(t, err, host.Refused, `the parameter "region" holds {{secret:`)
}

// Two parameters side by side do not make a place either, without any hook.
func TestParametersMakeNoPlace(t *testing.T) {
	w := newWorld(t, t.TempDir())
	m := w.acme()
	m.Auth, m.Revoke, m.Test, m.Scopes = abi.Auth{Type: abi.AuthNone}, nil, nil, nil
	m.Actions = []abi.Action{{
		Name: "say", Text: "Says it.", Request: abi.Request{Method: "POST", Path: "/say", JSON: abi.BodyOf(map[string]string{"text": "{a}{b}"})},
		Parameters: []abi.Parameter{{Key: "a"}, {Key: "b"}},
	}}
	c := w.create(m, broker.CreateRequest{Connector: "acme"})
	done, err := w.Connector(w.ctx, w.admin, "acme", "")
	w.must(err)
	_, err = w.AllowActions(w.ctx, w.admin, done.Hash)
	w.must(err)
	err = w.Act(w.ctx, w.admin, host.Development, broker.ActionRequest{
		Connection: c.LinkName, Action: "say", Parameters: json.RawMessage(`{"a":"{{sec","b":"ret:access_token}}"}`),
	}, func(broker.Page) error { return nil })
	wantCode(t, err, host.Refused, "a parameter of the action holds {{secret:")
}
