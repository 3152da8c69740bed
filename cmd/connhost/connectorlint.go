package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/wasm"
	"github.com/connhost/connhost/plugins/abi"
	"github.com/connhost/connhost/plugins/build"
)

func (p *program) connectorLint() *cobra.Command {
	return &cobra.Command{
		Use: "lint FILE|DIR...", Short: "Find what is wrong with connectors, and what could be better", Args: atLeast("FILE or DIR"),
		Long: `Lint connectors: folders with a connector.yaml, or built files. Every mistake of
the manifest is shown with its place, what the plugin host would refuse of the
code, and advice. Nothing is run and no store is opened. Each finding has a code;
plugins/MANIFEST.md lists them. Warnings alone are no failure.`,
		Example: `  connhost connector lint ./acme
  connhost connector lint --output sarif connectors/*`,
		Annotations: writesSarif,
		RunE:        func(cmd *cobra.Command, args []string) error { return p.lint(cmd.Context(), args) },
	}
}

// lintData is one linted connector as it is printed.
type lintData struct {
	Path     string             `json:"path"`
	OK       bool               `json:"ok"` // there is no error; there may be warnings
	Findings []build.Diagnostic `json:"findings"`
}

func (p *program) lint(ctx context.Context, paths []string) error {
	admit, err := p.admission()
	if err != nil {
		return err
	}
	var all []lintData
	var found []finding
	failed := false
	for _, path := range paths {
		list, err := build.Lint(ctx, path, admit)
		if err != nil {
			return err
		}
		d := lintData{Path: path, OK: true, Findings: append([]build.Diagnostic{}, list...)}
		for _, f := range list {
			d.OK = d.OK && f.Severity != abi.Fault
			found = append(found, lintFinding(f))
		}
		failed = failed || !d.OK
		all = append(all, d)
		if p.flags.output == "text" {
			p.writeLint(d)
		}
	}
	switch p.flags.output {
	case "json":
		err = p.show(all, nil)
	case "sarif":
		err = p.encode(newSarif(found, connectorRule))
	}
	if err == nil && failed {
		return quiet{host.Failed}
	}
	return err
}

// admission is the plugin host's answer to a file. Nothing is compiled, so it
// needs no store and no cache.
func (p *program) admission() (func(file []byte) error, error) {
	set, err := p.settings(&p.flags)
	if err != nil {
		return nil, err
	}
	runtime, err := wasm.New(wasm.Options{
		File:   func(context.Context, string) ([]byte, error) { return nil, errors.New("lint loads no connector") },
		Limits: hookLimits(set.limits),
	})
	if err != nil {
		return nil, err
	}
	return runtime.Check, nil
}

func (p *program) writeLint(d lintData) {
	for _, f := range d.Findings {
		fmt.Fprint(p.out, f.Render())
	}
	if len(d.Findings) == 0 {
		fmt.Fprintf(p.out, "%s: ok\n", d.Path)
	}
}

func lintFinding(d build.Diagnostic) finding {
	return finding{
		rule: string(d.Code), level: d.Severity.String(), message: d.Msg, hint: d.Hint,
		file: d.File, member: d.Path, line: d.Line, column: d.Column,
	}
}

// connectorRule is what a code of a connector's findings is about.
func connectorRule(id string) string {
	info, _ := abi.Explain(abi.Code(id))
	return info.Meaning
}
