package plugintest

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/wasm"
	"github.com/connhost/connhost/plugins/abi"
	"github.com/connhost/connhost/plugins/build"
)

// Epoch is the time that hooks read in cases that give none.
var Epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// Options say how hooks are called.
type Options struct {
	Limits   wasm.Limits
	CacheDir string                              // where compiled code is kept; nowhere unless given
	Log      func(level slog.Level, line string) // what hooks write
	Asked    func(r abi.GuestRequest)            // a request that a hook wanted to make
	Fixed    bool                                // the clock stands at Epoch or at the call's Now, and random bytes are the same for each call
}

// A Runner calls the hooks of one connector. It is for one goroutine.
type Runner struct {
	Manifest abi.Manifest
	opts     Options
	hash     string
	runtime  *wasm.Runtime
	mu       sync.Mutex // the source of random bytes is read by the plugin host
	now      time.Time
	random   io.Reader
}

// Open makes a Runner of a connector's file.
func Open(file []byte, opts Options) (*Runner, error) {
	report, err := build.Inspect(file)
	if err != nil {
		return nil, err
	}
	if faults := abi.Faults(report.Problems); len(faults) > 0 || report.Manifest == nil {
		msg := "it holds no valid manifest"
		if len(faults) > 0 {
			msg = faults[0].Msg
		}
		return nil, host.Errorf(host.Failed, "the connector cannot be called: %s", msg).WithHint("see all that is wrong: connhost connector lint FILE")
	}
	r := &Runner{Manifest: *report.Manifest, opts: opts, hash: report.Hash}
	set := wasm.Options{
		File:     func(context.Context, string) ([]byte, error) { return file, nil },
		CacheDir: opts.CacheDir, Limits: opts.Limits,
	}
	if opts.Log != nil {
		set.Log = func(_ string, level slog.Level, line string) { opts.Log(level, line) }
	}
	if opts.Fixed {
		set.Now, set.Random = func() time.Time { return r.now }, r
	}
	r.runtime, err = wasm.New(set)
	return r, err
}

// Read gives the random bytes of the present call.
func (r *Runner) Read(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.random.Read(p)
}

// Close frees the compiled code.
func (r *Runner) Close() error { return r.runtime.Close() }

// Prepare compiles the connector's code, if there is any.
func (r *Runner) Prepare(ctx context.Context) error { return r.runtime.Prepare(ctx, r.hash) }

// A Call is one call of a hook.
type Call struct {
	Hook    string
	Input   []byte
	Bodies  [][]byte               // by handle 1, 2, ...
	Secrets map[string]host.Secret // by the names that the hook knows, such as client_secret or answer:/code
	Now     time.Time              // with Fixed; Epoch unless given
	Keep    bool                   // the instance may wait for the next call, as one of a connection does
}

// Call calls a hook. Its errors are those of host.Hooks.
func (r *Runner) Call(ctx context.Context, c Call) (json.RawMessage, host.Used, error) {
	r.now, r.random = c.Now, rand.NewChaCha8([32]byte{})
	if r.now.IsZero() {
		r.now = Epoch
	}
	connector := host.Connector{Manifest: r.Manifest}
	in := host.GuestCall{
		Hash: r.hash, Hook: c.Hook, Input: c.Input, Bodies: c.Bodies, Budget: connector.Budget(),
		Vault: host.Vault{
			Keys: c.Secrets, Revealed: r.Manifest.RevealSecrets,
			Answer: func(pointer string) (host.Secret, bool) { s, ok := c.Secrets["answer:"+pointer]; return s, ok },
		},
	}
	if c.Keep {
		in.Reuse = "kept"
	}
	if c.Hook == abi.HookAction {
		in.Fetch = r.fetch
	}
	return r.runtime.Call(ctx, in)
}

// fetch tells a hook that nothing leaves.
func (r *Runner) fetch(_ context.Context, req abi.GuestRequest) (abi.Response, []byte, error) {
	if r.opts.Asked != nil {
		r.opts.Asked(req)
	}
	return abi.Response{}, nil, host.Errorf(host.Refused, "no request leaves a hook that is called by itself")
}
