package peerbench

import (
	"context"
	"errors"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"

	"github.com/connhost/connhost/plugins/peerbench/proto"
)

// knqyf263Host loads with a runtime for each plugin, as the generated code
// does. It has no compiled form to make instances of, so another instance is
// another load; the compilation cache that the runtimes share makes that as
// cheap as it can be.
func knqyf263Host(name string, bounded bool) Host {
	return Host{Name: name, Bounded: bounded, Cache: true, Load: func(ctx context.Context, g Guest, cache string) (Plugin, error) {
		p := &knqyf263Plugin{file: g.Knqyf263, bounded: bounded, cache: wazero.NewCompilationCache()}
		if cache != "" {
			var err error
			if p.cache, err = wazero.NewCompilationCacheWithDir(cache); err != nil {
				return nil, err
			}
		}
		var err error
		if p.loader, err = proto.NewGuestPlugin(ctx, proto.WazeroRuntime(p.runtime)); err != nil {
			return nil, err
		}
		p.instance, err = p.loader.Load(ctx, p.file)
		return p, err
	}}
}

type knqyf263Instance interface {
	proto.Guest
	Close(ctx context.Context) error
}

type knqyf263Plugin struct {
	file     string
	bounded  bool
	cache    wazero.CompilationCache
	loader   *proto.GuestPlugin
	instance knqyf263Instance
}

func (p *knqyf263Plugin) runtime(ctx context.Context) (wazero.Runtime, error) {
	config := wazero.NewRuntimeConfig().WithCompilationCache(p.cache)
	if p.bounded {
		config = config.WithCloseOnContextDone(true).WithMemoryLimitPages(maxPages)
	}
	rt := wazero.NewRuntimeWithConfig(ctx, config)
	_, err := wasi_snapshot_preview1.Instantiate(ctx, rt)
	return rt, err
}

func (p *knqyf263Plugin) Call(ctx context.Context, function string, in []byte) ([]byte, error) {
	return p.call(ctx, p.instance, function, in)
}

func (p *knqyf263Plugin) Fresh(ctx context.Context, function string, in []byte) ([]byte, error) {
	instance, err := p.loader.Load(ctx, p.file)
	if err != nil {
		return nil, err
	}
	out, err := p.call(ctx, instance, function, in)
	return out, errors.Join(err, instance.Close(ctx))
}

func (p *knqyf263Plugin) call(ctx context.Context, g proto.Guest, function string, in []byte) ([]byte, error) {
	if p.bounded {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, maxMillis*time.Millisecond)
		defer cancel()
	}
	call := g.Noop
	if function == Echo {
		call = g.Echo
	}
	out, err := call(ctx, &proto.Bytes{Data: in})
	return out.GetData(), err
}

func (p *knqyf263Plugin) Close(ctx context.Context) error {
	return errors.Join(p.instance.Close(ctx), p.cache.Close(ctx))
}
