package connectors_test

import (
	"bytes"
	"cmp"
	"os"
	"path/filepath"
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
			if got := folder(t, c); got != "" {
				t.Errorf("%s.wasm is stale: %s; write it anew with: connhost connector build connectors/%s", id, got, id)
			}
			if m := c.Manifest; m.Test == nil || m.Docs == "" || m.Description == "" || m.Category == "" {
				t.Error("a built-in connector has a test, docs, a description and a category")
			}
		})
	}
}

// folder says in what a file differs from its folder; "" for nothing. Code needs its
// compiler, which a machine need not have: only with CONNHOST_PEERS=1, as .ci/run
// sets it, is it built again.
func folder(t *testing.T, c connectors.Connector) string {
	t.Helper()
	if len(c.Manifest.Hooks) > 0 && os.Getenv("CONNHOST_PEERS") != "1" {
		return manifest(t, c)
	}
	built, err := build.Compile(t.Context(), c.Manifest.ID)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(built.File, c.File) {
		return ""
	}
	differs := manifest(t, c)
	if differs == "" && built.Toolchain != toolchain {
		t.Logf("not compared: its code was made by %s, and this is %s", toolchain, built.Toolchain)
		return ""
	}
	return cmp.Or(differs, "its code is not what "+built.Toolchain+" makes")
}

// toolchain made the code of the catalogue: another one makes other bytes of it.
const toolchain = "Debian clang version 14.0.6"

// manifest says whether a file's manifest is that of its folder.
func manifest(t *testing.T, c connectors.Connector) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(c.Manifest.ID, build.ManifestFile))
	if err != nil {
		t.Fatal(err)
	}
	section, _ := abi.Section(c.File) // was read before
	if source := build.Read(build.ManifestFile, text); !bytes.Equal(source.JSON, section) {
		return "its manifest is another than " + build.ManifestFile
	}
	return ""
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
