package lab_test

import (
	"encoding/base64"
	"encoding/json"
	"io/fs"
	"net/http"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/lab"
	"github.com/connhost/connhost/plugins/abi"
)

func basic(pair string) string { return "Basic " + base64.StdEncoding.EncodeToString([]byte(pair)) }

func TestAPI(t *testing.T) {
	b := newBench(t, lab.Options{})
	access := "Bearer " + b.signIn().Access
	for _, c := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"GET", "/me", "", 200, `{"ok":true,"result":{"id":"acc_1","name":"Ada Lovelace"}}`},
		{"GET", "/items", "", 200, `{"ok":true,"result":[{"id":"itm_1","name":"Teapot","quantity":12,"price":18.50},`},
		{"GET", "/items/itm_2", "", 200, `{"ok":true,"result":{"id":"itm_2",`},
		{"GET", "/items/itm_9", "", 200, `{"error":"not_found","ok":false}`},
		{"POST", "/orders", `{"item":"itm_1","quantity":2}`, 200, `{"ok":true,"result":{"id":"ord_1","item":"itm_1","quantity":2,"total":37.00,"account":"acc_1"}}`},
		{"GET", "/orders/ord_1", "", 200, `{"ok":true,"result":{"id":"ord_1"`},
		{"GET", "/orders/ord_2", "", 200, `{"error":"not_found","ok":false}`},
		{"POST", "/orders", `{"item":"itm_3","quantity":1}`, 422, `{"error":"invalid","field":"quantity",`},
		{"POST", "/orders", `{"item":"itm_1","quantity":0}`, 422, `{"error":"invalid","field":"quantity",`},
		{"POST", "/orders", `{"item":"none","quantity":1}`, 422, `{"error":"invalid","field":"item",`},
		{"POST", "/orders", `[`, 422, `{"error":"invalid","field":"",`},
		{"DELETE", "/items", "", 404, `{"error":"not_found","ok":false}`},
	} {
		status, _, body := b.do(c.method, "/api"+c.path, c.body, "Authorization", access)
		if status != c.status || !strings.HasPrefix(body, c.want) {
			t.Errorf("%s %s: %d %s", c.method, c.path, status, body)
		}
	}
}

// Echo shows what came, the credential too, so that masking can be seen.
func TestEcho(t *testing.T) {
	b := newBench(t, lab.Options{})
	_, _, body := b.do("PUT", "/key/echo?q=1", "text", "X-Lab-Key", lab.APIKey)
	var got struct {
		Result struct {
			Method, Body string
			Headers      http.Header
			Query        map[string][]string
		}
	}
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		t.Fatal(err)
	}
	r := got.Result
	if r.Method != "PUT" || r.Body != "text" || r.Query["q"][0] != "1" || r.Headers.Get("X-Lab-Key") != lab.APIKey {
		t.Errorf("got %s", body)
	}
}

func TestOtherRealmsAndScopes(t *testing.T) {
	b := newBench(t, lab.Options{})
	_, narrow := b.token(exchange(b.authorize(ask("scope", "items.read", "login_hint", "grace")).Get("code")))
	pair := lab.BasicUser + ":" + lab.BasicSecret
	for _, c := range []struct {
		path, name, text string
		status           int
		challenge        string
	}{
		{"/key/me", "X-Lab-Key", lab.APIKey, 200, ""},
		{"/key/me?key=" + lab.APIKey, "X", "", 200, ""},
		{"/key/me", "X-Lab-Key", "x", 401, ""},
		{"/basic/items", "Authorization", basic(pair), 200, ""},
		{"/basic/me", "Authorization", basic("ada:x"), 401, `Basic realm="lab", charset="UTF-8"`},
		{"/api/me", "X-Lab-Key", lab.APIKey, 401, `Bearer realm="lab"`},
		{"/api/items", "Authorization", "Bearer " + narrow.Access, 200, ""},
		{"/api/orders/ord_1", "Authorization", "Bearer " + narrow.Access, 403, `Bearer realm="lab", error="insufficient_scope", scope="orders.write"`},
	} {
		status, header, body := b.do("GET", c.path, "", c.name, c.text)
		if status != c.status || header.Get("WWW-Authenticate") != c.challenge {
			t.Errorf("%s: %d %q %s", c.path, status, header.Get("WWW-Authenticate"), body)
		}
	}
}

func TestControlRefusesNonsense(t *testing.T) {
	b := newBench(t, lab.Options{})
	for _, body := range []string{`{"token_life":"0s"}`, `{"token_life":"soon"}`, `{"account":"nobody"}`, `{"else":1}`, `x`} {
		if status, _, _ := b.do("POST", "/control", body); status != 422 {
			t.Errorf("%s: %d", body, status)
		}
	}
	if _, _, body := b.do("POST", "/control", `{"account":"acc_2","ask_consent":true}`); !strings.Contains(body, `{"account":"acc_2","ask_consent":true,"token_life":"5s"}`) {
		t.Errorf("got %s", body)
	}
}

func TestTheLogNamesGrantsAndNoSecrets(t *testing.T) {
	b := newBench(t, lab.Options{})
	got := b.signIn()
	b.me(got.Access)
	b.token(refresh(got.Refresh))
	b.token(refresh(got.Refresh))
	b.me(got.Access)
	_, _, text := b.do("GET", "/log", "")
	var entries []lab.Entry
	if err := json.Unmarshal([]byte(text), &entries); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"GET /oauth/authorize grt_1 ok", "POST /oauth2/token grt_1 exchanged", "GET /api/me grt_1 ok", "POST /oauth2/token grt_1 refreshed",
		"POST /oauth2/token grt_1 refresh token used again, grant ended", "GET /api/me  invalid_token",
	}
	if len(entries) != len(want) {
		t.Fatalf("%d entries: %s", len(entries), text)
	}
	for i, e := range entries {
		if line := strings.Join([]string{e.Method, e.Path, e.Grant, e.Outcome}, " "); line != want[i] || !e.Time.Equal(b.now) {
			t.Errorf("entry %d: %s, want %s", i, line, want[i])
		}
	}
	for _, s := range []string{got.Access, got.Refresh, "lab-code-", lab.ClientSecret, verifier} {
		if strings.Contains(text, s) {
			t.Errorf("the log holds %s", s)
		}
	}
}

func TestStartOnLoopbackOnly(t *testing.T) {
	for _, addr := range []string{"0.0.0.0:0", ":0", "example.test:0", "127.0.0.1"} {
		if s, err := lab.New(lab.Options{}).Start(addr); host.CodeOf(err) != host.Usage {
			t.Errorf("%s: %v, %v", addr, s, err)
		}
	}
	s, err := lab.New(lab.Options{}).Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := lab.New(lab.Options{}).Start(s.Addr); host.CodeOf(err) != host.Conflict {
		t.Errorf("a busy port: %v", err)
	}
	res, err := http.Get(s.URL + "/")
	if err != nil || res.StatusCode != 200 {
		t.Fatalf("%v %v", res, err)
	}
	_ = res.Body.Close()
}

func TestTheConnectorIsValid(t *testing.T) {
	text, err := fs.ReadFile(lab.Connector(), "connector.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var tree map[string]any
	if err := yaml.Unmarshal(text, &tree); err != nil {
		t.Fatal(err)
	}
	doc, err := json.Marshal(tree)
	if err != nil {
		t.Fatal(err)
	}
	m, err := abi.Parse(doc)
	if err != nil {
		t.Fatal(err)
	}
	if p, ok := m.Field("server"); !ok || p.Default != lab.DefaultAddr || p.Kind != abi.KindHost {
		t.Errorf("the parameter server is %+v", p)
	}
}
