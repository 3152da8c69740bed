package plugintest_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
	"github.com/connhost/connhost/plugins/plugintest"
)

const manifest = `{"connhost":1,"id":"lab","name":"Lab","version":"1.0.0","base_url":"https://lab.test","hooks":["respond","test","token"],"test":{"path":"/me"},
	"auth":{"type":"oauth2","authorize":{"url":"https://lab.test/a"},"token":{"url":"https://lab.test/t"}}}`

// labConnector is the demo's code with another manifest.
func labConnector(t *testing.T, manifest string) []byte {
	t.Helper()
	module, err := os.ReadFile(filepath.Join("..", "..", "host", "lab", "connector", "hook.wasm"))
	if err != nil {
		t.Fatal(err)
	}
	file, err := abi.Append(module, []byte(manifest))
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func open(t *testing.T) *plugintest.Runner {
	t.Helper()
	r, err := plugintest.Open(labConnector(t, manifest), plugintest.Options{Fixed: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

const refused = `{status: 200, headers: {}, body: '{"ok":false,"error":"out_of_stock"}', body_size: 35}`

func TestRun(t *testing.T) {
	r := open(t)
	const accepted = `{response: {status: 200, headers: {}, body: '{"ok":true,"result":{"id":"u7","name":"Ada"}}', body_size: 45}}`
	for _, c := range []struct{ name, text, failed string }{
		{"as wanted", "hook: test\ninput: " + accepted + "\noutput: {ok: true, account: {key: u7, label: Ada}}", ""},
		{"another text", "hook: test\ninput: " + accepted + "\noutput: {ok: true, account: {key: u8, label: Ada}}", `output/account/key: got "u7", want "u8"`},
		{"too much", "hook: test\ninput: " + accepted + "\noutput: {ok: true}", `output/account: got {"key":"u7","label":"Ada"}, want nothing`},
		{"too little", "hook: test\ninput: " + accepted + "\noutput: {ok: true, more: 1, account: {key: u7, label: Ada}}", `output/more: it is missing, want 1`},
		{"an error", "hook: respond\ninput: {method: GET, url: /, response: " + refused + "}\nerror: {code: out_of_stock}", ""},
		{"another error", "hook: respond\ninput: {method: GET, url: /, response: " + refused + "}\nerror: {code: out_of_stock, reauth: true}", `error/reauth: it is missing, want true`},
		{"an error for an output", "hook: respond\ninput: {method: GET, url: /, response: " + refused + "}\noutput: {}", "it gave the error out_of_stock: the lab answered out_of_stock"},
		{"an output for an error", "hook: test\ninput: " + accepted + "\nerror: {code: x}", "it gave an output, want the error x"},
		{"a body by its handle", "hook: test\nbodies: ['{\"ok\":true,\"result\":{\"id\":\"u7\"}}']\ninput: {response: {status: 200, body_handle: 1, body_size: 32}}\noutput: {ok: true, account: {key: u7}}", ""},
		{"fuel", "hook: test\nfuel: 10\ninput: " + accepted + "\noutput: {ok: true, account: {key: u7, label: Ada}}", "it burnt N fuel, and may burn 10"},
		{"nothing is wanted", "hook: test\ninput: {}", "the case says neither output nor error; --update writes what the hook gives"},
		{"no such hook", "hook: sign\ninput: {}\noutput: {}", `it broke the agreement: the connector has no hook "sign"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			parsed, err := plugintest.ReadCase("x.yaml", []byte(c.text))
			if err != nil {
				t.Fatal(err)
			}
			got, err := parsed.Run(t.Context(), r)
			again, _ := parsed.Run(t.Context(), r)
			if got.Used.Fuel != again.Used.Fuel {
				t.Errorf("%d fuel, then %d", got.Used.Fuel, again.Used.Fuel)
			}
			failed := strings.Replace(got.Failed, strconv.FormatInt(got.Used.Fuel, 10), "N", 1)
			if err != nil || failed != c.failed {
				t.Errorf("got %q, %v, want %q", got.Failed, err, c.failed)
			}
		})
	}
}

// What --update writes passes, and the rest of the file stays.
func TestUpdated(t *testing.T) {
	r := open(t)
	for _, c := range []struct{ text, want string }{
		{"# why\nhook: test # the judge\noutput:\n  ok: true\n  account:\n  - x\n\n# and so on\ninput: {response: {status: 500}}\n",
			"# why\nhook: test # the judge\noutput:\n    message: the lab did not say who it is\n    ok: false\n\n# and so on\ninput: {response: {status: 500}}\n"},
		{"hook: respond\ninput: {method: GET, url: /, response: " + refused + "}",
			"hook: respond\ninput: {method: GET, url: /, response: " + refused + "}\nerror:\n    code: out_of_stock\n    message: the lab answered out_of_stock\n"},
		{"{hook: test, input: {}, output: {}}", ""},
	} {
		parsed, err := plugintest.ReadCase("x.yaml", []byte(c.text))
		if err != nil {
			t.Fatal(err)
		}
		result, err := parsed.Run(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		text, err := result.Updated()
		if string(text) != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%q: got %s, %v", c.text, text, err)
		}
		if c.want == "" {
			continue
		}
		again, err := plugintest.ReadCase("x.yaml", text)
		if err != nil {
			t.Fatal(err)
		}
		if result, err = again.Run(t.Context(), r); err != nil || !result.OK() {
			t.Errorf("%s, %v", result.Failed, err)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	other := strings.Replace(manifest, `"respond",`, "", 1) // a hook that the code exports and nobody declares
	for _, file := range [][]byte{nil, abi.Empty(), labConnector(t, other)} {
		if _, err := plugintest.Open(file, plugintest.Options{}); host.CodeOf(err) != host.Failed {
			t.Errorf("got %v", err)
		}
	}
}
