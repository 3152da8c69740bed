package guests_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/hosttest/guests"
	"github.com/connhost/connhost/host/wasm"
	"github.com/connhost/connhost/plugins/abi"
	"github.com/connhost/connhost/plugins/build"
)

func runtime(t *testing.T, file []byte) *wasm.Runtime {
	t.Helper()
	r, err := wasm.New(wasm.Options{
		File:   func(context.Context, string) ([]byte, error) { return file, nil },
		Limits: wasm.Limits{Time: time.Minute, Memory: 16 << 20}, // a busy machine is not what fails here
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

// A call is a hook, its input and what becomes of it: an output, or an error.
type call struct {
	name, hook string
	input      any
	bodies     [][]byte
	time       time.Duration // that it may take, unless that of all
	want       string
	err        *host.GuestError
}

func (c call) check(t *testing.T, r *wasm.Runtime, file []byte) {
	t.Helper()
	input, err := json.Marshal(c.input)
	if err != nil {
		t.Fatal(err)
	}
	hash := abi.Hash(file)
	out, _, err := r.Call(context.Background(), host.GuestCall{
		Hash: hash, Hook: c.hook, Input: input, Bodies: c.bodies, Budget: host.Budget{Time: c.time}})
	if c.err != nil {
		want := *c.err
		want.Connector, want.Hook = hash, c.hook
		if got, ok := errors.AsType[*host.GuestError](err); !ok || *got != want {
			t.Errorf("got %.300s, %#v, want %#v", out, err, want)
		}
		return
	}
	var got, want any
	if json.Unmarshal([]byte(c.want), &want) != nil {
		t.Fatalf("the case wants %q, which is not JSON", c.want)
	}
	if err != nil || json.Unmarshal(out, &got) != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %.300s, %v, want %.300s", out, err, c.want)
	}
}

func answered(status int, body string) abi.Response {
	return abi.Response{Status: status, Header: map[string]string{}, Body: body, BodySize: len(body)}
}

func responds(body string) any {
	return abi.RespondInput{Method: "GET", URL: "https://api.acme.example/v1/me", Response: answered(200, body)}
}

func tests(body string) any { return abi.TestInput{Response: answered(200, body)} }

func tokens(answer string) any {
	return abi.TokenInput{Phase: "exchange", Status: 200, Header: map[string]string{}, Answer: json.RawMessage(answer)}
}

func declared(code, msg string) *host.GuestError {
	return &host.GuestError{Kind: host.Declared, Code: code, Msg: msg}
}

// quoted is a text as Go writes it in JSON.
func quoted(text string) string {
	b, _ := json.Marshal(text)
	return string(b)
}

// behind is a body that a hook reads by its handle.
func behind(name, body, want string) call {
	return call{
		name: name, hook: "respond", want: want, bodies: [][]byte{[]byte("{}"), []byte(body)},
		input: abi.RespondInput{Method: "GET", URL: "https://api.acme.example/v1/me",
			Response: abi.Response{Status: 200, Header: map[string]string{}, BodyHandle: 2, BodySize: len(body)}},
	}
}

func examples() []call {
	large := `{"n":[` + strings.Repeat(`"0123456789",`, 6000) + `null]}`
	return []call{
		{name: "tokens", hook: "token",
			input: tokens(`{"data":{"access_token":{"$secret":"answer:/data/access_token"},"refresh_token":{"$secret":"answer:/data/refresh_token"},"expires_in":5,"scope":"items.read","token_type":"Bearer"}}`),
			want:  `{"access":{"$secret":"answer:/data/access_token"},"refresh":{"$secret":"answer:/data/refresh_token"},"expires_in":5,"scope":"items.read","token_type":"Bearer"}`},
		{name: "an expiry behind a handle, and scopes in a list", hook: "token",
			input: tokens(`{"data": {"access_token" : {"$secret":"a"}, "expires_in":{"$secret":"b"}, "scope":["x", "y"]}}`),
			want:  `{"access":{"$secret":"a"},"expires_in":{"$secret":"b"},"scope":["x","y"]}`},
		{name: "no tokens", hook: "token", input: tokens(`{}`), want: `{"access":null}`},
		{name: "an answer of another kind", hook: "token", input: tokens(`{"$secret":"answer:"}`), want: `{"access":null}`},
		{name: "a list for an answer", hook: "token", input: tokens(`[1,2]`), want: `{"access":null}`},
		{name: "values that are no tokens", hook: "token",
			input: tokens(`{"error":5,"data":{"access_token":[1],"refresh_token":7,"token_type":{"$secret":"a"},"scope":null}}`),
			want:  `{"access":null,"scope":null}`},
		{name: "a dead grant", hook: "token", input: tokens(`{"error":"invalid_grant","error_description":"used again"}`),
			err: &host.GuestError{Kind: host.Declared, Code: "refused", Msg: "Acme refused: invalid_grant (used again)", Reauth: true}},
		{name: "a wrong client", hook: "token", input: tokens(`{"error":"invalid_client"}`),
			err: declared("refused", "Acme refused: invalid_client")},

		{name: "a result", hook: "respond", input: responds(`{"ok":true,"result":{"b":[1, 2],"a":"<\u00fc\n\">"}}`),
			want: `{"body":"{\"b\":[1, 2],\"a\":\"<\\u00fc\\n\\\">\"}"}`},
		{name: "a result before ok", hook: "respond", input: responds("\n{ \"result\" : 1.5e3 ,\t\"ok\" : true }\r\n"), want: `{"body":"1.5e3"}`},
		{name: "a result in other alphabets", hook: "respond", input: responds(`{"ok":true,"result":"żółć 水 🙂"}`), want: `{"body":"\"żółć 水 🙂\""}`},
		{name: "control characters of the body", hook: "respond", input: responds("{\"ok\":true,\"result\":[1,\n\t2]}"), want: `{"body":"[1,\n\t2]"}`},
		{name: "a null result", hook: "respond", input: responds(`{"ok":true,"result":null}`), want: `{"body":"null"}`},
		{name: "no result", hook: "respond", input: responds(`{"ok":true}`), want: `{}`},
		{name: "the last of two", hook: "respond", input: responds(`{"ok":true,"result":1,"result":2}`), want: `{"body":"2"}`},
		{name: "a no with status 200", hook: "respond", input: responds(`{"ok":false,"error":"out_of_stock"}`),
			err: declared("out_of_stock", "Acme answered out_of_stock")},
		{name: "a no without a reason", hook: "respond", input: responds(`{"ok":false}`), err: declared("failed", "Acme answered failed")},
		{name: "a reason that is no text", hook: "respond", input: responds(`{"ok":false,"error":5}`), err: declared("failed", "Acme answered failed")},
		{name: "keys in other letters", hook: "respond", input: responds(`{"OK":false,"Result":1}`), want: `{}`},
		{name: "a reason with escapes", hook: "respond", input: responds(`{"ok":false,"error":"\u00fc\ud83d\ude42\\\/\"\ud800 \b\f\r"}`),
			err: declared("ü🙂\\/\"\ufffd    ", "Acme answered ü🙂\\/\"\ufffd    ")},
		{name: "a no with a status", hook: "respond", want: `{}`,
			input: abi.RespondInput{Method: "GET", URL: "https://api.acme.example/", Response: answered(404, `{"ok":false,"error":"no_item"}`)}},
		{name: "a page", hook: "respond", input: responds(`<html>`), want: `{}`},
		{name: "nothing", hook: "respond", input: responds(``), want: `{}`},
		{name: "another object", hook: "respond", input: responds(`{"result":1}`), want: `{}`},
		{name: "ok is no boolean", hook: "respond", input: responds(`{"ok":"true","result":1}`), want: `{}`},
		{name: "a list", hook: "respond", input: responds(`[{"ok":true,"result":1}]`), want: `{}`},
		behind("a large body", `{"ok":true,"result":`+large+`}`, `{"body":`+quoted(large)+`}`),
		behind("a large body that is no JSON", `{"ok":true,"result":`+large, `{}`),
		behind("a body that is not UTF-8", "{\"ok\":true,\"result\":\"\xff\"}", `{}`),
		behind("an overlong body", "{\"ok\":true,\"result\":\"\xc0\xaf \xed\xa0\x80\"}", `{}`),

		{name: "an account", hook: "test", input: tests(`{"ok":true,"result":{"id":"acc_1","name":"Ada Lovelace"}}`),
			want: `{"ok":true,"account":{"key":"acc_1","label":"Ada Lovelace"}}`},
		{name: "an account without a name", hook: "test", input: tests(`{"ok":true,"result":{"id":"\ud83d\ude42"}}`),
			want: `{"ok":true,"account":{"key":"🙂"}}`},
		{name: "no account", hook: "test", input: tests(`{"ok":true,"result":{}}`), want: `{"ok":false,"message":"Acme named no account"}`},
		{name: "a refusal", hook: "test", input: tests(`{"ok":false,"error":"invalid_token"}`), want: `{"ok":false,"message":"Acme answered invalid_token"}`},
		{name: "no answer", hook: "test", input: tests(`oops`), want: `{"ok":false,"message":"Acme did not say who it is"}`},
	}
}

// notJSON are bodies that no language may take for an envelope.
var notJSON = []string{
	`{"ok":true,"result":1}x`, `{"ok":true,"result":01}`, `{"ok":true,"result":1.}`, `{"ok":true,"result":.5}`,
	`{"ok":true,"result":1e}`, `{"ok":true,"result":-}`, `{"ok":true,"result":"\x"}`, `{"ok":true,"result":"\u12g4"}`,
	"{\"ok\":true,\"result\":\"a\tb\"}", `{"ok":true,"result":[1,]}`, `{"ok":true,"result":[1 2]}`, `{"ok":true,"result":{"a"}}`,
	`{"ok":true,"result":{"a":}}`, `{"ok":true,"result":{a:1}}`, `{"ok":true,}`, `{"ok":true "result":1}`, `{"ok":true,"result":"`,
	`{"ok":true,"result":"\`, `{"ok":true,"result":"\u00`, `{"ok":true,"result":nul}`, `{"ok":true`, `{"ok"`, `{`, `{"`, `{"ok":true,"result":+1}`,
}

// One connector in every language: the same answers and the same errors.
func TestExample(t *testing.T) {
	cases := examples()
	for _, body := range notJSON {
		cases = append(cases, call{name: "not JSON: " + body, hook: "respond", input: responds(body), want: `{}`})
	}
	for _, language := range guests.Languages() {
		t.Run(language, func(t *testing.T) {
			file := guests.Example(t, language)
			r := runtime(t, file)
			for _, c := range cases {
				t.Run(c.name, func(t *testing.T) { c.check(t, r, file) })
			}
		})
	}
}

// The kit for Go keeps to what TinyGo compiles.
func TestTinyGo(t *testing.T) {
	file := guests.TinyGo(t)
	r := runtime(t, file)
	for _, c := range examples() {
		t.Run(c.name, func(t *testing.T) { c.check(t, r, file) })
	}
}

// Bodies that are nearly an envelope: every language reads them alike.
func TestAlike(t *testing.T) {
	const letters = "{}[]\":,\\ u0ae+-.1tfn\x00\xff\xc3\xbc"
	body := `{"ok":false,"error":"a\u00fc\n \"b\"","result":[{"x":-1.5e3},null,true,"ü"]}`
	runtimes, files := map[string]*wasm.Runtime{}, map[string][]byte{}
	for _, language := range guests.Languages() {
		files[language] = guests.Example(t, language)
		runtimes[language] = runtime(t, files[language])
	}
	random := rand.New(rand.NewPCG(1, 2))
	read, refused := 0, 0
	for range 400 {
		changed := []byte(body)
		for range 1 + random.IntN(2) {
			at, letter := random.IntN(len(changed)), letters[random.IntN(len(letters))]
			switch random.IntN(3) {
			case 0:
				changed[at] = letter
			case 1:
				changed = slices.Insert(changed, at, letter)
			default:
				changed = slices.Delete(changed, at, min(at+1+random.IntN(3), len(changed)))
			}
		}
		outcome := map[string]string{}
		for language, r := range runtimes {
			outcome[language] = said(t, r, files[language], changed)
		}
		for language, got := range outcome {
			if want := outcome["go"]; got != want {
				t.Errorf("%q in %s: got %s, in Go %s", changed, language, got, want)
			}
		}
		if outcome["go"] == "{}" {
			refused++
		} else {
			read++
		}
	}
	if read < 50 || refused < 50 {
		t.Errorf("%d were read and %d were not: the bodies say too little", read, refused)
	}
}

// said is what a respond hook makes of a body, in one line.
func said(t *testing.T, r *wasm.Runtime, file, body []byte) string {
	t.Helper()
	input, err := json.Marshal(abi.RespondInput{Method: "GET", URL: "https://api.acme.example/v1/me",
		Response: abi.Response{Status: 200, Header: map[string]string{}, BodyHandle: 1, BodySize: len(body)}})
	if err != nil {
		t.Fatal(err)
	}
	out, _, err := r.Call(context.Background(), host.GuestCall{Hash: abi.Hash(file), Hook: "respond", Input: input, Bodies: [][]byte{body}})
	if g, ok := errors.AsType[*host.GuestError](err); ok {
		return fmt.Sprintf("%s %q %q", g.Kind, g.Code, g.Msg)
	}
	var v abi.RespondOutput
	if err != nil || json.Unmarshal(out, &v) != nil {
		t.Fatalf("%q: %s, %v", body, out, err)
	}
	if v.Body == nil {
		return "{}"
	}
	return fmt.Sprintf("body %q", *v.Body)
}

// A guest that goes wrong is the same to the host, whoever compiled it.
func TestFaults(t *testing.T) {
	stopped := func(code, msg string) *host.GuestError {
		return &host.GuestError{Kind: host.Stopped, Code: code, Msg: msg}
	}
	cases := []call{
		{name: "trap", err: stopped("trap", "the hook trapped: unreachable")},
		{name: "exit", err: stopped("exit", "the hook ended itself with exit status 3")},
		{name: "loop", time: time.Second, err: stopped("time", "the hook ran longer than 1s")},
		{name: "memory", err: stopped("memory", "the hook wanted more than 16777216 bytes of memory")},
		{name: "stack", err: stopped("stack", "the hook's calls nest too deeply")},
		{name: "fork", time: time.Second, err: stopped("time", "the hook ran longer than 1s")},
		{name: "declared", err: &host.GuestError{Kind: host.Declared, Code: "rate_limited", Msg: "come back later", Retryable: true, Field: "key"}},
		{name: "nothing", want: `{"ok":true,"message":"nothing"}`},
	}
	for _, language := range guests.Languages() {
		t.Run(language, func(t *testing.T) {
			file := guests.Faults(t, language)
			r := runtime(t, file)
			for _, c := range cases {
				c.hook, c.input = "test", tests(c.name)
				if language == "go" && c.name == "stack" {
					continue // its stacks are memory of its own, and it walks them for its report until its time is over
				}
				t.Run(c.name, func(t *testing.T) { c.check(t, r, file) })
			}
		})
	}
}

// The kits sign, call and encode alike.
func TestKit(t *testing.T) {
	seed := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	der, err := x509.MarshalPKCS8PrivateKey(seed)
	if err != nil {
		t.Fatal(err)
	}
	private := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	key := hmac.New(sha256.New, []byte("swordfish"))
	key.Write([]byte("day"))
	mac := hmac.New(sha1.New, key.Sum(nil))
	mac.Write([]byte("tea"))
	base64 := base64.StdEncoding.EncodeToString
	want := map[string]any{
		"hash": fmt.Sprintf("%x", sha256.Sum256([]byte("tea"))), "mac": base64(mac.Sum(nil)), "signature": base64(ed25519.Sign(seed, []byte("tea"))),
		"secret": "teapot", "random": "07070707", "status": 201.0, "body": "två", "refused": "argument",
		"base64": []any{"", "+w==", "+/A=", "+/AB"}, "seconds": 1767225600.0,
	}
	for _, language := range guests.Languages() {
		t.Run(language, func(t *testing.T) {
			file := guests.Kit(t, language)
			var said []string
			r, err := wasm.New(wasm.Options{
				File: func(context.Context, string) ([]byte, error) { return file, nil }, Limits: wasm.Limits{Time: time.Minute},
				Now: func() time.Time { return time.Unix(1767225600, 5e8) }, Random: sevens{},
				Log: func(_ string, level slog.Level, line string) { said = append(said, level.String()+" "+line) },
			})
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			out, _, err := r.Call(t.Context(), host.GuestCall{
				Hash: abi.Hash(file), Hook: "action", Input: []byte(`{"action":"all","parameters":{},"fields":{}}`),
				Vault: host.Vault{Keys: map[string]host.Secret{"key": host.NewSecret("swordfish"), "private": host.NewSecret(private), "shown": host.NewSecret("teapot")}, Revealed: []string{"shown"}},
				Fetch: func(_ context.Context, r abi.GuestRequest) (abi.Response, []byte, error) {
					if r.Method != "POST" || r.URL != "/tea" || string(r.JSON) != `{"cups":2}` {
						t.Errorf("asked for %+v", r)
					}
					return abi.Response{Status: 201, BodyHandle: 1, BodySize: len("två")}, []byte("två"), nil
				},
			})
			if err != nil {
				t.Fatal(err)
			}
			var got struct{ Result map[string]any }
			if err := json.Unmarshal(out, &got); err != nil || !reflect.DeepEqual(got.Result, want) || !slices.Equal(said, []string{"INFO done"}) {
				t.Errorf("got %s, %v, log %q, want %v", out, err, said, want)
			}
		})
	}
}

// sevens are random bytes.
type sevens struct{}

func (sevens) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 7
	}
	return len(p), nil
}

// Each folder of the example is a whole connector with the same manifest, and
// what its compiler writes is as small as README says.
func TestBuild(t *testing.T) {
	example := filepath.Join("..", "..", "..", "plugins", "sdk", "example")
	same, err := os.ReadFile(filepath.Join(example, "go", "connector.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	modules := guests.Modules(t)
	if len(modules) != 3*len(guests.Languages()) {
		t.Errorf("%d modules", len(modules))
	}
	for language, most := range map[string]int{"c": 10 << 10, "rust": 14 << 10, "assemblyscript": 16 << 10} {
		if n := len(modules[language+"/example"]); n > most {
			t.Errorf("the example in %s has %d bytes, more than %d", language, n, most)
		}
	}
	for _, language := range guests.Languages() {
		dir := filepath.Join(example, language)
		if yaml, err := os.ReadFile(filepath.Join(dir, "connector.yaml")); err != nil || string(yaml) != string(same) {
			t.Errorf("%s: connector.yaml is another than that of go (%v)", language, err)
		}
		m, err := build.Compile(t.Context(), dir)
		if err != nil {
			t.Errorf("%s: %v", language, err)
			continue
		}
		report, err := build.Inspect(m.File)
		if err != nil || !report.Valid() || len(m.Warnings) > 0 {
			t.Errorf("%s: %+v, %v, %v", language, report.Problems, m.Warnings, err)
		}
	}
}

// The same code gives the same bytes, wherever it stands.
func TestReproducible(t *testing.T) {
	for _, language := range guests.Languages() {
		if language == "go" {
			continue // plugins/build has a test of that
		}
		if a, b := guests.Copy(t, language), guests.Copy(t, language); !bytes.Equal(a, b) {
			t.Errorf("%s: %d and %d bytes that differ", language, len(a), len(b))
		}
	}
}
