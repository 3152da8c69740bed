package main

import (
	"bytes"
	"encoding/json"
	"io"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const cataloguePage = "../../connectors/README.md"

// catalogueRow is a line of the page of the catalogue: name, id, auth type, number
// of scopes, actions, number of unverified keys, page of the vendor.
var catalogueRow = regexp.MustCompile("(?m)^\\| .*\\[([^\\]]+)\\]\\([a-z0-9-]+/\\) \\| `([a-z0-9-]+)` \\| ([a-z0-9_]+) \\| (\\d+) \\| (.*?) \\| (\\d+) \\| \\[docs\\]\\((\\S+)\\) \\|$")

// The page of the catalogue tells what the commands tell: all of the connectors
// under their categories, in list, in show and in search.
func TestCataloguePageTellsWhatCommandsTell(t *testing.T) {
	listed := map[string]connectorData{}
	for _, d := range printed[[]connectorData](t, "connector", "list") {
		listed[d.ID] = d
	}
	n := 0
	for _, part := range strings.Split(readPage(t, cataloguePage), "\n## ")[1:] {
		category, rows, _ := strings.Cut(part, "\n")
		for _, row := range catalogueRow.FindAllStringSubmatch(rows, -1) {
			n++
			id := row[2]
			d, ok := listed[id]
			if !ok {
				t.Errorf("the page has %s, which is not listed", id)
				continue
			}
			if got := pageRow(d); category != d.Category || !slices.Equal(got, row[1:]) {
				t.Errorf("the page says %s: %q, and list %s: %q", category, row[1:], d.Category, got)
			}
		}
	}
	if n != len(listed) {
		t.Errorf("the page has %d connectors, and list %d", n, len(listed))
	}
	for _, id := range []string{"dropbox", "zoom-s2s"} {
		d := printed[shownData](t, "connector", "show", id)
		if got, want := pageRow(d.connectorData), pageRow(listed[id]); !slices.Equal(got, want) {
			t.Errorf("show says %q, and list %q", got, want)
		}
		found := printed[[]connectorData](t, "connector", "search", id, d.Category)
		if len(found) == 0 || !slices.Equal(pageRow(found[0]), pageRow(listed[found[0].ID])) {
			t.Errorf("search finds %+v", found)
		}
	}
}

// pageRow is what the page should say of a connector.
func pageRow(d connectorData) []string {
	var names []string
	for _, a := range d.Actions {
		names = append(names, "`"+a.Name+"`")
	}
	return []string{d.Name, d.ID, d.Auth, strconv.Itoa(len(d.Scopes)), strings.Join(names, ", "), strconv.Itoa(len(d.Unverified)), d.Docs}
}

// printed does a command over an empty store and reads the JSON that it prints.
func printed[T any](t *testing.T, args ...string) (data T) {
	t.Helper()
	dir := t.TempDir()
	var out, errOut bytes.Buffer
	args = append(args, "--output", "json", "--store", filepath.Join(dir, "store.db"), "--key-file", filepath.Join(dir, "key.json"))
	if status := run(args, new(io.LimitedReader), &out, &errOut); status != 0 {
		t.Fatalf("connhost %s: status %d\n%s", strings.Join(args, " "), status, errOut.String())
	}
	if err := json.Unmarshal(out.Bytes(), &data); err != nil {
		t.Fatalf("connhost %s: %v\n%s", strings.Join(args, " "), err, out.String())
	}
	return data
}
