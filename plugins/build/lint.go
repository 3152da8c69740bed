package build

import (
	"cmp"
	"context"
	"errors"
	"path/filepath"
	"slices"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// Lint gives every finding about the connector at path, a folder, its
// connector.yaml or a finished file: what keeps it from being built or
// installed, shapes of its code that the plugin host refuses, and advice.
// Findings about a folder have a place in connector.yaml, those about a file
// the path in its manifest. Check is the plugin host's answer to a whole file,
// which it gives without compiling or running it.
//
// An error says that there is nothing to lint, or that the code cannot be
// built here.
func Lint(ctx context.Context, path string, check func(file []byte) error) ([]Diagnostic, error) {
	dir, err := folderOf(path)
	if err != nil {
		return nil, err
	}
	if dir == "" {
		return lintFile(path, check)
	}
	return lintFolder(ctx, dir, check)
}

func lintFolder(ctx context.Context, dir string, check func(file []byte) error) ([]Diagnostic, error) {
	name := filepath.Join(dir, ManifestFile)
	data, err := readFile(name)
	if err != nil {
		return nil, err
	}
	s := Read(name, data)
	found := s.Diagnostics
	if s.Failed() {
		return found, nil
	}
	for _, p := range advice(s.Manifest) {
		found = append(found, s.place(p))
	}
	c, err := compileCode(ctx, dir, s)
	if bad, ok := errors.AsType[*Invalid](err); ok {
		return sorted(append(found, bad.Diagnostics...)), nil
	}
	if err != nil {
		return nil, err
	}
	found = append(found, c.warnings...)
	if c.from == "" {
		return sorted(found), nil
	}
	m, err := readModule(c.module)
	if err != nil {
		return nil, err
	}
	file, err := abi.Append(c.module, s.JSON)
	if err != nil {
		return nil, err
	}
	for _, p := range append(m.advice(s.Manifest), refusal(check(file))...) {
		p.Path, p.Msg = cmp.Or(p.Path, "hooks"), c.from+": "+p.Msg
		found = append(found, s.place(p))
	}
	return sorted(found), nil
}

// place is a problem where it stands in connector.yaml; one of the whole has
// no line.
func (s Source) place(p abi.Problem) Diagnostic {
	d := s.at(p.Code, p.Path, p.Msg, p.Hint)
	d.Severity = p.Severity
	if p.Path == "" {
		d.Line, d.Column, d.Source = 0, 0, ""
	}
	return d
}

func lintFile(path string, check func(file []byte) error) ([]Diagnostic, error) {
	file, err := readFile(path)
	if err != nil {
		return nil, err
	}
	r, err := Inspect(file)
	if e, ok := errors.AsType[*host.Error](err); ok {
		return []Diagnostic{{Code: "C110", File: path, Msg: e.Msg, Hint: e.Hint}}, nil
	}
	r.Refuse(check(file))
	problems := r.Problems
	if r.Manifest != nil {
		m, _ := readModule(file)
		problems = append(problems, advice(*r.Manifest)...)
		if r.hasCode() {
			problems = append(problems, m.advice(*r.Manifest)...)
		}
	}
	var found []Diagnostic
	for _, p := range problems {
		found = append(found, Diagnostic{Code: p.Code, File: path, Severity: p.Severity, Path: p.Path, Msg: p.Msg, Hint: p.Hint})
	}
	return found, nil
}

// refusal is what the plugin host says against a file. Where it names the limit
// or the feature, that stands behind the code: C120/functions.
func refusal(err error) []abi.Problem {
	if err == nil {
		return nil
	}
	code := abi.Code("C120")
	if e, ok := errors.AsType[*host.GuestError](err); ok && e.Code != "" {
		code += abi.Code("/" + e.Code)
	}
	return []abi.Problem{{Code: code, Msg: err.Error()}}
}

// sorted orders findings by their place; those of other files come first.
func sorted(found []Diagnostic) []Diagnostic {
	slices.SortStableFunc(found, func(a, b Diagnostic) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	return found
}
