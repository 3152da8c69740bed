package connectors_test

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/connhost/connhost/connectors"
	"github.com/connhost/connhost/plugins/abi"
)

var update = flag.Bool("update", false, "write the page of the catalogue anew")

// pageFile lists the catalogue for people who look at its folder.
const pageFile = "README.md"

// markFile is the mark of a connector in its folder.
const markFile = "logo.svg"

// TestPage notices that the page is older than the connectors: go generate
// ./connectors writes it anew.
func TestPage(t *testing.T) {
	list := catalogue()
	hold(t, pageFile, page(list))
	for _, m := range list {
		hold(t, path.Join(m.ID, markFile), m.Mark().SVG())
	}
}

// hold holds a generated file against what it should be.
func hold(t *testing.T, file, want string) {
	t.Helper()
	got, err := os.ReadFile(file)
	if err == nil && string(got) == want {
		return
	}
	if !*update {
		t.Errorf("%s is stale; write it anew with: go generate ./connectors", file)
		return
	}
	if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
}

// catalogue are the manifests of all, by category and by name.
func catalogue() (list []abi.Manifest) {
	for _, id := range connectors.IDs() {
		c, _ := connectors.Find(id)
		list = append(list, c.Manifest)
	}
	slices.SortFunc(list, func(a, b abi.Manifest) int {
		return cmp.Or(cmp.Compare(a.Category, b.Category), cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), cmp.Compare(a.ID, b.ID))
	})
	return list
}

// page is the whole page: a table for each category.
func page(list []abi.Manifest) string {
	var out strings.Builder
	fmt.Fprintf(&out, pageHead, len(list))
	category := ""
	for _, m := range list {
		if m.Category != category {
			category = m.Category
			fmt.Fprintf(&out, "\n## %s\n\n| | service | id | auth | scopes | actions | unverified | at the service |\n|---|---|---|---|---|---|---|---|\n", category)
		}
		fmt.Fprintf(&out, "| <img src=\"%s/%s\" width=\"24\" alt=\"\"> | [%s](%s/) | `%s` | %s | %d | %s | %d | [docs](%s) |\n",
			m.ID, markFile, m.Name, m.ID, m.ID, m.Auth.Type, len(m.Scopes), actionNames(m), len(m.Unverified), m.Docs)
	}
	return out.String()
}

const pageHead = `<!-- Written by go generate ./connectors; change connector.yaml instead. -->

# The catalogue

The %d connectors that are part of the program. ` + "`connhost connector list`" + ` shows them,
` + "`connector search WORD`" + ` finds one, and ` + "`connector show ID`" + ` tells all of it: what it asks for,
where it may go, its scopes and what each action takes.

Each was written from what is public about its service, is held to the rules for all
connectors, and where the vendor's description of its API could be had, to that. None
was tried with an account there. The column "unverified" counts the keys of a manifest
that what is public leaves in doubt; ` + "`connector show`" + ` names them.

Four are told in a guide, one for each common way to authorize, with all that there is
to type: [Dropbox](dropbox/README.md) (OAuth 2), [Trello](trello/README.md) (OAuth 1),
[Atlassian](atlassian/README.md) (Basic, with an API token) and
[OpenWeather](openweather/README.md) (an API key).
`

func actionNames(m abi.Manifest) string {
	var names []string
	for _, a := range m.Actions {
		names = append(names, "`"+a.Name+"`")
	}
	return strings.Join(names, ", ")
}
