package peerbench

import (
	"context"
	"errors"

	extism "github.com/extism/go-sdk"
	"github.com/tetratelabs/wazero"
)

// extismHost is used as its documentation recommends for many calls: compiled
// once (NewCompiledPlugin), with an instance at hand.
func extismHost(name string, bounded bool) Host {
	return Host{Name: name, Bounded: bounded, Cache: true, Load: func(ctx context.Context, g Guest, cache string) (Plugin, error) {
		manifest := extism.Manifest{Wasm: []extism.Wasm{extism.WasmData{Data: g.Extism}}}
		if bounded {
			manifest.Timeout = maxMillis
			manifest.Memory = &extism.ManifestMemory{MaxPages: maxPages}
		}
		config := wazero.NewRuntimeConfig()
		p := &extismPlugin{}
		if cache != "" {
			var err error
			if p.cache, err = wazero.NewCompilationCacheWithDir(cache); err != nil {
				return nil, err
			}
			config = config.WithCompilationCache(p.cache)
		}
		var err error
		p.code, err = extism.NewCompiledPlugin(ctx, manifest, extism.PluginConfig{RuntimeConfig: config, EnableWasi: true}, nil)
		if err != nil {
			return nil, err
		}
		p.instance, err = p.code.Instance(ctx, extism.PluginInstanceConfig{})
		return p, err
	}}
}

type extismPlugin struct {
	cache    wazero.CompilationCache // nil without a folder
	code     *extism.CompiledPlugin
	instance *extism.Plugin
}

func (p *extismPlugin) Call(ctx context.Context, function string, in []byte) ([]byte, error) {
	_, out, err := p.instance.CallWithContext(ctx, function, in)
	return out, err
}

func (p *extismPlugin) Fresh(ctx context.Context, function string, in []byte) ([]byte, error) {
	instance, err := p.code.Instance(ctx, extism.PluginInstanceConfig{})
	if err != nil {
		return nil, err
	}
	_, out, err := instance.CallWithContext(ctx, function, in)
	return out, errors.Join(err, instance.Close(ctx))
}

func (p *extismPlugin) Close(ctx context.Context) error {
	err := errors.Join(p.instance.Close(ctx), p.code.Close(ctx))
	if p.cache != nil {
		err = errors.Join(err, p.cache.Close(ctx))
	}
	return err
}
