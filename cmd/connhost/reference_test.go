package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Rule 15: a person sees what uses a connection before it is deleted, and the
// connections of a connector before it is disabled, and decides.
func TestUsesAreShownBeforeAPersonDecides(t *testing.T) {
	term := terminal{t, t.TempDir()}
	folder := filepath.Join(term.dir, "acme")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	manifest := "connhost: 1\nid: acme\nname: Acme\nversion: 1.0.0\nauth: {type: api_key, name: X-Key}\nbase_url: https://api.acme.test\n"
	if err := os.WriteFile(filepath.Join(folder, "connector.yaml"), []byte(manifest), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		answer string
		args   string
		status int
		shows  []string
	}{
		{"y\n", "connector install " + folder, 0, nil},
		{"", "connector disable acme", 0, []string{"disabled acme 1.0.0"}}, // nothing uses it, so nobody is asked
		{"", "connector publish acme", 0, nil},
		{"", "connection create acme", 0, nil},
		{"", "invoke /me -c acme_connection", 5, nil},
		{"n\n", "connector disable acme", 130, []string{"connections of acme: acme_connection", "default", "connhost invoke", "refuse all calls through them? [y/N]"}},
		{"y\n", "connector disable acme", 0, []string{"disabled acme 1.0.0"}},
		{"", "connector disable acme --yes", 0, []string{"connections of acme", "was disabled already"}},
		{"n\n", "connection delete acme_connection", 130, []string{"acme_connection is used by:", "connhost invoke", "[y/N]", "nothing was changed"}},
		{"y\n", "connection delete acme_connection", 0, []string{"deleted acme_connection"}},
	} {
		status, screen := term.types(step.answer, strings.Fields(step.args)...)
		if status != step.status {
			t.Fatalf("%s: status %d\n%s", step.args, status, screen)
		}
		for _, want := range step.shows {
			if !strings.Contains(screen, want) {
				t.Errorf("%s does not show %q:\n%s", step.args, want, screen)
			}
		}
	}
}
