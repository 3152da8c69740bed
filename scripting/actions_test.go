package scripting_test

import (
	"testing"

	"github.com/connhost/connhost/scripting"
)

// Rule 17: a script calls a named action as <connector>.<action>({params},
// "link_name"); the check has to find it.
func TestRule17ActionsOfAScript(t *testing.T) {
	p, found := scripting.Compile(scripting.Source{Name: "a.dg", Text: `m = Map();
x = acme.list_items({"shelf": 1}, "acme_connection");
y = thisapp.total(1, "no_connection");
z = m.put("key", "no_connection");
w = acme.list_items({"shelf": 1}, m.get("name"));
`}, scripting.Options{})
	if p == nil {
		t.Fatal(found)
	}
	list := p.Actions()
	if len(list) != 1 {
		t.Fatalf("%+v", list)
	}
	a := list[0]
	if a.Service != "acme" || a.Action != "list_items" || a.Connection.Name != "acme_connection" || a.Range.Start.Line != 2 || a.Range.Start.Column != 10 || a.Connection.Range.Start.Column != 35 {
		t.Errorf("%+v", a)
	}
}
