// Package build makes a connector's file out of a folder: connector.yaml with
// the place of every mistake, the code if there is any, and the manifest as the
// module's custom section. It also reads a finished file without compiling or
// running it. It does not install or call a connector.
//
//	connector.yaml --Read--> canonical JSON -----------+
//	main.go | hook.rs | hook.ts | hook.c | hook.wasm --+--Compile--> module --Build--> DIR/<id>.wasm
//
// The same input gives the same bytes.
package build

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// ManifestFile is the name of the manifest in a connector's folder.
const ManifestFile = "connector.yaml"

// A Module is a connector's finished file.
type Module struct {
	Manifest     abi.Manifest
	File         []byte
	Hash         string // SHA-256 of File, its identity
	CodeSize     int    // bytes of the module without its manifest; 8 where there is no code
	ManifestSize int    // bytes of the manifest as JSON
	Toolchain    string // such as go1.26.1, where code was compiled here
	Warnings     []Diagnostic
}

// A Built is a Module that was written.
type Built struct {
	Module
	Path string
}

// Build compiles the connector in dir and writes dir/<id>.wasm, whole or not
// at all. An error is an *Invalid with places, or a *host.Error.
func Build(ctx context.Context, dir string) (Built, error) {
	m, err := Compile(ctx, dir)
	if err != nil {
		return Built{}, err
	}
	path := filepath.Join(dir, m.Manifest.ID+".wasm")
	if filepath.Base(path) == prebuilt {
		return Built{}, host.Errorf(host.Failed, "a connector with the id %q would overwrite %s", m.Manifest.ID, prebuilt).
			WithHint("choose another id in %s", ManifestFile)
	}
	if err := write(path, m.File); err != nil {
		return Built{}, err
	}
	return Built{Module: m, Path: path}, nil
}

// Compile makes the connector's file in memory.
func Compile(ctx context.Context, dir string) (Module, error) {
	file := filepath.Join(dir, ManifestFile)
	data, err := readFile(file)
	if err != nil {
		return Module{}, err
	}
	s := Read(file, data)
	if s.Failed() {
		return Module{}, &Invalid{Diagnostics: s.Diagnostics}
	}
	c, err := compileCode(ctx, dir, s)
	if bad, ok := errors.AsType[*Invalid](err); ok {
		return Module{}, &Invalid{Diagnostics: append(slices.Clone(s.Diagnostics), bad.Diagnostics...)}
	}
	if err != nil {
		return Module{}, err
	}
	wasm, err := abi.Append(c.module, s.JSON)
	if err != nil {
		return Module{}, host.Errorf(host.Failed, "%s: %v", c.from, err).Because(err)
	}
	if len(wasm) > abi.MaxFile {
		return Module{}, host.Errorf(host.Refused, "the connector has %d bytes; at most %d are allowed (limit plugin file)", len(wasm), abi.MaxFile)
	}
	return Module{
		Manifest: s.Manifest, File: wasm, Hash: abi.Hash(wasm),
		CodeSize: len(c.module), ManifestSize: len(s.JSON),
		Toolchain: c.toolchain, Warnings: append(s.Diagnostics, c.warnings...),
	}, nil
}

// write replaces a file in one step, so that nobody reads half of it.
func write(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".connector-*")
	if err != nil {
		return cannot("write", path, err)
	}
	defer os.Remove(f.Name())
	_, err = f.Write(data)
	if err == nil {
		err = f.Chmod(0o644)
	}
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return cannot("write", path, err)
	}
	return nil
}
