package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A terminal is the program with a person in front of it.
type terminal struct {
	t   *testing.T
	dir string
}

// types runs a command for a person who answers, and gives the exit status and
// everything that was printed.
func (term terminal) types(answer string, args ...string) (int, string) {
	term.t.Helper()
	var screen bytes.Buffer
	sys := &system{
		in: strings.NewReader(answer), out: &outlet{w: &screen}, err: &screen, askable: true,
		getenv: func(string) string { return "" }, userName: "ada", dataDir: term.dir, configDir: term.dir,
	}
	return execute(context.Background(), sys, args), screen.String()
}

// Rule 12: a person is asked for what their answers before make visible, and for
// nothing else.
func TestAsksForWhatIsVisible(t *testing.T) {
	term := terminal{t, t.TempDir()}
	folder := filepath.Join(term.dir, "acme")
	const manifest = `connhost: 1
id: acme
name: Acme
version: 1.0.0
auth: {type: none}
base_url: https://api.acme.test
parameters:
  - {key: plan, label: Plan, enum: [free, enterprise], required: true}
  - {key: tenant, label: Tenant, required: true, visible_when: {plan: enterprise}}
  - {key: unit, label: Unit, required: true, visible_when: {tenant: [north, south]}}
actions: [{name: list, text: List., path: /, query: {t: "{tenant}", u: "{unit}"}}]
`
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "connector.yaml"), []byte(manifest), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"connector", "install", folder, "--yes"}, {"connection", "create", "acme"}} {
		if status, screen := term.types("", args...); status != 0 {
			t.Fatal(screen)
		}
	}
	for _, c := range []struct {
		name, answer string
		args         []string
		asks, not    string
		status       int
	}{
		{"the plan decides", "free\n", nil, "Plan (free, enterprise): ", "Tenant", 0},
		{"all of it", "enterprise\nnorth\n7\n", nil, "Plan (free, enterprise): Tenant: Unit: ", "hint", 0},
		{"half of it", "enterprise\nwest\n", nil, "Plan (free, enterprise): Tenant: ", "Unit", 0},
		{"a plan that was given", "south\n7\n", []string{"--param", "plan=enterprise"}, "Tenant: Unit: ", "Plan", 0},
		{"a value for nothing", "", []string{"--param", "plan=free", "--param", "tenant=north"}, "the parameter \"tenant\" is asked for only where \"plan\" is enterprise", "Unit", 2},
		{"a mistyped plan", "Enterprise\n", nil, "the value of \"plan\" must be one of: free, enterprise", "Tenant", 2},
	} {
		status, screen := term.types(c.answer, append([]string{"connection", "authorize", "acme_connection"}, c.args...)...)
		if status != c.status || !strings.Contains(screen, c.asks) || strings.Contains(screen, c.not) {
			t.Errorf("%s: exit status %d\n%s", c.name, status, screen)
		}
	}
}

// At a terminal a person sees what a connector may do before it is installed,
// and decides.
func TestInstallAsksAtATerminal(t *testing.T) {
	term := terminal{t, t.TempDir()}
	folder := filepath.Join(term.dir, "acme")
	write := func(version, more string) {
		text := "connhost: 1\nid: acme\nname: Acme\nversion: " + version + "\nauth: {type: api_key, name: X-Key}\nbase_url: https://api.acme.test\n" + more
		if err := os.MkdirAll(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, "connector.yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	installed := func(want string) {
		t.Helper()
		if _, screen := term.types("", "connector", "list", "--custom"); !strings.Contains(screen, want) {
			t.Errorf("installed is:\n%s", screen)
		}
	}
	for _, step := range []struct {
		version, more, answer string
		args                  []string
		status                int
		shows                 []string
		list                  string
	}{
		{"1.0.0", "", "n\n", nil, 130, []string{"acme 1.0.0", "may go to:  api.acme.test", "install acme 1.0.0? [y/N]", "nothing was changed"}, "NAME\n"},
		{"1.0.0", "", "\n", nil, 130, []string{"[y/N]"}, "NAME\n"},
		{"1.0.0", "", "y\n", nil, 0, []string{"[y/N]", "installed acme 1.0.0 (draft)"}, "acme  1.0.0"},
		{"1.0.0", "", "", nil, 0, []string{"was installed already"}, "acme  1.0.0"},
		{"1.1.0", "hosts: [files.acme.test]\n", "n\n", nil, 130, []string{"against 1.0.0:", "+ host files.acme.test", "[y/N]"}, "acme  1.0.0"},
		{"1.1.0", "hosts: [files.acme.test]\n", "y\n", nil, 0, []string{"+ host files.acme.test", "replaced the draft"}, "acme  1.1.0"},
		{"1.2.0", "hosts: [more.acme.test]\n", "", []string{"--yes"}, 0, []string{"- host files.acme.test", "replaced the draft"}, "acme  1.2.0"},
	} {
		write(step.version, step.more)
		status, screen := term.types(step.answer, append([]string{"connector", "install", folder}, step.args...)...)
		if status != step.status {
			t.Errorf("%s answered %q: exit status %d\n%s", step.version, step.answer, status, screen)
		}
		for _, want := range step.shows {
			if !strings.Contains(screen, want) {
				t.Errorf("%s answered %q: no %q in\n%s", step.version, step.answer, want, screen)
			}
		}
		if len(step.args) > 0 && strings.Contains(screen, "[y/N]") {
			t.Errorf("--yes asks:\n%s", screen)
		}
		installed(step.list)
	}
}

// A person who authorizes says which of several the connection is used with, by
// its number.
func TestAsksWhichOne(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/sites":
			_, _ = io.WriteString(w, `[{"id":"a1","name":"North"},{"id":"b2","name":"South\u001b[2J"}]`)
		case "/b2/me":
			_, _ = io.WriteString(w, `{"id":"7","name":"Ada"}`)
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	t.Cleanup(server.Close)
	term := terminal{t, t.TempDir()}
	folder := filepath.Join(term.dir, "desk")
	manifest := `connhost: 1
id: desk
name: Desk
version: 1.0.0
auth: {type: bearer}
hosts: [` + server.Listener.Addr().String() + `]
base_url: ` + server.URL + `/{site}
choose: {url: "` + server.URL + `/sites", what: site, key: /id, label: /name, values: {site: /id}}
test: {path: /me, answer: {key: /id, label: /name}}
`
	secret := filepath.Join(term.dir, "token")
	for file, text := range map[string]string{
		filepath.Join(folder, "connector.yaml"): manifest,
		secret:                                  "a-token-of-the-desk",
		filepath.Join(term.dir, "config.yaml"):  "allow_cidr: [\"127.0.0.1/32\"]\n",
	} {
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o700), os.WriteFile(file, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{{"connector", "install", folder, "--yes"}, {"connection", "create", "desk"}} {
		if status, screen := term.types("", args...); status != 0 {
			t.Fatal(screen)
		}
	}
	status, screen := term.types("2\n", "connection", "authorize", "desk_connection", "--secret-file", "token="+secret)
	for _, want := range []string{"1  North (a1)", "2  South?[2J (b2)", "it is used with the site South?[2J (b2)"} {
		if status != 0 || !strings.Contains(screen, want) {
			t.Errorf("status %d, without %q:\n%s", status, want, screen)
		}
	}
	if status, screen = term.types("", "connection", "test", "desk_connection"); status != 0 || !strings.Contains(screen, "as Ada") {
		t.Errorf("status %d: %s", status, screen)
	}
	if status, screen = term.types("", "connection", "authorize", "desk_connection", "--secret-file", "token="+secret, "--choose", "nowhere"); status == 0 || !strings.Contains(screen, `has no site "nowhere"`) {
		t.Errorf("status %d: %s", status, screen)
	}
}
