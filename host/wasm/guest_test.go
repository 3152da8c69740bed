package wasm_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/wasm"
	"github.com/connhost/connhost/plugins/abi"
)

// compileGo builds a Go program as authors do.
func compileGo(t testing.TB, dir string) []byte {
	t.Helper()
	out := filepath.Join(t.TempDir(), "hook.wasm")
	cmd := exec.Command("go", "build", "-buildmode=c-shared", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", out, ".")
	cmd.Dir = dir
	cmd.Env = append(cmd.Environ(), "GOOS=wasip1", "GOARCH=wasm", "GOWASM=", "GOFLAGS=", "CGO_ENABLED=0")
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build %s: %v\n%s", dir, err, text)
	}
	module, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return module
}

// goHook is the example of the Go kit, with the hooks token, respond and test.
func goHook(t testing.TB) []byte {
	t.Helper()
	exampleHook.Do(func() {
		exampleHook.module = compileGo(t, filepath.Join("..", "..", "plugins", "sdk", "example", "go"))
	})
	if exampleHook.module == nil {
		t.Fatal("the example was not built")
	}
	return file(t, exampleHook.module, "token", "respond", "test")
}

var exampleHook, sdkGuest struct {
	sync.Once
	module []byte
}

// guest is the connector of testdata/guest, built once.
func guest(t testing.TB) []byte {
	t.Helper()
	sdkGuest.Do(func() { sdkGuest.module = compileGo(t, filepath.Join("testdata", "guest")) })
	if sdkGuest.module == nil {
		t.Skip("the guest was not built")
	}
	manifest := `{"connhost":1,"id":"guest","hooks":["token","respond","test","action"],"reveal_secrets":["password"]}`
	f, err := abi.Append(sdkGuest.module, []byte(manifest))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func fixedClock() func() time.Time {
	at := time.Date(2026, 1, 2, 3, 4, 5, 6e6, time.UTC)
	return func() time.Time { return at }
}

// zeros is a random source that is safe for concurrent use.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// The whole way, from Go source over the SDK, with every host call.
func TestGuest(t *testing.T) {
	var trace []string
	opts := wasm.Options{CacheDir: compiled, Now: fixedClock(), Random: zeros{}}
	opts.TraceTo(func(line string) { trace = append(trace, line) })
	b := open(t, opts)
	hash := b.add(guest(t))
	big := bytes.Repeat([]byte("0123456789"), 4000)
	respond, _ := json.Marshal(abi.RespondInput{Method: "GET", URL: "https://a.test/",
		Response: abi.Response{Status: 200, BodyHandle: 1, BodySize: len(big)}})
	for _, c := range []struct {
		hook, input, want string
		trace             []string
	}{
		{"token", `{"phase":"refresh","status":200,"headers":{},"answer":{"a":{"$secret":"answer:/a"}}}`,
			`{"access":{"$secret":"answer:/a"},"capture":{"now":"2026-01-02T03:04:05.006Z","random":"00000000"}}`,
			[]string{"input = 84", "log = 13", "random = 4", "now = 2091486350", "output = 99"}},
		{"respond", string(respond), `{"body":"GET https://a.test/: 40000 bytes, the last is '9'"}`,
			[]string{"input = 115", "body = 40000", "output = 60"}},
	} {
		trace = nil
		out, used, err := b.Call(context.Background(), host.GuestCall{
			Hash: hash, Hook: c.hook, Input: []byte(c.input), Bodies: [][]byte{big}})
		if err != nil || string(out) != c.want {
			t.Errorf("%s: got %s, %v, want %s", c.hook, out, err, c.want)
		}
		if !slices.Equal(trace, c.trace) {
			t.Errorf("%s: trace %q, want %q", c.hook, trace, c.trace)
		}
		t.Logf("%s used %+v", c.hook, used)
	}
	if !slices.Equal(b.log, []string{"INFO phase refresh"}) {
		t.Errorf("logged %q", b.log)
	}
}

// A Go guest finds the host's clock and random source, and nothing else.
func TestGuestSystem(t *testing.T) {
	b := open(t, wasm.Options{CacheDir: compiled, Now: fixedClock(), Random: zeros{}, Limits: wasm.Limits{Time: time.Second, Memory: 32 << 20}})
	hash := b.add(guest(t))
	act := func(what string) (string, error) {
		input, _ := json.Marshal(abi.TestInput{Response: abi.Response{Body: what}})
		out, err := b.call(hash, "test", string(input))
		var answer abi.TestOutput
		_ = json.Unmarshal([]byte(out), &answer)
		return answer.Message, err
	}
	for what, want := range map[string]string{
		"sleep":       "1h0m0s",
		"goroutines":  "from a goroutine",
		"random":      "00000000",
		"environment": "[[],[]]",
	} {
		if got, err := act(what); err != nil || got != want {
			t.Errorf("%s: got %q, %v, want %q", what, got, err, want)
		}
	}
	for _, c := range []struct {
		what       string
		kind       host.GuestErrorKind
		code, part string
	}{
		{"panic", host.Stopped, "trap", "trapped: unreachable"},
		{"exit", host.Stopped, "exit", "exit status 3"},
		{"loop", host.Stopped, "time", "longer than 1s"},
		{"memory", host.Stopped, "memory", "more than 33554432 bytes"},
		{"declared", host.Declared, "rate_limited", "come back later"},
		{"dance", host.Declared, "hook", "cannot dance"},
	} {
		b.log = nil
		_, err := act(c.what)
		wantError(t, err, c.kind, c.code, c.part)
		if c.what == "panic" && (len(b.log) == 0 || !strings.HasPrefix(b.log[0], "WARN panic: as asked")) {
			t.Errorf("the panic was logged as %q", b.log)
		}
	}
	b.serves(t)
}

// What the host offers is what authors are told.
func TestOffered(t *testing.T) {
	own, wasi := wasm.Offered()
	if !reflect.DeepEqual(own, abi.Functions()) {
		t.Errorf("got %v, want %v", own, abi.Functions())
	}
	told := abi.WASIFunctions()
	slices.Sort(wasi)
	slices.Sort(told)
	if !slices.Equal(wasi, told) {
		t.Errorf("got %v, want %v", wasi, told)
	}
}
