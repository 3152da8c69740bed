package template_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/hosttest/guests"
	"github.com/connhost/connhost/host/wasm"
	"github.com/connhost/connhost/plugins/abi"
	"github.com/connhost/connhost/plugins/build"
	"github.com/connhost/connhost/plugins/plugintest"
	"github.com/connhost/connhost/plugins/template"
)

// made writes a new connector into a folder of its own.
func made(t *testing.T, c template.Connector) string {
	t.Helper()
	files, err := c.Files()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), c.ID)
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, text, 0o644)); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "[[.") {
			t.Errorf("%s is not filled", name)
		}
	}
	return dir
}

// findings are those of lint, as the plugin host would add to them.
func findings(t *testing.T, dir string) []build.Diagnostic {
	t.Helper()
	r, err := wasm.New(wasm.Options{File: func(context.Context, string) ([]byte, error) { return nil, errors.New("not loaded") }})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	found, err := build.Lint(t.Context(), dir, r.Check)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// pass runs the cases of a folder, and the rules for all connectors.
func pass(t *testing.T, dir string) int {
	t.Helper()
	m, err := build.Compile(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	cases, err := plugintest.ReadCases(dir)
	if err != nil {
		t.Fatal(err)
	}
	r, err := plugintest.Open(m.File, plugintest.Options{Fixed: true})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for _, c := range cases.Hooks {
		if got, err := c.Run(t.Context(), r); err != nil || !got.OK() {
			t.Errorf("%s: %s, %v", c.Name, got.Failed, err)
		}
	}
	suite := plugintest.Suite{File: m.File, Staging: plugintest.Staging{Faults: cases.Setting.Faults, CacheDir: t.TempDir()}}
	for _, f := range cases.Flows {
		if got, err := f.Run(t.Context(), suite); err != nil || !got.OK() {
			t.Errorf("%s: %s, %v, %+v", f.Name, got.Failed, err, got.Saw)
		}
	}
	list, err := suite.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range list {
		if v.Ruling == plugintest.Failed {
			t.Errorf("%s: %s, %+v", v.Rule.Name, v.Why, v.Saw)
		}
	}
	return len(cases.Hooks) + len(cases.Flows)
}

// Every auth type gives a manifest without a finding, whose flow and rules pass.
func TestManifests(t *testing.T) {
	for _, auth := range abi.AuthTypes() {
		if auth == abi.AuthCustom {
			continue // which has code
		}
		t.Run(auth, func(t *testing.T) {
			t.Parallel()
			dir := made(t, template.Connector{ID: "tea-shop", Auth: auth, Language: template.None})
			for _, d := range findings(t, dir) {
				t.Error(d.Render())
			}
			m, err := build.Compile(t.Context(), dir)
			if err != nil || m.Manifest.Name != "Tea Shop" || m.Manifest.Auth.Type != auth || pass(t, dir) != 1 {
				t.Errorf("%+v, %v", m.Manifest, err)
			}
		})
	}
}

func TestCustomNeedsCode(t *testing.T) {
	_, err := template.Connector{ID: "acme", Auth: abi.AuthCustom, Language: template.None}.Files()
	if host.CodeOf(err) != host.Usage {
		t.Errorf("got %v", err)
	}
}

// A connector in Go needs the Go toolchain and nothing else.
func TestGo(t *testing.T) {
	t.Setenv("GOPROXY", "off")
	t.Setenv("GOFLAGS", "-mod=mod")
	builds(t, "go")
}

// The other languages give the same answers.
func TestOtherLanguages(t *testing.T) {
	if os.Getenv("CONNHOST_PEERS") != "1" {
		t.Skip("needs the compilers of other languages: set CONNHOST_PEERS=1 to use them")
	}
	for _, language := range template.Languages()[2:] {
		t.Run(language, func(t *testing.T) { builds(t, language) })
	}
}

// builds makes a connector with each hook in a language: without a finding, and
// with cases that pass.
func builds(t *testing.T, language string) {
	t.Helper()
	for _, auth := range []string{abi.AuthOAuth2, abi.AuthCustom} {
		dir := made(t, template.Connector{ID: "acme", Auth: auth, Language: language})
		if language == "assemblyscript" {
			if err := os.Symlink(guests.NodeModules(), filepath.Join(dir, "node_modules")); err != nil {
				t.Fatal(err)
			}
		}
		for _, d := range findings(t, dir) {
			t.Errorf("%s %s: %s", language, auth, d.Render())
		}
		if pass(t, dir) < 2 {
			t.Errorf("%s %s: no cases", language, auth)
		}
		needsSecrets(t, dir)
	}
}

// needsSecrets holds that nobody authorizes without a secret that the code
// places: the host cannot know that it does.
func needsSecrets(t *testing.T, dir string) {
	t.Helper()
	m, err := build.Compile(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range m.Manifest.Fields() {
		if f.Secret && !f.Required {
			t.Errorf("%s: the secret %s may be left out", dir, f.Key)
		}
	}
}
