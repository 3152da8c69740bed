package plugintest_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/cassette"
	"github.com/connhost/connhost/plugins/build"
	"github.com/connhost/connhost/plugins/plugintest"
)

const recorded = `
# what the service answered on the second of March
action: list_items
parameters: {shelf: tea, most: 12345678901234567}
values: {server: shop.acme.test}
exchanges:
  - request: {method: GET, url: "https://shop.acme.test/v1/items?most=12345678901234567&shelf=tea"}
    response: {status: 200, headers: {Content-Type: application/json}, body: '{"items": ["Teapot"], "total": 12345678901234567}'}
status: 200
output: {items: [Teapot], total: 12345678901234567}
`

const shop = `connhost: 1
id: shop
name: Shop
version: 1.0.0
auth: {type: api_key, name: X-Key}
parameters: [{key: server, kind: host, required: true}]
base_url: https://{server}/v1
test: {path: /me, answer: {key: /id, label: /name}}
actions:
  - name: list_items
    path: /items
    query: {shelf: "{shelf}", most: "{most}"}
    parameters: [{key: shelf}, {key: most, kind: number}]
`

func shopFile(t *testing.T) []byte {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, build.ManifestFile), []byte(shop), 0o600); err != nil {
		t.Fatal(err)
	}
	m, err := build.Compile(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	return m.File
}

// A recorded case is played without the service: another request or another
// outcome fails it.
func TestTapeCase(t *testing.T) {
	file := shopFile(t)
	for name, c := range map[string]struct{ from, to, failed string }{
		"as it was":       {"", "", ""},
		"another request": {"shelf: tea,", "shelf: soap,", "the cassette has no answer to GET https://shop.acme.test/v1/items; one with another query was recorded"},
		"another host":    {"server: shop", "server: stop", "the cassette has no answer to GET https://stop.acme.test/v1/items"},
		"another output":  {"[Teapot]", "[Cup]", `output/items/0: got "Teapot", want "Cup"`},
		"another number":  {"total: 12345678901234567}", "total: 12345678901234568}", "output/total: got 12345678901234567, want 12345678901234568"},
		"another status":  {"status: 200\noutput", "status: 201\noutput", "status: got 200, want 201"},
		"not made":        {"exchanges:\n", "exchanges:\n  - request: {method: GET, url: https://shop.acme.test/}\n    response: {status: 200}\n", "1 of the recorded requests were not made"},
		"no such action":  {"action: list_items", "action: list_all", `connector "shop" has no action named "list_all"`},
		"an error":        {"action: list_items", "action: list_all\nerror: not_found", `output: it is missing, want {"items":["Teapot"],"total":12345678901234567}`},
	} {
		t.Run(name, func(t *testing.T) {
			read, err := plugintest.ReadTapeCase("x.yaml", []byte(strings.Replace(recorded, c.from, c.to, 1)))
			if err != nil {
				t.Fatal(err)
			}
			got, err := read.Run(t.Context(), plugintest.Suite{File: file})
			if got.Failed != c.failed || err != nil {
				t.Errorf("got %q, %v, want %q", got.Failed, err, c.failed)
			}
		})
	}
}

// What is recorded of the lab is written, read and played again.
func TestRecordTapeCase(t *testing.T) {
	file := shopFile(t)
	for name, deed := range map[string]plugintest.Deed{
		"test":   {},
		"action": {Action: "list_items", Parameters: plugintest.Document(`{"shelf":"tea"}`)},
		"call":   {Call: &plugintest.WebCall{Method: "POST", URL: "/orders", Header: map[string]string{"Content-Type": "application/json"}, Body: `{"a":1}`}},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := plugintest.Rehearse(t.Context(), file, plugintest.Staging{Values: map[string]string{"server": "shop.acme.test"}})
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			if _, err := r.Connect(t.Context()); err != nil {
				t.Fatal(err)
			}
			c := plugintest.TapeCase{Deed: deed, Values: map[string]string{"server": "shop.acme.test"}}
			tape := cassette.NewTape(r.Mask.Text)
			if err := r.Record(tape, func() (err error) {
				c.Outcome, err = deed.Do(t.Context(), r.Broker, r.Subject, host.Development, r.Link)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			c.Exchanges = tape.Cassette().Exchanges
			path := filepath.Join(t.TempDir(), "case.yaml")
			if err := c.Write(path); err != nil {
				t.Fatal(err)
			}
			text, err := os.ReadFile(path)
			if err != nil || strings.Contains(string(text), "X-Key") {
				t.Errorf("%v:\n%s", err, text)
			}
			again, err := plugintest.ReadTapeCase(path, text)
			if err != nil {
				t.Fatalf("%v:\n%s", err, text)
			}
			if got, err := again.Run(t.Context(), plugintest.Suite{File: file}); !got.OK() || err != nil {
				t.Errorf("got %q, %v\n%s", got.Failed, err, text)
			}
		})
	}
}

func TestReadTapeCaseMistakes(t *testing.T) {
	for text, want := range map[string]string{
		"action: a\nexchanges: []":                                                    "x.yaml:1:1: a recorded case says a status, or an error",
		"action: a\ncall: {url: /}\nexchanges: []\nstatus: 200":                       "x.yaml:2:1: a case does an action or a call, not both",
		"parameters: {a: 1}\nexchanges: []\nstatus: 200":                              "x.yaml:1:1: parameters and all are for an action",
		"call: {method: GET}\nexchanges: []\nstatus: 200":                             "x.yaml:1:1: a call has a url",
		"exchanges: [{request: {url: /}}]\nstatus: 200":                               "x.yaml:1:13: the exchange 1 is none: it needs a method and a url, or an action",
		"exchanges: {}\nstatus: 200":                                                  `x.yaml:1:1: the key "exchanges" has a value of another kind`,
		"exchanges: []\nstatus: 200\nhook: test":                                      `x.yaml:3:1: unknown key "hook"`,
		"exchanges: [{request: {action: a.b}, response: {status: 200}}]\nstatus: 200": "x.yaml:1:13: the exchange 1 is none: it is one of a script",
	} {
		if _, err := plugintest.ReadTapeCase("x.yaml", []byte(text)); err == nil || err.Error() != want {
			t.Errorf("%q:\n got %v\nwant %s", text, err, want)
		}
	}
}
