package plugintest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/connhost/connhost/host/hosttest/described"
	"github.com/connhost/connhost/host/hosttest/peers"
	"github.com/connhost/connhost/plugins/abi"
)

// A vendor is a service of whose API npm has a description. testdata/vendors.yaml
// lists them.
type vendor struct {
	File       string                    `yaml:"file"`       // below node_modules
	Connectors []string                  `yaml:"connectors"` // that it describes
	Host       string                    `yaml:"host"`       // a pattern, where it is not the one of the description
	Alike      map[string]string         `yaml:"alike"`      // a pattern within a path -> what stands there in the description
	Values     map[string]map[string]any `yaml:"values"`     // action -> parameter -> value, where the description tells none that is good
	Pardons    []pardon                  `yaml:"pardons"`
	JSON       bool                      `yaml:"json"`      // bodies are JSON, though the description has uploads alone
	Form       bool                      `yaml:"form"`      // the service takes as a form what the description has as JSON
	Unsecured  bool                      `yaml:"unsecured"` // the description does not tell how the connector authorizes
	AnyScope   bool                      `yaml:"any_scope"` // scopes that stand together are alternatives
	Deep       int                       `yaml:"deep"`      // how much of it the mock server is given; see Cut
	Elsewhere  []string                  `yaml:"elsewhere"` // beginnings of host and path that another description is of
}

// A pardon is what a description says wrongly, or does not have yet. It has to be
// of use.
type pardon struct {
	Deed  string `yaml:"deed"`  // such as create_issue; any unless given
	Fault string `yaml:"fault"` // a part of it
	Why   string `yaml:"why"`
}

func vendors(t *testing.T) (list []vendor) {
	t.Helper()
	text, err := os.ReadFile("testdata/vendors.yaml")
	if err == nil {
		err = yaml.Load(text, &list, yaml.WithKnownFields())
	}
	if err != nil || len(list) < 10 {
		t.Fatalf("%d vendors, %v", len(list), err)
	}
	return list
}

// What built-in connectors send is what the vendors describe: the host and the
// operation, the parameters, the members of bodies, the scopes. A mock server that
// is made of the description takes it. With the race detector it is one vendor.
func TestVendorsDescribeBuiltIn(t *testing.T) {
	folder := peers.Vendors(t)
	for i, v := range vendors(t) {
		if i > 0 && !wholeCatalogue {
			continue
		}
		t.Run(v.Connectors[0], func(t *testing.T) {
			t.Parallel()
			d, err := described.Read(filepath.Join(folder, v.File))
			if err != nil {
				t.Fatal(err)
			}
			if v.JSON {
				d.TakeJSON()
			}
			if v.Unsecured {
				d.Unsecured()
			}
			var all, known []deed
			for _, id := range v.Connectors {
				all = append(all, deedsOf(t, v, d, id)...)
			}
			used := map[pardon]bool{}
			for _, one := range all {
				if v.elsewhere(one.request.URL) {
					continue
				}
				v.tell(t, one, v.faults(d, &one), used)
				if one.op.Path != "" {
					known = append(known, one)
				}
			}
			v.mock(t, d, known, used)
			for _, p := range v.Pardons {
				if !used[p] {
					t.Errorf("nothing needs the pardon %+v", p)
				}
			}
		})
	}
}

// tell reports the faults of a deed that are not pardoned.
func (v vendor) tell(t *testing.T, one deed, faults []string, used map[pardon]bool) {
	t.Helper()
	for _, fault := range faults {
		i := slices.IndexFunc(v.Pardons, func(p pardon) bool {
			return (p.Deed == "" || p.Deed == one.name) && strings.Contains(fault, p.Fault)
		})
		if i >= 0 {
			used[v.Pardons[i]] = true
			continue
		}
		t.Errorf("%s: %s %s: %s; sent was %s", one, one.request.Method, one.request.URL.Path, fault, one.body)
	}
}

// A deed is one request and what it is for.
type deed struct {
	connector, name string // such as create_issue, or test
	scopes          []string
	offered         []abi.Scope
	request         *http.Request
	body            []byte
	op              described.Operation
	below           string // its path, as the description has it
}

func (d deed) String() string { return d.connector + ", " + d.name }

// faults are what the description does not have of a deed. It learns which
// operation that is.
func (v vendor) faults(d *described.Description, one *deed) (faults []string) {
	if !v.hosts(d, one.request.URL.Host) {
		faults = append(faults, "the description has another host: "+strings.Join(d.Bases(), ", "))
	}
	op, below, ok := d.Find(one.request.Method, v.alike(one.request.URL))
	if !ok {
		return append(faults, fmt.Sprintf("there is no %s %s; there are: %q", one.request.Method, below, d.Methods(below)))
	}
	one.op, one.below = op, below
	if v.Form && len(one.body) > 0 {
		one.asJSON()
	}
	return append(append(faults, op.Faults(one.request, one.body)...), v.scopeFaults(d, *one)...)
}

// asJSON makes JSON of a form.
func (d *deed) asJSON() {
	form, _ := url.ParseQuery(string(d.body)) // an empty one is told
	members := map[string]string{}
	for name := range form {
		members[name] = form.Get(name)
	}
	d.body, _ = json.Marshal(members)
	d.request.Header.Set("Content-Type", "application/json")
}

// alike is a URL as the description has it.
func (v vendor) alike(u *url.URL) *url.URL {
	changed := *u
	path := u.EscapedPath()
	for pattern, same := range v.Alike {
		path = regexp.MustCompile(pattern).ReplaceAllString(path, same)
	}
	changed.Path, _ = url.PathUnescape(path) // a part of an escaped path is one
	changed.RawPath = path
	return &changed
}

func (v vendor) elsewhere(u *url.URL) bool {
	return slices.ContainsFunc(v.Elsewhere, func(start string) bool {
		return strings.HasPrefix(u.Host+u.EscapedPath(), start) || strings.HasPrefix(u.EscapedPath(), start)
	})
}

func (v vendor) hosts(d *described.Description, host string) bool {
	if v.Host != "" {
		ok, _ := path.Match(v.Host, host)
		return ok
	}
	return slices.ContainsFunc(d.Bases(), func(base string) bool {
		_, rest, _ := strings.Cut(base, "//")
		at, _, _ := strings.Cut(rest, "/")
		return at == host
	})
}

// scopeFaults compares what an action says that it needs with the alternatives
// that the description has.
func (v vendor) scopeFaults(of *described.Description, one deed) (faults []string) {
	if known := of.ScopeNames(); len(known) > 0 && one.name == "test" {
		for _, s := range one.offered {
			if !known[s.Name] {
				faults = append(faults, fmt.Sprintf("there is no scope %q", s.Name))
			}
		}
	}
	alternatives := one.op.Scopes()
	if v.AnyScope {
		alternatives = each(alternatives)
	}
	if len(one.scopes) > 0 && len(alternatives) > 0 && !slices.ContainsFunc(alternatives, func(needed []string) bool { return covers(one.scopes, needed) }) {
		faults = append(faults, fmt.Sprintf("it has the scopes %q and needs one of %q", one.scopes, alternatives))
	}
	return faults
}

func each(lists [][]string) (single [][]string) {
	for _, list := range lists {
		for _, s := range list {
			single = append(single, []string{s})
		}
	}
	return single
}

func covers(has, needed []string) bool {
	return !slices.ContainsFunc(needed, func(s string) bool { return !slices.Contains(has, s) })
}
