package peerbench

import (
	"context"
	"encoding/json"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/wasm"
	"github.com/connhost/connhost/plugins/abi"
)

var connhost = Host{Name: "connhost", Bounded: true, Cache: true, Load: loadConnhost}

// hooks are the functions in the words of connhost.v1.
var hooks = map[string]string{Noop: abi.HookTest, Echo: abi.HookRespond}

type connhostPlugin struct {
	rt   *wasm.Runtime
	hash string
}

func loadConnhost(ctx context.Context, g Guest, cache string) (Plugin, error) {
	manifest, err := json.Marshal(map[string]any{"connhost": 1, "id": "guest", "hooks": []string{hooks[Noop], hooks[Echo]}})
	if err != nil {
		return nil, err
	}
	file, err := abi.Append(g.Connhost, manifest)
	if err != nil {
		return nil, err
	}
	rt, err := wasm.New(wasm.Options{
		File:     func(context.Context, string) ([]byte, error) { return file, nil },
		CacheDir: cache,
	})
	if err != nil {
		return nil, err
	}
	p := connhostPlugin{rt, abi.Hash(file)}
	return p, rt.Prepare(ctx, p.hash)
}

// Call is how the broker calls: an instance may serve the next call of the
// same connection, as it was when it had started.
func (p connhostPlugin) Call(ctx context.Context, function string, in []byte) ([]byte, error) {
	return p.call(ctx, function, in, "connection")
}

func (p connhostPlugin) Fresh(ctx context.Context, function string, in []byte) ([]byte, error) {
	return p.call(ctx, function, in, "")
}

func (p connhostPlugin) call(ctx context.Context, function string, in []byte, reuse string) ([]byte, error) {
	out, _, err := p.rt.Call(ctx, host.GuestCall{Hash: p.hash, Hook: hooks[function], Input: in, Reuse: reuse})
	return out, err
}

func (p connhostPlugin) Close(context.Context) error { return p.rt.Close() }
