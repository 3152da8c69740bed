package wasm

import (
	"errors"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/wasm/meter"
)

// An Inspection is what is told of a file by reading it.
type Inspection struct {
	Bytes  int
	Hooks  []string     // that its manifest declares
	Module meter.Report // as far as it was read

	// Refusal says why the file would not be loaded, nil when it would be. Its
	// code is short and stable: that of a meter.Refusal, or "manifest",
	// "import", "export" or "hook".
	Refusal *host.GuestError
}

// Inspect reads a file within limits, of which the zero ones are the
// defaults. It compiles nothing, so "compile" is a refusal that only a first
// call can give: for types that do not fit.
func Inspect(file []byte, l Limits) Inspection {
	p, err := prepare(file, l.orDefault())
	refusal, _ := errors.AsType[*host.GuestError](err)
	return Inspection{Bytes: len(file), Hooks: p.declared.Hooks, Module: p.report, Refusal: refusal}
}

// Check says whether a file would be loaded, without compiling it: for who
// installs or lints one. The error is a *host.GuestError.
func (r *Runtime) Check(file []byte) error {
	_, err := prepare(file, r.opts.Limits)
	return err
}
