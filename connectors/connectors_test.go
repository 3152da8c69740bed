package connectors_test

import (
	"bytes"
	"context"
	"slices"
	"testing"

	"github.com/connhost/connhost/connectors"
	"github.com/connhost/connhost/plugins/abi"
	"github.com/connhost/connhost/plugins/build"
)

// What is embedded is what its folder makes, and nothing is to be said of it.
func TestFilesAreTheirFolders(t *testing.T) {
	ids := connectors.IDs()
	if len(ids) < 4 || !slices.IsSorted(ids) {
		t.Fatalf("got %v", ids)
	}
	for _, id := range ids {
		t.Run(id, func(t *testing.T) {
			c, ok := connectors.Find(id)
			if !ok || c.Manifest.ID != id {
				t.Fatalf("got %q, %t", c.Manifest.ID, ok)
			}
			section, err := abi.Section(c.File)
			if err != nil {
				t.Fatal(err)
			}
			if _, problems := abi.Check(section); len(problems) > 0 {
				t.Errorf("%v", problems)
			}
			if got, ok := connectors.IDOf(c.Hash); !ok || got != id {
				t.Errorf("the hash belongs to %q", got)
			}
			built, err := build.Compile(context.Background(), id)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(built.File, c.File) {
				t.Errorf("%s.wasm is stale; write it anew with: connhost connector build connectors/%s", id, id)
			}
			if m := c.Manifest; m.Test == nil || m.Docs == "" || m.Description == "" || m.Category == "" {
				t.Error("a built-in connector has a test, docs, a description and a category")
			}
		})
	}
}

func TestNoSuchConnector(t *testing.T) {
	for _, id := range []string{"", "none", ".", "..", "dropbox/", "../connectors/dropbox", "Dropbox"} {
		if _, ok := connectors.Find(id); ok {
			t.Errorf("%q is found", id)
		}
	}
	if id, ok := connectors.IDOf("cafe"); ok {
		t.Errorf("a stranger's hash belongs to %q", id)
	}
}
