package wasm_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/wasm"
	"github.com/connhost/connhost/plugins/abi"
)

// A bench is a Runtime over files in memory.
type bench struct {
	*wasm.Runtime
	mu    sync.Mutex
	files map[string][]byte
	reads int
	log   []string
}

func open(t testing.TB, opts wasm.Options) *bench {
	t.Helper()
	b := &bench{files: map[string][]byte{}}
	opts.File = func(_ context.Context, hash string) ([]byte, error) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.reads++
		if f, ok := b.files[hash]; ok {
			return f, nil
		}
		return nil, host.Errorf(host.NotFound, "no connector %s", hash)
	}
	opts.Log = func(_ string, level slog.Level, line string) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.log = append(b.log, level.String()+" "+line)
	}
	r, err := wasm.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	b.Runtime = r
	t.Cleanup(func() { r.Close() })
	return b
}

func (b *bench) add(file []byte) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	hash := abi.Hash(file)
	b.files[hash] = file
	return hash
}

func (b *bench) call(hash, hook, input string) (string, error) {
	out, _, err := b.Call(context.Background(), host.GuestCall{Hash: hash, Hook: hook, Input: []byte(input)})
	return string(out), err
}

// want is a guest's error in short: kind, code, and a part of the sentence.
func wantError(t *testing.T, err error, kind host.GuestErrorKind, code, part string) {
	t.Helper()
	g, ok := errors.AsType[*host.GuestError](err)
	if !ok || g.Kind != kind || g.Code != code || !strings.Contains(g.Msg, part) || g.Connector == "" || g.Hook == "" {
		t.Errorf("got %#v, want %s %s: %s", err, kind, code, part)
	}
}

// serves proves that the runtime still answers others.
func (b *bench) serves(t *testing.T) {
	t.Helper()
	if got, err := b.call(b.add(file(t, echo.wasm(), "test")), "test", `{"a":1}`); err != nil || got != `{"a":1}` {
		t.Errorf("the next call: got %q, %v", got, err)
	}
}

func TestCall(t *testing.T) {
	b := open(t, wasm.Options{})
	hash := b.add(file(t, echo.wasm(), "test"))
	out, used, err := b.Call(context.Background(), host.GuestCall{Hash: hash, Hook: "test", Input: []byte(`[1]`)})
	if err != nil || string(out) != `[1]` {
		t.Fatalf("got %q, %v", out, err)
	}
	if used.Time <= 0 || used.Memory != 64<<10 || used.Output != 3 {
		t.Errorf("used %+v", used)
	}
	if _, err := b.call(hash, "token", `{}`); err == nil {
		t.Error("a hook that is not there answered")
	} else {
		wantError(t, err, host.Violation, "", `no hook "token"`)
	}
	if _, err := b.call("none", "test", `{}`); host.CodeOf(err) != host.NotFound {
		t.Errorf("an unknown connector: %v", err)
	}
	if b.reads != 2 {
		t.Errorf("%d reads of files, want 2", b.reads)
	}
}

func TestDeclaredError(t *testing.T) {
	failing := func(data string, result int32) []byte {
		return unit{
			imports: []function{from("output", 2)},
			funcs:   []function{hook("test", num(0)+num(int32(len(data)))+call(0)+opDrop+num(result))},
			data:    data,
		}.wasm()
	}
	b := open(t, wasm.Options{})
	for _, c := range []struct{ data, code, msg string }{
		{`{"code":"slow","message":"later","retryable":true,"reauth":true,"field":"key"}`, "slow", "later"},
		{`{"code":"slow"}`, "slow", "slow"},
		{`{"code":"a\nb","message":"c\u001b[0m"}`, "a b", "c [0m"},
	} {
		_, err := b.call(b.add(file(t, failing(c.data, 1), "test")), "test", `{}`)
		wantError(t, err, host.Declared, c.code, c.msg)
		if g, _ := errors.AsType[*host.GuestError](err); g != nil && strings.Contains(c.data, "field") && (!g.Retryable || !g.Reauth || g.Field != "key") {
			t.Errorf("got %+v", g)
		}
	}
	for _, c := range []struct {
		data   string
		result int32
		part   string
	}{
		{`{"message":"x"}`, 1, "no code"},
		{`[]`, 1, "no code"},
		{`{`, 1, "not JSON"},
		{"\"\xff\"", 0, "not JSON"},
		{`{} x`, 0, "not JSON"},
		{`{}`, 2, "gave 2"},
		{`{}`, -1, "gave -1"},
	} {
		_, err := b.call(b.add(file(t, failing(c.data, c.result), "test")), "test", `{}`)
		wantError(t, err, host.Violation, "", c.part)
	}
	b.serves(t)
}

func TestCallerLeaves(t *testing.T) {
	b := open(t, wasm.Options{})
	hash := b.add(file(t, loop().wasm(), "test"))
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	_, _, err := b.Call(ctx, host.GuestCall{Hash: hash, Hook: "test", Input: []byte(`{}`)})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	b.serves(t)
}

func TestConcurrentCallsLoadOnce(t *testing.T) {
	b := open(t, wasm.Options{Limits: wasm.Limits{Concurrent: 2}})
	hash := b.add(file(t, echo.wasm(), "test"))
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			want := fmt.Sprintf(`{"i":%d}`, i)
			if got, err := b.call(hash, "test", want); err != nil || got != want {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
	wg.Wait()
	if b.reads != 1 {
		t.Errorf("%d loads, want 1", b.reads)
	}
}

// A connector whose calls all take their whole time does not take all places.
func TestOthersGetATurn(t *testing.T) {
	b := open(t, wasm.Options{Limits: wasm.Limits{Concurrent: 2, Time: time.Minute}})
	hash := b.add(file(t, loop().wasm(), "test"))
	b.serves(t)
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			_, _, err := b.Call(ctx, host.GuestCall{Hash: hash, Hook: "test", Input: []byte(`{}`)})
			if !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
		})
	}
	for range 20 {
		b.serves(t)
	}
	cancel()
	wg.Wait()
}

func TestModulesMakeRoom(t *testing.T) {
	b := open(t, wasm.Options{Limits: wasm.Limits{Modules: 2}})
	var hashes []string
	for i := range 3 {
		u := echo
		u.data = fmt.Sprint(i)
		hashes = append(hashes, b.add(file(t, u.wasm(), "test")))
	}
	for _, i := range []int{0, 1, 0, 2, 0, 1} { // 1 goes when 2 comes
		if _, err := b.call(hashes[i], "test", `{}`); err != nil {
			t.Fatal(err)
		}
	}
	if b.reads != 4 {
		t.Errorf("%d loads, want 4", b.reads)
	}
}

func TestClose(t *testing.T) {
	b := open(t, wasm.Options{})
	b.serves(t)
	for range 2 {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := b.call(b.add(file(t, echo.wasm(), "test")), "test", `{}`); err == nil {
		t.Error("a closed runtime answered")
	}
}

type faulty struct{}

func (faulty) Read([]byte) (int, error) { panic("a bug") }

// A mistake of the host's is an error of the host's, and not blamed on a guest.
func TestMistakesOfOurs(t *testing.T) {
	b := open(t, wasm.Options{Random: faulty{}})
	random := unit{imports: []function{from("random", 2)}, funcs: []function{hook("test", num(0)+num(8)+call(0))}}
	_, err := b.call(b.add(file(t, random.wasm(), "test")), "test", `{}`)
	if host.CodeOf(err) != host.Internal || errors.As(err, new(*host.GuestError)) {
		t.Errorf("a panic in a host function: %v", err)
	}
	b.serves(t)

	hash := b.add(file(t, loop().wasm(), "test"))
	b.files[hash] = file(t, echo.wasm(), "test")
	if _, err := b.call(hash, "test", `{}`); host.CodeOf(err) != host.Refused {
		t.Errorf("another file: %v", err)
	}

	r, err := wasm.New(wasm.Options{File: func(context.Context, string) ([]byte, error) { panic("a bug") }})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	_, _, err = r.Call(context.Background(), host.GuestCall{Hash: "x", Hook: "test", Input: []byte(`{}`)})
	if host.CodeOf(err) != host.Internal {
		t.Errorf("a panic while loading: %v", err)
	}
}
