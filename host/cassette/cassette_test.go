package cassette_test

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/cassette"
)

func answer(status int, kind, body string) *http.Response {
	h := http.Header{"Content-Type": {kind}, "Set-Cookie": {"sid=hidden"}, "Link": {"<a>; rel=next", "<b>; rel=last"}}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body))}
}

func text(t *testing.T, r *http.Response, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

var (
	list  = cassette.Asked{Connection: "shop", Method: "GET", URL: "https://api.acme.test/items?page=1&of=tea"}
	order = cassette.Asked{Connection: "shop", Method: "POST", URL: "https://api.acme.test/orders", Body: []byte(`{"item":"Tea","note":1}`),
		Header: http.Header{"Content-Type": {"application/json"}, "Authorization": {"Bearer t0p-s3cret"}, "X-Note": {"t0p-s3cret too"}}}
	act = cassette.Asked{Connection: "shop", Action: "acme.ping", Body: []byte(`{}`)}
)

// What is recorded, written and read again answers the same requests, written
// in another way too, and nothing secret stands in the file.
func TestRoundTrip(t *testing.T) {
	mask := func(s string) string { return strings.ReplaceAll(s, "t0p-s3cret", "[redacted]") }
	tape := cassette.NewTape(mask)
	for _, one := range []struct {
		asked cassette.Asked
		resp  *http.Response
	}{
		{list, answer(200, "application/json", `{"items":["first"]}`)},
		{list, answer(200, "application/json", `{"items":["second"]}`)},
		{order, answer(422, "text/plain", "no tea\r\nt0p-s3cret")},
		{act, answer(200, "image/png", "\x89PNG\x00t0p-s3cret")},
	} {
		got, err := tape.Record(one.asked, one.resp)
		if text(t, got, err) == "" {
			t.Error("recording took the answer away")
		}
	}
	path := filepath.Join(t.TempDir(), "shop.yaml")
	if err := cassette.Write(path, tape.Cassette()); err != nil {
		t.Fatal(err)
	}
	file, _ := os.ReadFile(path)
	for _, bad := range []string{"t0p-s3cret", "hidden", "Authorization", "dDBwLXMzY3JldA", "text:"} {
		if strings.Contains(string(file), bad) {
			t.Errorf("%s stands in\n%s", bad, file)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got %v, %v", info.Mode(), err)
	}
	c, err := cassette.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	played := cassette.Load(c, nil)
	again := list
	again.URL = "https://api.acme.test/items?of=tea&page=1"
	for _, want := range []string{"first", "second", "second"} {
		got, err := played.Play(again)
		if s := text(t, got, err); !strings.Contains(s, want) {
			t.Errorf("got %s, want %s", s, want)
		}
	}
	other := order
	other.Body = []byte(`{ "note": 1, "item": "Tea" }`)
	if played.Unused() != 2 {
		t.Errorf("%d were not made, want 2", played.Unused())
	}
	got, err := played.Play(other)
	if s := text(t, got, err); s != "no tea\r\n[redacted]" || got.StatusCode != 422 || got.Header.Get("Link") != "<a>; rel=next, <b>; rel=last" {
		t.Errorf("got %q, %+v", s, got)
	}
	got, err = played.Play(act)
	if s := text(t, got, err); s != "\x89PNG\x00[redacted]" {
		t.Errorf("got %q", s)
	}
}

// A request that nobody recorded says how it differs from one.
func TestNothingRecorded(t *testing.T) {
	tape := cassette.NewTape(nil)
	for _, a := range []cassette.Asked{list, order, act} {
		if _, err := tape.Record(a, answer(200, "text/plain", "ok")); err != nil {
			t.Fatal(err)
		}
	}
	played := cassette.Load(tape.Cassette(), nil)
	for want, change := range map[string]func(a *cassette.Asked){
		`the cassette has no answer to GET https://api.acme.test/items through shop; one with another query was recorded`:  func(a *cassette.Asked) { *a = list; a.URL += "0" },
		`the cassette has no answer to POST https://api.acme.test/orders through shop; one with another body was recorded`: func(a *cassette.Asked) { *a = order; a.Body = []byte("{}") },
		`the cassette has no answer to acme.ping through shop; one with other parameters was recorded`:                     func(a *cassette.Asked) { *a = act; a.Body = []byte(`{"x":1}`) },
		`the cassette has no answer to GET https://api.acme.test/items through mine; one through "shop" was recorded`:      func(a *cassette.Asked) { *a = list; a.Connection = "mine" },
		`the cassette has no answer to DELETE https://api.acme.test/items`:                                                 func(a *cassette.Asked) { *a = list; a.Method, a.Connection = "DELETE", "" },
	} {
		var a cassette.Asked
		change(&a)
		if _, err := played.Play(a); err == nil || err.Error() != want || host.CodeOf(err) != host.Failed {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestTooLarge(t *testing.T) {
	tape := cassette.NewTape(nil)
	_, err := tape.Record(list, answer(200, "text/plain", strings.Repeat("x", cassette.MaxBody+1)))
	if host.CodeOf(err) != host.Refused {
		t.Errorf("got %v", err)
	}
}

func TestBadFiles(t *testing.T) {
	for name, data := range map[string]string{
		"empty":        "",
		"another":      "cassette: 2\n",
		"no yaml":      "cassette: 1\nexchanges: [",
		"unknown key":  "cassette: 1\nsecret: x\n",
		"no request":   "cassette: 1\nexchanges: [{response: {status: 200}}]\n",
		"both":         "cassette: 1\nexchanges: [{request: {action: a.b, method: GET, url: /}, response: {status: 200}}]\n",
		"no status":    "cassette: 1\nexchanges: [{request: {method: GET, url: /}}]\n",
		"no base64":    "cassette: 1\nexchanges: [{request: {method: GET, url: /}, response: {status: 200, body: {base64: '*'}}}]\n",
		"another body": "cassette: 1\nexchanges: [{request: {method: GET, url: /}, response: {status: 200, body: [1]}}]\n",
	} {
		if _, err := cassette.Parse("x.yaml", []byte(data)); host.CodeOf(err) != host.Failed || !strings.HasPrefix(err.Error(), "x.yaml is no cassette: ") {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if _, err := cassette.Read(filepath.Join(t.TempDir(), "none.yaml")); host.CodeOf(err) != host.NotFound {
		t.Errorf("got %v", err)
	}
	if err := cassette.Write(filepath.Join(t.TempDir(), "no", "x.yaml"), cassette.Cassette{}); host.CodeOf(err) != host.Unavailable {
		t.Errorf("got %v", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("cassette: 1\nexchanges: [{request: {method: GET, url: /a?b=c}, response: {status: 200, body: hi}}]\n"))
	f.Add([]byte("cassette: 1\nexchanges: [{request: {action: a.b}, response: {status: 404, body: {base64: YQ==}}}]\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := cassette.Parse("x", data)
		if err != nil {
			return
		}
		tape := cassette.Load(c, nil)
		for _, e := range c.Exchanges {
			r := e.Request
			a := cassette.Asked{Connection: r.Connection, Action: r.Action, Method: r.Method, URL: r.URL, Body: []byte(r.Body), Header: http.Header{}}
			for name, text := range r.Header {
				a.Header[name] = []string{text}
			}
			if _, ok := r.Header["Content-Type"]; !ok {
				a.Header = http.Header{}
			}
			if _, err := tape.Play(a); err != nil {
				t.Errorf("the request of an exchange has no answer: %v", err)
			}
		}
		again, err := c.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := cassette.Parse("x", again); err != nil {
			t.Errorf("what was written is not read: %v\n%s", err, again)
		}
	})
}
