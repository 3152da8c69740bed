package connectors_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/connhost/connhost/connectors"
)

// The index tells of every connector what its file does.
func TestIndex(t *testing.T) {
	var entries []connectors.Entry
	for _, id := range connectors.IDs() {
		c, _ := connectors.Find(id)
		entries = append(entries, connectors.EntryOf(c))
	}
	var out bytes.Buffer
	out.WriteString("[\n")
	for i, e := range entries { // a line for each, for who reads the changes
		line, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		if i > 0 {
			out.WriteString(",\n")
		}
		out.Write(line)
	}
	out.WriteString("\n]\n")
	hold(t, "index.json", out.String())
	if *update {
		return
	}
	for _, e := range entries {
		head, ok := connectors.Head(e.ID)
		if id, known := connectors.IDOf(e.Hash); !ok || connectors.EntryOf(head) != e || !known || id != e.ID {
			t.Errorf("%s: the head is %+v, the hash is that of %q", e.ID, head, id)
		}
	}
	if _, ok := connectors.Head("nothing"); ok {
		t.Error("there is a head of nothing")
	}
}
