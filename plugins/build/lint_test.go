package build_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/wasm"
	"github.com/connhost/connhost/plugins/abi"
	"github.com/connhost/connhost/plugins/build"
)

// good is a manifest about which there is nothing to say.
const good = `connhost: 1
id: acme
name: Acme
version: 1.0.0
description: Parcels.
docs: https://acme.test/keys
auth: {type: api_key, name: X-Key}
base_url: https://api.acme.test/v1
test: {path: /me}
`

// pluginHost is what the plugin host says about a file.
func pluginHost(t *testing.T) func([]byte) error {
	t.Helper()
	r, err := wasm.New(wasm.Options{File: func(context.Context, string) ([]byte, error) { return nil, errors.New("no file") }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r.Check
}

// tables is a module with as many tables as the plugin host does not take, and
// otherwise right.
func tables(g guest) string {
	many := "\x04" + text("\x20"+strings.Repeat("\x70\x00\x00", 32))
	module := g.wasm()
	at := strings.Index(module, "\x05\x03\x01\x00\x01")
	return module[:at] + many + module[at:]
}

func TestLintFolder(t *testing.T) {
	replace := func(old, new string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("no %s", old)
		}
		return strings.Replace(good, old, new, 1)
	}
	hooks := good + "hooks: [respond]\n"
	respond := guest{exports: []string{"ch_respond"}}
	for _, c := range []struct{ name, manifest, module, want string }{
		{"nothing to say", good, "", ""},
		{"nothing to say about code", hooks, respond.wasm(), ""},
		{"a mistake and no advice", replace("name: Acme", "nmae: Acme"), "", `3:1 error M003 unknown key "nmae" (did you mean "name"?)`},
		{"a warning of the manifest", good + "parameters: [{key: a, label: A}]\n", "", `10:20 warning M313 the parameter "a" is asked for and used nowhere`},
		{"plain http", replace("https://api", "http://api"), "", `8:11 warning M417 "base_url" sends its credential unencrypted`},
		{"no test", replace("test: {path: /me}\n", ""), "", "0:0 warning L101 there is no test, so nobody sees that a connection does not work"},
		{"no docs", replace("docs: https://acme.test/keys\n", ""), "", "0:0 warning L102 nothing says where a person gets the credential"},
		{"docs over http", replace("https://acme.test", "http://acme.test"), "", "6:7 warning L103 the page is not reached over https, so anyone on the way can change what it asks for"},
		{"no description", replace("description: Parcels.\n", ""), "", "0:0 warning L104 lists show nothing but the name"},
		{"nobody's authorization", strings.Replace(good, "{type: api_key, name: X-Key}", "{type: oauth2, authorize: {path: /a}, token: {path: /t}}", 1), "", "0:0 warning L105 nothing says whose an authorization is, so two accounts look alike"},
		{"any domain", replace("api.acme.test", "{x}.test") + "parameters: [{key: x, label: X}]\n", "", `8:11 warning L106 "{x}.test" may be a host of anyone: a parameter stands for its domain`},
		{"any host", good + "hosts: [\"api.{x}:{port|80}\"]\nparameters: [{key: x, label: X}, {key: port, label: P}]\n", "", `10:9 warning L106 "api.{x}:{port|80}" may be a host of anyone: a parameter stands for its domain`},
		{"a label, a region, a host and a port", good + "hosts: [\"{x}.acme.test\", \"a.{r}\", \"{h}\", \"localhost:{x}\"]\nparameters: [{key: x, label: X}, {key: r, label: R, enum: [a.test]}, {key: h, label: H, kind: host}]\n", "", ""},
		{"a secret that is none", replace("path: /me", `path: /me, headers: {X-T: "{app_token}"}`) + "parameters: [{key: app_token, label: T}]\n", "", `10:14 warning L107 the parameter "app_token" looks like a secret and is shown and stored as plain text`},
		{"an action without a text", good + "actions: [{name: list, path: /items}]\n", "", `10:11 warning L108 nothing says what the action "list" does`},
		{"a parameter without a label", replace("api.acme", "{x}.acme") + "parameters: [{key: x}]\n", "", `10:14 warning L109 a person is asked for "x", which is no word of theirs`},
		{"nobody is asked for what decides", replace("path: /me", `path: /me, query: {p: "{p}", t: "{t|}"}`) + "parameters: [{key: p, label: P, enum: [a, b]}, {key: t, label: T, visible_when: {p: a}}]\n", "", `10:85 warning L114 nobody is asked for "p", so nobody is asked for "t" either`},
		{"any text decides", replace("path: /me", `path: /me, query: {p: "{p}", t: "{t|}"}`) + "parameters: [{key: p, label: P, required: true}, {key: t, label: T, visible_when: {p: a}}]\n", "", `10:87 warning L115 "p" may be any text, so a typing mistake decides too`},
		{"what decides is asked for", replace("path: /me", `path: /me, query: {t: "{t}"}`) + "parameters: [{key: p, label: P, enum: [a, b, c], default: a}, {key: t, label: T, visible_when: {p: [b, c]}}]\n", "", ""},
		{"a host of nobody", good + "actions: [{name: get, text: Gets a file., url: \"https://files.acme.test/{id}\", parameters: [{key: id, label: File, required: true}]}]\n", "", `10:48 warning L116 no credential goes to "files.acme.test", so every such call is refused`},
		{"a host that is declared", good + "hosts: [files.acme.test]\nidentity: {url: \"https://files.acme.test/me\", answer: {key: /id}}\n", "", ""},
		{"hooks without code", hooks, "", "10:1 error C101 hooks are declared and there is no code"},
		{"code without hooks", good, guest{}.wasm(), "1:1 warning L110 hook.wasm: no hook is declared, so the code is never called"},
		{"body without a hook that has one", strings.Replace(good, "{type: api_key, name: X-Key}", "{type: oauth2, authorize: {path: /a}, token: {path: /t}}", 1) + "identity: {path: /me, answer: {key: /id}}\nhooks: [token]\n", guest{exports: []string{"ch_token"}, imports: []string{"connhost.body"}, params: 4}.wasm(), `11:1 warning L111 hook.wasm: the code imports "body", and none of its hooks gets a body`},
		{"body with one", hooks, guest{exports: []string{"ch_respond"}, imports: []string{"connhost.body"}, params: 4}.wasm(), ""},
		{"secrets for nothing", hooks + "reveal_secrets: [key]\n", respond.wasm(), `11:1 warning L112 hook.wasm: the manifest asks for secrets, and the code does not import "secret"`},
		{"an action that calls nobody", good + "actions: [{name: do, text: Do it.}]\nhooks: [action]\n", guest{exports: []string{"ch_action"}}.wasm(), `11:1 warning L113 hook.wasm: the hook "action" is declared, and the code does not import "http" to call the service`},
		{"calls without an action", hooks, guest{exports: []string{"ch_respond"}, imports: []string{"connhost.http"}, params: 2}.wasm(), `10:1 error C117 hook.wasm: the code imports "http", and the manifest does not declare the hook "action", which alone may call`},
		{"secrets that nobody granted", hooks, guest{exports: []string{"ch_respond"}, imports: []string{"connhost.secret"}, params: 2}.wasm(), `10:1 error C117 hook.wasm: the code imports "secret", and the manifest lists nothing in reveal_secrets`},
		{"a hook that is not exported", hooks, guest{exports: []string{"ch_test"}}.wasm(), "10:1 error C107 hook.wasm: the hook \"respond\" is declared and the code does not export ch_respond\n10:1 error C109 hook.wasm: the code exports \"ch_test\" and the manifest does not declare the hook \"test\""},
		{"no code at all", hooks, "text", "0:0 error C110 this is no code for a connector: not a WebAssembly module"},
		{"a shape that the plugin host refuses", hooks, tables(respond), "10:1 error C120/tables hook.wasm: the module is refused: byte 22: 32 tables, at most 16"},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := map[string]string{"connector.yaml": c.manifest}
			if c.module != "" {
				files["hook.wasm"] = c.module
			}
			dir := folder(t, files)
			found, err := build.Lint(t.Context(), dir, pluginHost(t))
			if err != nil {
				t.Fatal(err)
			}
			holdFindings(t, found, dir, c.want)
		})
	}
}

// holdFindings compares findings, a line each. The place of a finding about a
// manifest of a file is its path.
func holdFindings(t *testing.T, found []build.Diagnostic, dir, want string) {
	t.Helper()
	var lines []string
	for _, d := range found {
		if d.Code == "" || d.File == "" || d.Msg == "" {
			t.Errorf("incomplete: %+v", d)
		}
		where := d.Path
		if filepath.Ext(d.File) != ".wasm" || d.Line > 0 || d.Path == "" {
			where = place(d)
		}
		msg := strings.ReplaceAll(d.Msg, dir+string(filepath.Separator), "")
		lines = append(lines, fmt.Sprintf("%s %s %s %s", where, d.Severity, d.Code, msg))
	}
	if got := strings.Join(lines, "\n"); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

func place(d build.Diagnostic) string {
	line := strings.TrimPrefix(strings.SplitN(d.String(), ": ", 2)[0], d.File)
	if line == "" {
		return "0:0"
	}
	return strings.TrimPrefix(line, ":")
}

// A finished file is linted without its folder: the place is the path in its
// manifest.
func TestLintFile(t *testing.T) {
	const manifest = `{"connhost":1,"id":"a","name":"A","version":"1.0.0","description":"D.","docs":"https://a.test","auth":{"type":"bearer"},"base_url":"https://a.test","test":{"path":"/"},"hooks":["respond"]}`
	header := "\x00asm\x01\x00\x00\x00"
	respond := guest{exports: []string{"ch_respond"}}
	change := func(old, new string) string { return strings.Replace(manifest, old, new, 1) }
	for _, c := range []struct{ name, file, want string }{
		{"nothing to say", string(appended(respond.wasm(), manifest)), ""},
		{"text", "hello", "0:0 error C110 the file is not a WebAssembly module"},
		{"cut off", string(appended(respond.wasm(), manifest))[:40], "0:0 error C110 the module is malformed: the section at byte 25 leaves the file"},
		{"no manifest", respond.wasm(), "0:0 error C111 a WebAssembly file without a manifest"},
		{"a mistake", string(appended(respond.wasm(), change(`"1.0.0"`, `"1"`))), `version error M104 the version "1" is not a semantic version`},
		{"advice", string(appended(header, change(`,"test":{"path":"/"},"hooks":["respond"]`, ""))), "0:0 warning L101 there is no test, so nobody sees that a connection does not work"},
		{"a count of 2^32-1 bodies", string(appended(header+"\x01\x04\x01\x60\x00\x00\x0a\x05\xff\xff\xff\xff\x0f", manifest)), "0:0 error C110 the module is malformed: it announces 0 functions and 4294967295 function bodies\n0:0 error C106 the code exports no memory called memory\n0:0 error C107 the hook \"respond\" is declared and the code does not export ch_respond"},
		{"a count of 2^32-1 bodies beside right exports", string(appended(strings.Replace(respond.wasm(), "\x0a\x06\x01\x04\x00", "\x0a\x08\xff\xff\xff\xff\x0f", 1), manifest)), "0:0 error C110 the module is malformed: it announces 1 functions and 4294967295 function bodies"},
		{"too many tables", string(appended(tables(respond), manifest)), "0:0 error C120/tables the module is refused: byte 22: 32 tables, at most 16"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := folder(t, map[string]string{"x.wasm": c.file})
			found, err := build.Lint(t.Context(), filepath.Join(dir, "x.wasm"), pluginHost(t))
			if err != nil {
				t.Fatal(err)
			}
			holdFindings(t, found, dir, c.want)
		})
	}
}

// A refusal that names what it refuses is found by that.
func TestLintTakesTheCode(t *testing.T) {
	dir := folder(t, map[string]string{"connector.yaml": good + "hooks: [respond]\n", "hook.wasm": guest{exports: []string{"ch_respond"}}.wasm()})
	found, err := build.Lint(t.Context(), dir, func([]byte) error {
		return &host.GuestError{Kind: host.Violation, Code: "functions", Msg: "the module is refused: 5 functions, at most 4"}
	})
	if err != nil || len(found) != 1 || found[0].Code != abi.Code("C120/functions") || found[0].Severity != abi.Fault {
		t.Errorf("%v %+v", err, found)
	}
}

func TestLintNothing(t *testing.T) {
	for path, code := range map[string]host.Code{"nothing": host.NotFound, "empty": host.NotFound, "other.yaml": host.Failed} {
		dir := folder(t, map[string]string{"empty/readme": "", "other.yaml": good})
		if found, err := build.Lint(t.Context(), filepath.Join(dir, path), pluginHost(t)); host.CodeOf(err) != code {
			t.Errorf("%s: %v %v", path, found, err)
		}
	}
}
