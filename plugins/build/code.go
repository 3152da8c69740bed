package build

import (
	"context"
	"path/filepath"
	"slices"
	"strings"

	"github.com/connhost/connhost/plugins/abi"
)

// A code is the module of a connector before its manifest is added.
type code struct {
	module    []byte
	from      string // for messages; empty where there is no code
	toolchain string
	warnings  []Diagnostic
}

// compileCode finds and builds the code of a connector and holds it against
// the hooks that the manifest declares.
func compileCode(ctx context.Context, dir string, s Source) (code, error) {
	c, err := findCode(ctx, dir, s)
	if err != nil {
		return c, err
	}
	if c.from == "" {
		if len(s.Manifest.Hooks) > 0 {
			return c, s.invalid("C101", "hooks", "add "+lookedFor()+", or leave the hooks out", noCode)
		}
		c.module = abi.Empty()
		return c, nil
	}
	m, err := readModule(c.module)
	if err != nil {
		return c, &Invalid{Diagnostics: []Diagnostic{{Code: "C110", File: c.from, Msg: "this is no code for a connector: " + err.Error()}}}
	}
	if slices.ContainsFunc(m.sections, func(s Section) bool { return strings.HasPrefix(s.Name, "custom "+abi.SectionPrefix) }) {
		return c, &Invalid{Diagnostics: []Diagnostic{{Code: "C112", File: c.from, Msg: "the code holds a manifest already; it must be the code alone"}}}
	}
	var found []Diagnostic
	for _, p := range m.problems(s.Manifest) {
		found = append(found, s.at(p.Code, "hooks", c.from+": "+p.Msg, p.Hint))
	}
	if len(found) > 0 {
		return c, &Invalid{Diagnostics: found}
	}
	return c, nil
}

// findCode gives the compiled code of a connector: hook.wasm as it is, or its
// source, which is of one language.
func findCode(ctx context.Context, dir string, s Source) (code, error) {
	found, err := sourcesIn(dir)
	if err != nil {
		return code{}, err
	}
	file := filepath.Join(dir, prebuilt)
	switch ok, err := isFile(file); {
	case err != nil:
		return code{}, err
	case ok:
		module, err := readFile(file)
		c := code{module: module, from: file}
		if len(found) > 0 {
			d := s.at("C115", "hooks", prebuilt+" is used as it is, and "+found[0].name+" beside it is not built", "remove "+prebuilt+" to build "+found[0].name)
			d.Severity = abi.Warning
			c.warnings = []Diagnostic{d}
		}
		return c, err
	case len(found) == 0:
		return code{}, nil
	}
	for _, other := range found[1:] {
		if other.language.name != found[0].language.name {
			return code{}, s.invalid("C118", "hooks", "keep one of them", "there is code in two languages: "+found[0].name+" and "+other.name)
		}
	}
	return found[0].compile(ctx, found[0].dir)
}

// at is a diagnostic at a key of the manifest.
func (s Source) at(code abi.Code, path, msg, hint string) Diagnostic {
	line, column := s.tree.find(path, false)
	return Diagnostic{Code: code, File: s.File, Line: line, Column: column, Path: path, Msg: msg, Hint: hint, Source: s.tree.line(line)}
}

func (s Source) invalid(code abi.Code, path, hint, msg string) error {
	return &Invalid{Diagnostics: []Diagnostic{s.at(code, path, msg, hint)}}
}

const noCode = "hooks are declared and there is no code"

// problems holds what a module imports and exports against the agreement and
// the declared hooks.
func (m module) problems(declared abi.Manifest) []abi.Problem {
	hooks := declared.Hooks
	var list []abi.Problem
	wrong := func(code abi.Code, msg, hint string) {
		list = append(list, abi.Problem{Code: code, Msg: msg, Hint: hint})
	}
	for _, i := range m.imports {
		if code, msg := importProblem(i); code != "" {
			wrong(code, msg, "ABI.md lists what a guest may import")
		}
		if msg, hint := unspoken(i, declared); msg != "" {
			wrong("C117", msg, hint)
		}
	}
	exported := map[string]Export{}
	for _, e := range m.exports {
		exported[e.Name] = e
	}
	if len(hooks) > 0 && exported[abi.ExportMemory].Kind != "memory" {
		wrong("C106", "the code exports no memory called "+abi.ExportMemory, "")
	}
	for _, hook := range hooks {
		switch e, ok := exported[abi.HookPrefix+hook]; {
		case !ok:
			wrong("C107", "the hook "+quote(hook)+" is declared and the code does not export "+abi.HookPrefix+hook, "export it, or take it out of hooks")
		case e.Kind != "func" || e.Type != abi.HookType:
			wrong("C108", abi.HookPrefix+hook+" must be a function "+abi.HookType+", not "+strings.TrimSpace(e.Kind+" "+e.Type), "")
		}
	}
	for _, e := range m.exports {
		if hook, ok := strings.CutPrefix(e.Name, abi.HookPrefix); ok && !slices.Contains(hooks, hook) {
			wrong("C109", "the code exports "+quote(e.Name)+" and the manifest does not declare the hook "+quote(hook), "add it to hooks, or do not export it")
		}
	}
	return list
}

// unspoken says that the manifest does not speak of what an import can do: what
// a connector may do is read in its manifest.
func unspoken(i Import, declared abi.Manifest) (msg, hint string) {
	switch {
	case i.Module != abi.ImportModule:
	case i.Name == abi.ImportHTTP && !slices.Contains(declared.Hooks, abi.HookAction):
		return `the code imports "http", and the manifest does not declare the hook "action", which alone may call`, "declare the hook, or do not import http"
	case i.Name == abi.ImportSecret && len(declared.RevealSecrets) == 0:
		return `the code imports "secret", and the manifest lists nothing in reveal_secrets`, "list the secrets, or do not import secret"
	}
	return "", ""
}

func importProblem(i Import) (abi.Code, string) {
	name := quote(i.Module + "." + i.Name)
	switch {
	case i.Kind != "func":
		return "C105", "the code imports " + name + ", which is no function"
	case i.Module == abi.WASIModule && slices.Contains(abi.WASIFunctions(), i.Name):
		return "", ""
	}
	for _, f := range abi.Functions() {
		if f.Module != i.Module || f.Name != i.Name {
			continue
		}
		if f.Type != i.Type {
			return "C104", "the code imports " + name + " as " + i.Type + ", and it is " + f.Type
		}
		return "", ""
	}
	return "C102", "the code imports " + name + ", which no host has"
}
