package wasm

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"

	"github.com/tetratelabs/wazero"

	"github.com/connhost/connhost/host/wasm/meter"
)

// A module is the loaded code of one connector. It has a wazero runtime of
// its own, so that the disk has a folder for each and dropping one frees
// everything that it had.
type module struct {
	hooks map[string]bool
	pages uint32   // that its memory begins with
	parts []string // what, with the memory, makes an instance as it was; nil where that is not all
	pool  *pool
	turns chan struct{} // one for each of its calls that runs or is next
	waits chan struct{} // one for each of its calls that may wait for a network
	code  wazero.CompiledModule
	rt    wazero.Runtime
	cache wazero.CompilationCache // nil without a disk
}

// close frees the code. No call may be running.
func (m *module) close() error {
	ctx := context.Background()
	if m.pool != nil {
		m.pool.forget(m)
	}
	err := m.rt.Close(ctx)
	if m.cache != nil {
		err = errors.Join(err, m.cache.Close(ctx))
	}
	return err
}

// key names compiled code: everything that went into it.
func key(code []byte) string {
	h := sha256.New()
	fmt.Fprintf(h, "meter %s\n", meter.Version)
	h.Write(code)
	return hex.EncodeToString(h.Sum(nil))
}

// compile makes machine code of a metered module, or takes it from the
// disk. Code on the disk that is not what was written there, or that the
// compiler does not take back, is thrown away and the module compiled again.
func (r *Runtime) compile(ctx context.Context, code []byte) (*module, error) {
	folder := r.disk.open(key(code))
	m, err := build(ctx, code, folder)
	if err != nil && folder != "" {
		r.disk.remove(folder)
		return build(ctx, code, "")
	}
	r.disk.seal(folder)
	return m, err
}

// opening keeps two caches from being opened at once: wazero works out its own
// version at the first, without a lock.
var opening sync.Mutex

func openCache(folder string) (wazero.CompilationCache, error) {
	opening.Lock()
	defer opening.Unlock()
	return wazero.NewCompilationCacheWithDir(folder)
}

func build(ctx context.Context, code []byte, folder string) (_ *module, err error) {
	m := &module{}
	config := wazero.NewRuntimeConfig().WithDebugInfoEnabled(false)
	if folder != "" {
		if m.cache, err = openCache(folder); err != nil {
			return nil, fmt.Errorf("open the cache of compiled code: %w", err)
		}
		config = config.WithCompilationCache(m.cache)
	}
	m.rt = wazero.NewRuntimeWithConfig(ctx, config)
	if err = m.fill(ctx, code); err != nil {
		return nil, errors.Join(err, m.close())
	}
	return m, nil
}

// fill compiles the code and gives it the host's functions to link with.
func (m *module) fill(ctx context.Context, code []byte) (err error) {
	defer func() {
		if recover() != nil {
			err = refused("compile", "the module makes the compiler fail")
		}
	}()
	if m.code, err = m.rt.CompileModule(ctx, code); err != nil {
		return refused("compile", "the module does not compile: %s", firstLine(err))
	}
	return link(ctx, m.rt)
}
