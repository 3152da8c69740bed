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
	declared declared
	report   meter.Report
	code     []byte // metered
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
	m.waits = make(chan struct{}, r.opts.Limits.Concurrent)
	m.hooks = make(map[string]bool, len(p.declared.Hooks))
	for _, h := range p.declared.Hooks {
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
	if p.declared, err = section(file, l); err != nil {
		return p, err
	}
	p.code, p.report, err = meter.Meter(file, l.meter())
	if r, ok := errors.AsType[*meter.Refusal](err); ok {
		return p, refused(r.Code, "the module is refused: %s", r)
	}
	return p, agree(p.report, p.declared)
}

// declared is what a file's manifest says about its code. The rest of the
// manifest was checked when the connector was installed.
type declared struct {
	Hooks         []string `json:"hooks"`
	RevealSecrets []string `json:"reveal_secrets"`
}

func section(file []byte, l Limits) (d declared, err error) {
	manifest, err := abi.SectionWithin(file, l.File)
	if err != nil {
		return d, refused("manifest", "%s", err)
	}
	if err := json.Unmarshal(manifest, &d); err != nil {
		return d, refused("manifest", "the manifest is not readable: %s", err)
	}
	return d, nil
}
