package lab_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/lab"
	"github.com/connhost/connhost/plugins/abi"
	"github.com/connhost/connhost/plugins/build"
)

// shaped makes a lab of a manifest without a host around it.
func shaped(t *testing.T, text string, o lab.Options) *lab.Lab {
	t.Helper()
	source := build.Read("connector.yaml", []byte("connhost: 1\nid: acme\nname: Acme\nversion: 1.0.0\n"+text))
	if source.Failed() {
		t.Fatalf("%+v", source.Diagnostics)
	}
	l, err := lab.Shaped(source.Manifest, o)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// send sends a request to a lab.
func send(l *lab.Lab, method, target, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	l.ServeHTTP(w, r)
	return w
}

// A request that is not what the manifest says is refused with its reason, which
// holds nothing of the request.
func TestMisfits(t *testing.T) {
	l := shaped(t, `auth: {type: none}
base_url: https://api.acme.example/v1
actions:
  - {name: add, method: POST, path: /items, json: {name: "{title}", kind: book}, headers: {X-Version: "2"}, parameters: [{key: title, required: true}]}
  - {name: count, method: POST, path: /count, json: {n: "{n}", on: "{on}", list: "{list}"}, parameters: [{key: n, kind: number}, {key: on, kind: boolean}, {key: list, kind: json}]}
  - {name: find, path: /find, query: {q: "{text}", in: all}, parameters: [{key: text}]}
  - {name: sort, path: /find, query: {sort: "{by}", in: all, mode: sort}, parameters: [{key: by}]}
`, lab.Options{})
	const kind = "application/json"
	for _, c := range []struct {
		method, path, body string
		header             []string
		status             int
		want               string
	}{
		{"POST", "/items", `{"name":"Tea","kind":"book"}`, []string{"Content-Type", kind, "X-Version", "2"}, 200, `"title":"Tea"`},
		{"PUT", "/items", `{"name":"Tea","kind":"book"}`, []string{"Content-Type", kind, "X-Version", "2"}, 405, "the method is another"},
		{"POST", "/items", `{"name":"Tea","kind":"secret-kind"}`, []string{"Content-Type", kind, "X-Version", "2"}, 400, "the member kind is another than the manifest says"},
		{"POST", "/items", `{"name":"Tea","kind":"book"}`, []string{"Content-Type", kind}, 400, "the header X-Version is missing"},
		{"POST", "/items", `name=Tea&kind=book`, []string{"Content-Type", "application/x-www-form-urlencoded", "X-Version", "2"}, 400, "the body is not JSON"},
		{"POST", "/count", `{"n":3,"on":true,"list":[1]}`, []string{"Content-Type", kind}, 200, `"list":"[1]"`},
		{"POST", "/count", `{"n":"3"}`, []string{"Content-Type", kind}, 400, "the member n is of another kind"},
		{"POST", "/count", `{"on":1}`, []string{"Content-Type", kind}, 400, "the member on is of another kind"},
		{"GET", "/find?in=all", "", nil, 200, "ok"},
		{"GET", "/find?in=all&in=all", "", nil, 400, "the query in stands twice"},
		{"GET", "/find?in=all&sort=name&mode=sort", "", nil, 200, `"by":"name"`},
		{"GET", "/find?q=tea", "", nil, 400, "the query in is missing"},
		{"GET", "/whatever", "", nil, 200, "ok"},
	} {
		w := send(l, c.method, "https://api.acme.example/v1"+c.path, c.body, c.header...)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.want) || strings.Contains(w.Body.String(), "secret-kind") {
			t.Errorf("%s %s: %d %s, want %d %s", c.method, c.path, w.Code, w.Body, c.status, c.want)
		}
	}
	if w := send(l, "GET", "https://other.example/", ""); w.Code != 200 || !strings.Contains(w.Body.String(), "a fake service") {
		t.Errorf("another host: %d %s", w.Code, w.Body)
	}
	if w := send(l, "GET", "https://other.example/me", ""); w.Code != 404 {
		t.Errorf("a path of another host: %d %s", w.Code, w.Body)
	}
}

// The authorization page of a shaped lab asks like that of the lab's own, and
// sends back what was chosen.
func TestShapedConsentPage(t *testing.T) {
	l := shaped(t, "auth:\n  type: oauth2"+person, lab.Options{AskConsent: true})
	q := ask("client_id", lab.ClientID, "redirect_uri", "http://127.0.0.1:9/callback/acme", "scope", "items.read")
	page := "https://login.acme.example/authorize?" + q.Encode()
	w := send(l, "GET", page, "")
	if w.Code != 200 || !strings.Contains(w.Body.String(), "<li>items.read</li>") {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	for choice, want := range map[string]string{"allow": "code=", "deny": "error=access_denied"} {
		form := url.Values{"account": {"acc_2"}, "choice": {choice}}
		for name, texts := range q {
			form[name] = texts
		}
		w = send(l, "POST", "https://login.acme.example/authorize", form.Encode(), "Content-Type", "application/x-www-form-urlencoded")
		if w.Code != 302 || !strings.Contains(w.Header().Get("Location"), want) {
			t.Errorf("%s: %d %s %s", choice, w.Code, w.Header().Get("Location"), w.Body)
		}
	}
	for change, want := range map[string]string{
		"client_id=other": "unknown_client", "redirect_uri=https://evil.example/callback/acme": "unknown_redirect_uri", "response_type=token": "invalid_request",
	} {
		name, text, _ := strings.Cut(change, "=")
		other, _ := url.ParseQuery(q.Encode())
		other.Set(name, text)
		w := send(l, "GET", "https://login.acme.example/authorize?"+other.Encode(), "")
		if w.Code != 400 || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %d %s", change, w.Code, w.Body)
		}
	}
}

// What a callback has beside the code is told by a shape, and signed; an error comes
// back as it is.
func TestShapeOfACallback(t *testing.T) {
	l := shaped(t, "parameters: [{key: shop, required: true}]\nauth:\n  type: oauth2"+person, lab.Options{
		Values: map[string]string{"shop": "tea"},
		Always: []lab.Fault{{Fault: "shape", On: "authorize", Times: -1, Body: map[string]any{"shop": "{shop}.acme.example", "a-b": "1&2", "a": "3", "mac": "v1={hmac}"}}},
	})
	back := func(change ...string) url.Values {
		t.Helper()
		q := ask(append([]string{"client_id", lab.ClientID, "redirect_uri", "http://127.0.0.1:9/callback/acme", "scope", "items.read"}, change...)...)
		at, err := url.Parse(send(l, "GET", "https://login.acme.example/authorize?"+q.Encode(), "").Header().Get("Location"))
		if err != nil {
			t.Fatal(err)
		}
		return at.Query()
	}
	got := back()
	mac := hmac.New(sha256.New, []byte(l.Credential().ClientSecret))
	fmt.Fprintf(mac, "a=3&a-b=1&2&code=%s&shop=tea.acme.example&state=%s", got.Get("code"), got.Get("state"))
	if want := "v1=" + hex.EncodeToString(mac.Sum(nil)); got.Get("mac") != want || len(got) != 6 {
		t.Errorf("got %v, want mac %s", got, want)
	}
	if got := back("scope", "other"); got.Get("error") == "" || got.Has("mac") {
		t.Errorf("an error: %v", got)
	}
	if err := l.SetFaults([]lab.Fault{{Fault: "shape", On: "authorize", Body: "shop"}}); host.CodeOf(err) != host.Usage {
		t.Errorf("a text: %v", err)
	}
}

// What was pushed is shown on the page that asks, and is good for one choice.
func TestPushedConsent(t *testing.T) {
	l := shaped(t, "auth:\n  type: oauth2\n  par: {url: \"https://login.acme.example/par\"}"+person, lab.Options{AskConsent: true})
	const kind = "application/x-www-form-urlencoded"
	q := ask("client_id", lab.ClientID, "redirect_uri", "http://127.0.0.1:9/callback/acme", "scope", "items.read")
	w := send(l, "POST", "https://login.acme.example/par", q.Encode(), "Content-Type", kind, "Authorization", basic(lab.ClientID+":"+lab.ClientSecret))
	var pushed struct {
		Reference string `json:"request_uri"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &pushed); err != nil || w.Code != 201 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	short := url.Values{"client_id": {lab.ClientID}, "request_uri": {pushed.Reference}}
	if w = send(l, "GET", "https://login.acme.example/authorize?"+short.Encode(), ""); w.Code != 200 || !strings.Contains(w.Body.String(), "<li>items.read</li>") {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	short.Set("account", "acc_2")
	short.Set("choice", "allow")
	for _, want := range []int{302, 400} {
		if w = send(l, "POST", "https://login.acme.example/authorize", short.Encode(), "Content-Type", kind); w.Code != want {
			t.Errorf("%d %s, want %d", w.Code, w.Body, want)
		}
	}
	if w = send(l, "GET", "https://login.acme.example/authorize?"+q.Encode(), ""); w.Code != 400 {
		t.Errorf("what was not pushed: %d %s", w.Code, w.Body)
	}
}

// A person may say no to a code from another device.
func TestDeviceSaysNo(t *testing.T) {
	l := shaped(t, "auth:\n  type: oauth2\n  grant: device_code\n  client_auth: body\n  device: {url: \"https://login.acme.example/device\"}"+tokens2, lab.Options{AskConsent: true})
	const kind = "application/x-www-form-urlencoded"
	client := url.Values{"client_id": {lab.ClientID}, "client_secret": {lab.ClientSecret}}
	w := send(l, "POST", "https://login.acme.example/device", client.Encode(), "Content-Type", kind)
	var got map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != 200 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	client.Set("grant_type", "urn:ietf:params:oauth:grant-type:device_code")
	client.Set("device_code", got["device_code"].(string))
	for _, want := range []string{"authorization_pending", "slow_down"} {
		if w = send(l, "POST", "https://login.acme.example/token", client.Encode(), "Content-Type", kind); !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s, want %s", w.Body, want)
		}
	}
	page := got["verification_uri_complete"].(string)
	if w = send(l, "GET", page, ""); !strings.Contains(w.Body.String(), got["user_code"].(string)) {
		t.Errorf("%s", w.Body)
	}
	send(l, "POST", got["verification_uri"].(string), url.Values{"user_code": {got["user_code"].(string)}, "choice": {"deny"}}.Encode(), "Content-Type", kind)
	if w = send(l, "POST", "https://login.acme.example/token", client.Encode(), "Content-Type", kind); !strings.Contains(w.Body.String(), "access_denied") {
		t.Errorf("%s", w.Body)
	}
}

// The lab's own service has the same faults.
func TestFaultsOfTheLabsOwn(t *testing.T) {
	b := newBench(t, lab.Options{})
	first := b.signIn()
	if err := b.lab.SetFaults([]lab.Fault{{Fault: "status", On: "refresh"}, {Fault: "error", Code: "gone", On: "call"}}); err != nil {
		t.Fatal(err)
	}
	if status, _ := b.token(refresh(first.Refresh)); status != 503 {
		t.Errorf("%d", status)
	}
	if status, second := b.token(refresh(first.Refresh)); status != 200 || second.Access == "" {
		t.Errorf("%d %+v", status, second)
	}
	if status, _, body := b.do("GET", "/api/me", ""); status != 200 || !strings.Contains(body, `"error":"gone"`) {
		t.Errorf("%d %s", status, body)
	}
	if err := b.lab.SetFaults([]lab.Fault{{Fault: "status", On: "device"}}); err == nil || !strings.Contains(err.Error(), `no endpoint named "device"`) {
		t.Errorf("%v", err)
	}
}

// Faults are set and cleared while the lab runs, and nonsense is refused.
func TestFaultsByControl(t *testing.T) {
	l := shaped(t, "auth: {type: none}\nbase_url: https://api.acme.example\n", lab.Options{})
	control := func(body string) (int, string) {
		w := send(l, "POST", "http://127.0.0.1:9100/control", body)
		return w.Code, w.Body.String()
	}
	if status, body := control(`{"faults":[{"fault":"status","status":418,"on":"call","times":-1}]}`); status != 200 || !strings.Contains(body, `"faults":1`) {
		t.Errorf("%d %s", status, body)
	}
	if w := send(l, "GET", "https://api.acme.example/x", ""); w.Code != 418 {
		t.Errorf("%d", w.Code)
	}
	if status, _ := control(`{"faults":[]}`); status != 200 {
		t.Errorf("%d", status)
	}
	if w := send(l, "GET", "https://api.acme.example/x", ""); w.Code != 200 {
		t.Errorf("%d", w.Code)
	}
	for body, want := range map[string]string{
		`{"fault":"explode"}`:                      "there are: answer, ended, error, expired, html, huge, limit, lost_answer, lost_request, nested, shape, skew, slow, status, truncated, types",
		`{"fault":"slow","after":"soon"}`:          "is not a duration",
		`{"fault":"slow","after":"-2s"}`:           "is not a duration",
		`{"fault":"status","status":99}`:           "99 is not the status",
		`{"fault":"limit","form":"moon"}`:          "there is no form",
		`{"fault":"status","path":"["}`:            "no pattern of a path",
		`{"fault":"status","nth":-1}`:              "nth and times are counts",
		`{"fault":"status","on":"cal","times":-1}`: "it has: call",
	} {
		status, text := control(`{"faults":[` + body + `]}`)
		if status == 200 && want != "" || !strings.Contains(text, want) {
			t.Errorf("%s: %d %s", body, status, text)
		}
	}
}

// A shape that only the connector's code reads is given beside the manifest. The
// service does its work: whom it refuses it refuses.
func TestShape(t *testing.T) {
	l := shaped(t, "auth:\n  type: oauth2\n  grant: client_credentials\n  client_auth: body"+tokens2, lab.Options{TokenLife: time.Hour})
	var body any
	if err := json.Unmarshal([]byte(`{"result":[{"t":"{access_token}","in":"{expires_in}","at":"{expires_at}","again":"{refresh_token}","who":"{account_name} <{account_id}>"}]}`), &body); err != nil {
		t.Fatal(err)
	}
	if err := l.SetFaults([]lab.Fault{{Fault: "shape", On: "token", Times: -1, Body: body}}); err != nil {
		t.Fatal(err)
	}
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {lab.ClientID}, "client_secret": {lab.ClientSecret}}
	const kind = "application/x-www-form-urlencoded"
	w := send(l, "POST", "https://login.acme.example/token", form.Encode(), "Content-Type", kind)
	text := w.Body.String()
	if w.Code != 200 || !strings.Contains(text, `"t":"lab-access-`) || !strings.Contains(text, `"in":3600`) || !strings.Contains(text, `"at":1`) || strings.Contains(text, "again") || !strings.Contains(text, `"who":"Ada Lovelace \u003cacc_1\u003e"`) {
		t.Errorf("%d %s", w.Code, text)
	}
	form.Set("client_secret", "wrong")
	if w := send(l, "POST", "https://login.acme.example/token", form.Encode(), "Content-Type", kind); w.Code != 401 || !strings.Contains(w.Body.String(), "invalid_client") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// Values are made up as the manifest wants them, the same for the same seed.
func TestCredential(t *testing.T) {
	const text = `auth: {type: api_key, name: X-Key, value: "{site}-{key}"}
parameters:
  - {key: key, secret: true, pattern: "(live|test)_[0-9a-f]{32}"}
  - {key: site, required: true, enum: [eu, us]}
  - {key: level, default: high}
  - {key: note}
  - {key: plan, enum: [free, pro], default: free}
  - {key: team, default: us, visible_when: {plan: pro}}
  - {key: server, kind: host, required: true}
base_url: https://{server}/{level}/{note|none}/{team|}
`
	c := shaped(t, text, lab.Options{Seed: 7}).Credential()
	if !strings.HasPrefix(c.Secrets["key"], "live_") || len(c.Secrets["key"]) != 37 || c.Values["site"] != "eu" || c.Values["level"] != "high" || c.Values["note"] != "" || c.Values["team"] != "" || c.Values["server"] != "server.lab.example" {
		t.Errorf("%+v", c)
	}
	if again := shaped(t, text, lab.Options{Seed: 7}).Credential(); again.Secrets["key"] != c.Secrets["key"] {
		t.Error("another key from the same seed")
	}
	if other := shaped(t, text, lab.Options{Seed: 8}).Credential(); other.Secrets["key"] == c.Secrets["key"] {
		t.Error("the same key from another seed")
	}
	given := shaped(t, text, lab.Options{Values: map[string]string{"site": "us", "server": "acme.example:8443"}})
	if c := given.Credential(); c.Values["site"] != "us" || given.Hosts()[0] != "acme.example:8443" {
		t.Errorf("%+v, %v", c, given.Hosts())
	}
	source := build.Read("connector.yaml", []byte("connhost: 1\nid: acme\nname: Acme\nversion: 1.0.0\n"+text))
	_, err := lab.Shaped(source.Manifest, lab.Options{Values: map[string]string{"site": "moon"}})
	if host.CodeOf(err) != host.Failed || !strings.Contains(err.Error(), "must be one of: eu, us") {
		t.Errorf("%v", err)
	}
}

// A rewritten manifest leads to this machine in all its parts, and to nothing
// else; what it was made of is as it was.
func TestRewritten(t *testing.T) {
	for name, text := range rounds {
		source := build.Read("connector.yaml", []byte("connhost: 1\nid: acme\nname: Acme\nversion: 1.0.0\n"+text))
		before, _ := json.Marshal(source.Manifest)
		m := lab.Rewritten(source.Manifest, "127.0.0.1:9100")
		after, err := json.Marshal(m)
		if err != nil || strings.Contains(strings.ReplaceAll(string(after), `"aud":"https://`, ""), "https://") {
			t.Errorf("%s: %s, %v", name, after, err)
		}
		if _, problems := abi.Check(after); len(problems) > 0 {
			for _, p := range problems {
				if p.Severity == abi.Fault {
					t.Errorf("%s: %+v", name, p)
				}
			}
		}
		if now, _ := json.Marshal(source.Manifest); string(now) != string(before) {
			t.Errorf("%s was changed", name)
		}
	}
}

// Nothing secret is in the log, also of what was sent wrongly.
func TestShapedLogHoldsNoSecret(t *testing.T) {
	l := shaped(t, `auth: {type: api_key, in: path, value: "/bot{key}"}
base_url: https://api.acme.example
`, lab.Options{})
	key := l.Credential().Secrets["key"]
	for _, path := range []string{"/bot" + key + "/getMe", "/bot" + key + "x/getMe", "/getMe/" + key, "/bot" + key + "/getMe/" + key} {
		send(l, "GET", "https://api.acme.example"+path, "")
	}
	text, _ := json.Marshal(l.Log())
	if strings.Contains(string(text), key) || len(l.Log()) != 4 {
		t.Errorf("%s", text)
	}
}
