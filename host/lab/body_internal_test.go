package lab

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/connhost/connhost/plugins/abi"
)

// A body fits a template of any depth; what it is refused for is told without
// anything of it.
func TestBodyFit(t *testing.T) {
	parameters := []abi.Parameter{{Key: "count", Kind: abi.KindNumber}, {Key: "record", Kind: abi.KindJSON}, {Key: "name"}}
	for _, c := range []struct{ template, body, wrong string }{
		{`{}`, `{"more":1}`, ""},
		{`{"data":["{record}"],"dry":false}`, `{"data":[{"a":1}],"dry":false}`, ""},
		{`{"data":["{record}"],"dry":false}`, `{"dry":false}`, ""},
		{`{"data":["{record}"],"dry":false}`, `{"data":[{"a":1}],"dry":true}`, "the member dry is another than the manifest says"},
		{`{"data":["{record}"]}`, `{"data":["text"]}`, "the member data[0] is of another kind than the manifest says"},
		{`{"data":["{record}"]}`, `{"data":[{},{}]}`, "the member data has more items than the manifest says"},
		{`{"tags":["{name}","new"]}`, `{"tags":["new"]}`, ""},
		{`{"tags":["{name}","new"]}`, `{"tags":[]}`, "the member tags has too few items"},
		{`{"item":{"n":"{count}","as":"v{name}"}}`, `{"item":{"n":7,"as":"vx"}}`, ""},
		{`{"item":{"n":"{count}","as":"v{name}"}}`, `{"item":{"n":"7","as":"vx"}}`, "the member item.n is of another kind than the manifest says"},
		{`{"item":{"n":"{count}","as":"v{name}"}}`, `{"item":{}}`, "the member item.as is missing"},
		{`{"item":{"n":"{count}"}}`, `[]`, "the body is not JSON"},
		{`"{record}"`, `[1]`, ""},
		{`"{record}"`, `null`, ""},
	} {
		var template abi.Body
		var body any
		dec := json.NewDecoder(strings.NewReader(c.body))
		dec.UseNumber()
		if err := json.Unmarshal([]byte(c.template), &template); err != nil || dec.Decode(&body) != nil {
			t.Fatal(c, err)
		}
		fit := bodyFit{service: &service{}, parameters: parameters, into: bound{}}
		if wrong, _ := fit.whole(template.Value(), body); wrong != c.wrong {
			t.Errorf("%s for %s: %q, want %q", c.body, c.template, wrong, c.wrong)
		}
	}
}
