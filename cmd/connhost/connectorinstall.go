package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
	"github.com/connhost/connhost/plugins/build"
)

func (p *program) connectorInstall() *cobra.Command {
	return &cobra.Command{
		Use: "install FILE|DIR", Short: "Install a connector as a draft", Args: exactly("FILE or DIR"),
		Long: `Install a connector, as a draft that only administrators see and use. What it may
do is shown. Installing a draft again replaces it. Connectors of strangers are
not yet safe to install: see README.`,
		Example: "  connhost connector install acme/acme.wasm",
		RunE: func(cmd *cobra.Command, args []string) error {
			opened, err := build.Open(cmd.Context(), args[0])
			if err != nil {
				return p.invalid(err)
			}
			p.warn(opened.Warnings)
			report, err := build.Inspect(opened.File)
			if err == nil {
				err = installable(args[0], report)
			}
			if err != nil {
				return err
			}
			return p.withSession(cmd, func(ctx context.Context, s *session) error { return p.install(ctx, s, opened.File) })
		},
	}
}

// installedData is an installation as it is printed.
type installedData struct {
	connectorData
	Existed  bool `json:"existed"`
	Replaced bool `json:"replaced"`
	Reauth   int  `json:"authorizations_to_renew"`
}

func (p *program) install(ctx context.Context, s *session, file []byte) error {
	in, err := s.broker.Install(ctx, s.subject, broker.InstallRequest{File: file})
	if err != nil {
		return err
	}
	d := installedData{newConnectorData(in.Connector, s.settings.callbackPort), in.Existed, in.Replaces, len(in.Reauth)}
	return p.show(d, func(w io.Writer) { writeInstalled(w, in, d) })
}

func writeInstalled(w io.Writer, in broker.Installed, d installedData) {
	what := "installed"
	switch {
	case in.Existed:
		what = "was installed already:"
	case in.Replaces:
		what = "replaced the draft of"
	}
	fmt.Fprintf(w, "%s %s %s (%s)\n", what, d.ID, d.Version, d.Stage)
	facts(w, "  may go to", strings.Join(d.Hosts, ", "), "  hooks", strings.Join(d.Hooks, ", "), "  auth", d.Auth)
	if d.Reauth > 0 {
		fmt.Fprintf(w, "it talks to other places than before: %s to authorize anew\n", plural(d.Reauth, "authorization"))
	}
	if d.Stage == host.Draft {
		fmt.Fprintf(w, "next: connhost connection create %s\n", d.ID)
	}
}
