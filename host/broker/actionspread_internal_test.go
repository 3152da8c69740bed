package broker

import (
	"encoding/json"
	"maps"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// The members of a parameter are sent beside what the action itself says, which
// they do not change.
func TestSpread(t *testing.T) {
	r := &route{connector: host.Connector{Manifest: abi.Manifest{BaseURL: "https://acme.test"}}}
	a := abi.Action{
		Name: "list", Request: abi.Request{Path: "/items", Query: map[string]string{"shop": "{shop}", "page": "{page}"}}, Spread: "filters",
		Parameters: []abi.Parameter{{Key: "shop", Required: true}, {Key: "page", Kind: abi.KindNumber}, {Key: "filters", Kind: abi.KindJSON}},
	}
	form := a
	form.Query, form.Form = nil, a.Query
	for _, c := range []struct {
		given   string
		want    map[string]string
		refused string
	}{
		{`{"shop":"1"}`, map[string]string{"shop": "1"}, ""},
		{`{"shop":"1","filters":{"status":"open","page":2,"":"","none":null,"of":["a"]}}`, map[string]string{"shop": "1", "status": "open", "page": "2", "of": `["a"]`}, ""},
		{`{"shop":"1","page":3,"filters":{"shop":"2","page":2}}`, map[string]string{"shop": "1", "page": "3"}, ""},
		{`{"shop":"1","filters":[1]}`, nil, `the value of "filters" must be a JSON object`},
		{`{"shop":"1","filters":{"x":"{{secret:token}}"}}`, nil, `the parameter "filters" holds {{secret:, which stands for a secret of the connection`},
	} {
		for place, one := range map[string]abi.Action{"query": a, "form": form} {
			values, err := actionParameters(one, json.RawMessage(c.given))
			var g abi.GuestRequest
			if err == nil {
				g, err = r.guestRequest(one, values)
			}
			got := g.Query
			if place == "form" {
				got = g.Form
			}
			switch {
			case c.refused != "" && (err == nil || err.Error() != c.refused):
				t.Errorf("%s: got %v, want %q", c.given, err, c.refused)
			case c.refused == "" && (err != nil || !maps.Equal(got, c.want)):
				t.Errorf("%s in the %s: got %q, %v", c.given, place, got, err)
			}
		}
	}
}

// In a JSON body they keep their kinds.
func TestSpreadInJSON(t *testing.T) {
	var body abi.Body
	if err := json.Unmarshal([]byte(`{"data":["{record}"]}`), &body); err != nil {
		t.Fatal(err)
	}
	r := &route{connector: host.Connector{Manifest: abi.Manifest{BaseURL: "https://acme.test"}}}
	a := abi.Action{
		Name: "create", Request: abi.Request{Method: "POST", Path: "/items", JSON: body}, Spread: "options",
		Parameters: []abi.Parameter{{Key: "record", Kind: abi.KindJSON, Required: true}, {Key: "options", Kind: abi.KindJSON}},
	}
	for given, want := range map[string]string{
		`{"record":{"a":1}}`: `{"data":[{"a":1}]}`,
		`{"record":{"a":1},"options":{"trigger":[],"data":7}}`: `{"data":[{"a":1}],"trigger":[]}`,
	} {
		values, err := actionParameters(a, json.RawMessage(given))
		if err != nil {
			t.Fatal(err)
		}
		g, err := r.guestRequest(a, values)
		if err != nil || string(g.JSON) != want {
			t.Errorf("%s: got %s, %v", given, g.JSON, err)
		}
	}
}
