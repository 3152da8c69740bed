package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/build"
)

func (p *program) connectorBuild() *cobra.Command {
	return &cobra.Command{
		Use: "build DIR", Short: "Build DIR/<id>.wasm from connector.yaml and its code", Args: exactly("DIR"),
		Example: "  connhost connector build ./acme",
		RunE: func(cmd *cobra.Command, args []string) error {
			built, err := build.Build(cmd.Context(), folderOf(args[0]))
			if err != nil {
				return p.invalid(err)
			}
			p.warn(built.Warnings)
			d := map[string]any{"path": built.Path, "hash": built.Hash, "size": len(built.File), "code_size": built.CodeSize, "manifest_size": built.ManifestSize}
			return p.show(d, func(w io.Writer) {
				fmt.Fprintf(w, "built %s (%d bytes, sha256 %s)\n", built.Path, len(built.File), built.Hash)
			})
		},
	}
}

// folderOf is a connector's folder, which may be named by its connector.yaml, as
// lint, inspect and install take it.
func folderOf(arg string) string {
	if filepath.Base(arg) == build.ManifestFile {
		return filepath.Dir(arg)
	}
	return arg
}

// invalid prints every mistake of a connector with its place, once.
func (p *program) invalid(err error) error {
	bad, ok := errors.AsType[*build.Invalid](err)
	if !ok {
		return err
	}
	fmt.Fprint(p.err, bad.Render())
	return quiet{host.Failed}
}

func (p *program) warn(list []build.Diagnostic) {
	for _, d := range list {
		fmt.Fprint(p.err, d.Render())
	}
}
