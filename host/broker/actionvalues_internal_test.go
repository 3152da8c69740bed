package broker

import (
	"encoding/json"
	"strconv"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// A body may be nested. An object or a list from which everything was left out
// goes too, and one that the manifest has empty stays.
func TestActionBodyNested(t *testing.T) {
	parameters := []abi.Parameter{
		{Key: "name"}, {Key: "count", Kind: abi.KindNumber}, {Key: "record", Kind: abi.KindJSON}, {Key: "last"},
	}
	r := &route{connector: host.Connector{Manifest: abi.Manifest{BaseURL: "https://acme.test"}}}
	for _, c := range []struct{ template, given, body string }{
		{`{"data":["{record}"],"trigger":[]}`, `{"record":{"a":[1]}}`, `{"data":[{"a":[1]}],"trigger":[]}`},
		{`{"data":["{record}"],"trigger":[]}`, `{}`, `{"trigger":[]}`},
		{`{"item":{"name":"{name}","n":"{count}","tags":["new","{last}"]},"v":2.50,"on":true,"off":null}`, `{"count":3}`, `{"item":{"n":3,"tags":["new"]},"off":null,"on":true,"v":2.50}`},
		{`{"item":{"name":"{name}","deep":{"n":"{count}"}}}`, `{"last":"x"}`, `{}`},
		{`[{"name":"{name}"},{"name":"{last}"}]`, `{"last":"x"}`, `[{"name":"x"}]`},
		{`["{name}"]`, `{}`, `[]`},
		{`"{record}"`, `{"record":[1,{"a":null}]}`, `[1,{"a":null}]`},
		{`"{record}"`, `{}`, ``},
		{`"{name}"`, `{"name":"a\"b"}`, `"a\"b"`},
		{`{"query":"{{ find(n: {count}) {{ id }} }}","variables":{"q":"{name}"}}`, `{"count":2,"name":""}`, `{"query":"{ find(n: 2) { id } }","variables":{"q":""}}`},
	} {
		a := abi.Action{Name: "do", Request: abi.Request{Method: "POST", Path: "/x"}, Parameters: parameters}
		if err := json.Unmarshal([]byte(c.template), &a.JSON); err != nil {
			t.Fatal(err)
		}
		values, err := actionParameters(a, json.RawMessage(c.given))
		if err != nil {
			t.Fatal(err)
		}
		g, err := r.guestRequest(a, values)
		if err != nil || string(g.JSON) != c.body {
			t.Errorf("%s with %s:\n got %s, %v\nwant %s", c.template, c.given, g.JSON, err, c.body)
		}
	}
}

// A parameter of kind path keeps its slashes in the path and nothing else, and
// does not lead out of its place.
func TestActionPath(t *testing.T) {
	a := abi.Action{
		Name:       "show",
		Request:    abi.Request{Path: "/files/{file}", Query: map[string]string{"of": "{file}"}},
		Parameters: []abi.Parameter{{Key: "file", Kind: abi.KindPath}},
	}
	r := &route{connector: host.Connector{Manifest: abi.Manifest{BaseURL: "https://acme.test"}}}
	const refused = `the value of "file" must be a path: not empty between two '/', none at its ends, and no '.' or '..' alone`
	for _, c := range []struct{ given, want string }{
		{"a", "https://acme.test/files/a"},
		{"docs/read me?.md", "https://acme.test/files/docs/read%20me%3F.md"},
		{`a%2f..\..;x/é#{y}`, "https://acme.test/files/a%252f..%5C..%3Bx/%C3%A9%23%7By%7D"},
		{".github/..a/...", "https://acme.test/files/.github/..a/..."},
		{"", `the action "show" needs file`},
		{"/a", refused}, {"a/", refused}, {"a//b", refused}, {"..", refused}, {"a/../b", refused}, {"./a", refused}, {"/", refused},
	} {
		values, err := actionParameters(a, json.RawMessage(`{"file":`+strconv.Quote(c.given)+`}`))
		var g abi.GuestRequest
		if err == nil {
			g, err = r.guestRequest(a, values)
		}
		if got := g.URL; err == nil && got != c.want || err != nil && err.Error() != c.want {
			t.Errorf("%s: got %s %v, want %s", c.given, got, err, c.want)
		}
	}
}

// A JSON body has what the caller gave, of the parameter's kind; what nobody
// gave is left out.
func TestActionBody(t *testing.T) {
	a := abi.Action{
		Name: "order",
		Request: abi.Request{Method: "POST", Path: "/shelves/{shelf}", JSON: abi.BodyOf(map[string]string{
			"name": "{name}", "count": "{count}", "gift": "{gift}", "to": "{to}", "note": "for {name}", "line": "{first}{last}",
		})},
		Parameters: []abi.Parameter{
			{Key: "shelf"}, {Key: "name"}, {Key: "count", Kind: abi.KindNumber, Default: "1"}, {Key: "gift", Kind: abi.KindBoolean},
			{Key: "to", Kind: abi.KindJSON, Required: true}, {Key: "first"}, {Key: "last"},
		},
	}
	r := &route{connector: host.Connector{Manifest: abi.Manifest{BaseURL: "https://acme.test"}}}
	for _, c := range []struct{ given, body, refused string }{
		{`{"shelf":"a","to":{"city":"Paris"}}`, `{"count":1,"note":"for ","to":{"city":"Paris"}}`, ""},
		{`{"shelf":"a","to":"[1, 2]","name":"Ada","gift":"true","count":"2.50"}`, `{"count":2.50,"gift":true,"name":"Ada","note":"for Ada","to":[1,2]}`, ""},
		{`{"shelf":7,"to":{},"name":"","gift":false,"count":12345678901234567890,"last":"x"}`, `{"count":12345678901234567890,"gift":false,"line":"x","name":"","note":"for ","to":{}}`, ""},
		{`{"shelf":"a","to":{},"gift":null,"count":""}`, `{"note":"for ","to":{}}`, ""},
		{`{"shelf":"a\nb","to":{},"name":"two\nlines"}`, `{"count":1,"name":"two\nlines","note":"for two\nlines","to":{}}`, ""},
		{`{"shelf":"a","to":{},"name":"\u0000"}`, "", `the value of "name" may not hold a NUL character`},
		{`{"to":{}}`, "", `the action "order" needs shelf`},
		{`{"shelf":"","to":{}}`, "", `the action "order" needs shelf`},
		{`{"shelf":"a"}`, "", `the action "order" needs to`},
		{`{"shelf":"a","to":7}`, "", `the value of "to" must be a JSON object or list`},
		{`{"shelf":"a","to":{},"gift":1}`, "", `the value of "gift" must be true or false`},
		{`{"shelf":"a","to":{},"count":"many"}`, "", `the value of "count" must be a number`},
		{`{"shelf":"a","to":{"x":"{{secret:token}}"}}`, "", `the parameter "to" holds {{secret:, which stands for a secret of the connection`},
		{`{"shelf":"a","to":"{\"x\":\"\\u007b{secret:token}}\"}"}`, "", `the parameter "to" holds {{secret:, which stands for a secret of the connection`},
		{`{"shelf":"a","to":"{\"\\u007b{secret:token}}\":1}"}`, "", `the parameter "to" holds {{secret:, which stands for a secret of the connection`},
		{`{"shelf":"a","to":{"x":"\u007b{secret:token}}","x":1}}`, "", `the parameter "to" holds {{secret:, which stands for a secret of the connection`},
		{`[1]`, "", "the parameters of an action are a JSON object"},
	} {
		values, err := actionParameters(a, json.RawMessage(c.given))
		var g abi.GuestRequest
		if err == nil {
			g, err = r.guestRequest(a, values)
		}
		switch {
		case c.refused != "" && (err == nil || err.Error() != c.refused):
			t.Errorf("%s: got %v, want %q", c.given, err, c.refused)
		case c.refused == "" && err != nil:
			t.Errorf("%s: %v", c.given, err)
		case c.refused == "" && string(g.JSON) != c.body:
			t.Errorf("%s:\n got %s\nwant %s", c.given, g.JSON, c.body)
		}
	}
}
