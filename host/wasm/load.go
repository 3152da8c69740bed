package wasm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/wasm/meter"
	"github.com/connhost/connhost/plugins/abi"
)

// prepared is a module on its way to the compiler.
type prepared struct {
	hooks  []string
	report meter.Report
	code   []byte // metered
}

// load takes a connector's file all the way to compiled code.
func (r *Runtime) load(ctx context.Context, hash string) (*module, error) {
	r.loading <- struct{}{}
	defer func() { <-r.loading }()
	file, err := r.file(ctx, hash)
	if err != nil {
		return nil, err
	}
	p, err := prepare(file, r.opts.Limits)
	if err != nil {
		return nil, err
	}
	m, err := r.compile(ctx, p.code)
	if err != nil {
		return nil, err
	}
	m.pages = p.report.Memory.Min
	m.pool, m.parts = r.pool, parts(p.report)
	m.turns = make(chan struct{}, (r.opts.Limits.Concurrent+1)/2)
	m.hooks = make(map[string]bool, len(p.hooks))
	for _, h := range p.hooks {
		m.hooks[h] = true
	}
	return m, nil
}

// file fetches a connector's file and proves that it is the one asked for.
func (r *Runtime) file(ctx context.Context, hash string) ([]byte, error) {
	file, err := r.opts.File(ctx, hash)
	if err != nil {
		return nil, fmt.Errorf("read connector %s: %w", hash, err)
	}
	if got := abi.Hash(file); got != hash {
		return nil, host.Errorf(host.Refused, "the connector's file is not the one that was installed").
			Because(fmt.Errorf("its hash is %s, want %s", got, hash))
	}
	return file, nil
}

// prepare is every step before the compiler.
func prepare(file []byte, l Limits) (prepared, error) {
	var p prepared
	var err error
	if p.hooks, err = section(file, l); err != nil {
		return p, err
	}
	p.code, p.report, err = meter.Meter(file, l.meter())
	if r, ok := errors.AsType[*meter.Refusal](err); ok {
		return p, refused(r.Code, "the module is refused: %s", r)
	}
	return p, agree(p.report, p.hooks)
}

// section reads the hooks that a file's manifest declares. The rest of the
// manifest was checked when the connector was installed.
func section(file []byte, l Limits) ([]string, error) {
	manifest, err := abi.SectionWithin(file, l.File)
	if err != nil {
		return nil, refused("manifest", "%s", err)
	}
	var declared struct {
		Hooks []string `json:"hooks"`
	}
	if err := json.Unmarshal(manifest, &declared); err != nil {
		return nil, refused("manifest", "the manifest is not readable: %s", err)
	}
	return declared.Hooks, nil
}
