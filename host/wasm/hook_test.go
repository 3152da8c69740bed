package wasm_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/wasm"
	"github.com/connhost/connhost/plugins/abi"
	"github.com/connhost/connhost/plugins/build"
)

// The hook of the demo's connector, as it is committed.
var labConnector = filepath.Join("..", "lab", "connector")

var update = flag.Bool("update", false, "write the lab's hook.wasm again")

func labHook(t testing.TB) []byte {
	t.Helper()
	module, err := os.ReadFile(filepath.Join(labConnector, "hook.wasm"))
	if err != nil {
		t.Fatal(err)
	}
	return file(t, module, "token", "respond", "test")
}

// The committed module is what its source gives. Another compiler gives other
// bytes; hook.wasm.clang-version says which one it was.
//
// To build it again: CONNHOST_PEERS=1 go test ./host/wasm -run TestLabHookIsBuilt -update
func TestLabHookIsBuilt(t *testing.T) {
	if os.Getenv("CONNHOST_PEERS") != "1" {
		t.Skip("needs clang: set CONNHOST_PEERS=1 to use it")
	}
	wasmFile := filepath.Join(labConnector, "hook.wasm")
	version, err := os.ReadFile(wasmFile + ".clang-version")
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(wasmFile)
	if err != nil {
		t.Fatal(err)
	}
	got, err := build.Code(t.Context(), labConnector)
	if err != nil {
		t.Fatal(err)
	}
	said, err := exec.Command("clang", "--version").Output()
	if err != nil {
		t.Fatal(err)
	}
	now, _, _ := strings.Cut(string(said), "\n")
	if *update {
		if err := errors.Join(os.WriteFile(wasmFile, got, 0o644), os.WriteFile(wasmFile+".clang-version", []byte(now+"\n"), 0o644)); err != nil {
			t.Fatal(err)
		}
		return
	}
	if now != strings.TrimSpace(string(version)) {
		t.Logf("not compared: hook.wasm was built by %s, and this is %s", version, now)
		return
	}
	if !bytes.Equal(got, want) {
		t.Errorf("hook.wasm (%d bytes) is not what its source gives (%d bytes): build it again", len(want), len(got))
	}
}

func TestLabHook(t *testing.T) {
	b := open(t, wasm.Options{CacheDir: compiled})
	hash := b.add(labHook(t))
	body := func(status int, text string) any {
		return abi.RespondInput{Method: "GET", URL: "https://lab.test/items", Response: abi.Response{Status: status, Body: text, BodySize: len(text)}}
	}
	account := func(text string) any {
		return abi.TestInput{Response: abi.Response{Status: 200, Body: text, BodySize: len(text)}}
	}
	answer := func(text string) any {
		return abi.TokenInput{Phase: "exchange", Status: 200, Answer: json.RawMessage(text)}
	}
	for _, c := range []struct {
		name, hook string
		input      any
		want       string
		err        *host.GuestError
	}{
		{"tokens", "token", answer(`{"data":{"access_token":{"$secret":"answer:/data/access_token"},"refresh_token":{"$secret":"answer:/data/refresh_token"},"expires_in":5,"scope":"items.read","token_type":"Bearer"}}`),
			`{"access":{"$secret":"answer:/data/access_token"},"refresh":{"$secret":"answer:/data/refresh_token"},"expires_in":5,"scope":"items.read","token_type":"Bearer"}`, nil},
		{"an expiry behind a handle", "token", answer(`{"data":{"access_token":{"$secret":"a"},"expires_in":{"$secret":"b"}}}`),
			`{"access":{"$secret":"a"},"expires_in":{"$secret":"b"}}`, nil},
		{"no tokens", "token", answer(`{}`), `{"access":null}`, nil},
		{"a dead grant", "token", answer(`{"error":"invalid_grant","error_description":"used again"}`), "",
			&host.GuestError{Code: "refused", Msg: "the lab refused: invalid_grant (used again)", Reauth: true}},
		{"a wrong client", "token", answer(`{"error":"invalid_client"}`), "",
			&host.GuestError{Code: "refused", Msg: "the lab refused: invalid_client"}},
		{"an answer of another kind", "token", answer(`{"$secret":"answer:"}`), `{"access":null}`, nil},

		{"a result", "respond", body(200, `{"ok":true,"result":{"b":[1, 2],"a":"<>"}}`), `{"body":"{\u0022b\u0022:[1, 2],\u0022a\u0022:\u0022<>\u0022}"}`, nil},
		{"a null result", "respond", body(200, `{"ok":true,"result":null}`), `{"body":"null"}`, nil},
		{"no result", "respond", body(200, `{"ok":true}`), `{}`, nil},
		{"a no with status 200", "respond", body(200, `{"ok":false,"error":"out_of_stock"}`), "",
			&host.GuestError{Code: "out_of_stock", Msg: "the lab answered out_of_stock"}},
		{"a no with a status", "respond", body(404, `{"ok":false,"error":"no_item"}`), `{}`, nil},
		{"a page", "respond", body(200, `<html>`), `{}`, nil},
		{"nothing", "respond", body(200, ``), `{}`, nil},
		{"another object", "respond", body(200, `{"result":1}`), `{}`, nil},

		{"an account", "test", account(`{"ok":true,"result":{"id":"acc_1","name":"Ada Lovelace"}}`),
			`{"ok":true,"account":{"key":"acc_1","label":"Ada Lovelace"}}`, nil},
		{"no account", "test", account(`{"ok":true,"result":{}}`), `{"ok":false,"message":"the lab named no account"}`, nil},
		{"a refusal", "test", account(`{"ok":false,"error":"invalid_token"}`), `{"ok":false,"message":"the lab answered invalid_token"}`, nil},
		{"no answer", "test", account(`oops`), `{"ok":false,"message":"the lab did not say who it is"}`, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			input, err := json.Marshal(c.input)
			if err != nil {
				t.Fatal(err)
			}
			got, err := b.call(hash, c.hook, string(input))
			if c.err != nil {
				c.err.Kind, c.err.Connector, c.err.Hook = host.Declared, hash, c.hook
				if g, ok := err.(*host.GuestError); !ok || *g != *c.err {
					t.Errorf("got %q, %#v, want %#v", got, err, c.err)
				}
			} else if err != nil || got != c.want {
				t.Errorf("got %s, %v, want %s", got, err, c.want)
			}
		})
	}
}
