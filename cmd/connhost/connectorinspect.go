package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
	"github.com/connhost/connhost/plugins/build"
)

func (p *program) connectorInspect() *cobra.Command {
	return &cobra.Command{
		Use: "inspect FILE|DIR", Short: "Show what a connector's file holds, without running it", Args: exactly("FILE or DIR"),
		Example: "  connhost connector inspect acme/acme.wasm",
		RunE: func(cmd *cobra.Command, args []string) error {
			opened, err := build.Open(cmd.Context(), args[0])
			if err != nil {
				return p.invalid(err)
			}
			p.warn(opened.Warnings)
			admit, err := p.admission()
			if err != nil {
				return err
			}
			report, err := build.Inspect(opened.File)
			if err != nil {
				return err
			}
			report.Refuse(admit(opened.File))
			d := inspectedData{report, p.signedBy(args[0])}
			if err := p.show(d, func(w io.Writer) { writeInspected(w, d) }); err != nil {
				return err
			}
			return installable(args[0], report)
		},
	}
}

// inspectedData is what a file holds, and who signed it.
type inspectedData struct {
	build.Report
	SignedBy string `json:"signed_by,omitempty"`
}

func writeInspected(w io.Writer, d inspectedData) {
	writeReport(w, d.Report)
	if d.SignedBy != "" {
		fmt.Fprintf(w, "\nsigned by: %s\n", d.SignedBy)
	}
}

// installable gives the first problem that keeps a file from being installed.
func installable(path string, r build.Report) error {
	faults := abi.Faults(r.Problems)
	if r.Valid() || len(faults) == 0 {
		return nil
	}
	e := host.Errorf(host.Failed, "%s is not a connector that can be installed: %s", path, strings.TrimPrefix(faults[0].Path+": "+faults[0].Msg, ": "))
	if len(faults) > 1 {
		e = host.Errorf(host.Failed, "%s, and %s", e.Msg, plural(len(faults)-1, "more problem"))
	}
	return e.WithHint("%s", or(faults[0].Hint, "see all that it holds: connhost connector inspect "+path))
}
