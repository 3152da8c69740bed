package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
	"github.com/connhost/connhost/plugins/abi"
)

// installFlags are the options of connector install.
type installFlags struct {
	sha256 string
	lock   string
	yes    bool
}

func (p *program) connectorInstall() *cobra.Command {
	var f installFlags
	cmd := &cobra.Command{
		Use: "install FILE|DIR|URL", Short: "Install a connector as a draft", Args: f.args,
		Long: `Install a connector, as a draft that only administrators see and use. What it may
do is shown first: where it may go, its hooks, the secrets that its code reads, the
values of a service's answers that it shows as no secrets, and its limits.
Installing a draft again replaces it; any other version stays beside the new one,
with the connections that use it. A connector whose code reads secrets, or that
may do more than the version before it, needs --yes.

With trusted_keys in the configuration file only signed connectors are
installed.`,
		Example: `  connhost connector install acme/acme.wasm
  connhost connector install https://acme.example/acme.wasm --sha256 HASH
  connhost connector install --lock connhost.lock.yaml`,
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if f.sha256, err = parseHash("--sha256", f.sha256); err != nil {
				return err
			}
			if f.lock != "" {
				return p.installLock(cmd, f)
			}
			return p.installOne(cmd, args[0], f)
		},
	}
	cmd.Flags().StringVar(&f.sha256, "sha256", "", "refuse a file that does not have this `HASH`")
	cmd.Flags().StringVar(&f.lock, "lock", "", "install what a lock `FILE` lists, and nothing else")
	cmd.Flags().BoolVar(&f.yes, "yes", false, "agree to what the connector may do, and do not ask")
	return cmd
}

// args wants one argument, or none with --lock.
func (f *installFlags) args(cmd *cobra.Command, args []string) error {
	if f.lock == "" {
		return exactly("FILE, DIR or URL")(cmd, args)
	}
	if f.sha256 != "" {
		return usage(cmd, "--sha256 is for one file; a lock file has its own hashes")
	}
	return exactly()(cmd, args)
}

// installOne installs one connector. A local file is looked at before the store
// is opened.
func (p *program) installOne(cmd *cobra.Command, arg string, f installFlags) error {
	var src connectorSource
	if !isURL(arg) {
		var err error
		if src, err = p.openLocal(cmd.Context(), arg); err == nil {
			err = src.check(f.sha256)
		}
		if err != nil {
			return err
		}
	}
	return p.withSession(cmd, func(ctx context.Context, s *session) error {
		if isURL(arg) {
			var err error
			if src, err = p.openSource(ctx, s, arg); err == nil {
				err = src.check(f.sha256)
			}
			if err != nil {
				return err
			}
		}
		in, err := p.install(ctx, s, src.request(), f.yes)
		if err != nil {
			return err
		}
		d := newInstalledData(in, s.settings.callback)
		if d.Next, err = nextOf(ctx, s, in.Connector); err != nil {
			return err
		}
		return p.show(d, func(w io.Writer) { writeInstalled(w, in, d) })
	})
}

func (src connectorSource) request() broker.InstallRequest {
	return broker.InstallRequest{File: src.file, Signature: src.signature, Source: src.origin}
}

// install shows what a connector may do, asks for agreement where a person can
// be asked, and installs it. Without a terminal only what needs an agreement
// and has none is shown here; the rest is part of the outcome.
func (p *program) install(ctx context.Context, s *session, req broker.InstallRequest, yes bool) (broker.Installed, error) {
	plan, err := s.broker.Plan(ctx, s.subject, req)
	if err != nil {
		return broker.Installed{}, err
	}
	req.Before, req.Agreed = plan.Compared(), yes
	if !yes && !plan.Existed && (p.askable || plan.Asks()) {
		c := plan.Connector
		fmt.Fprintf(p.err, "%s %s\n", c.ID, c.Version())
		writeCapabilities(p.err, plan.Capabilities)
		writeChanges(p.err, plan.Before, plan.Changes)
		if p.askable {
			if err := p.confirm(ctx, fmt.Sprintf("install %s %s?", c.ID, c.Version()), false); err != nil {
				return broker.Installed{}, err
			}
			req.Agreed = true
		}
	}
	return s.broker.Install(ctx, s.subject, req)
}

// installedData is an installation as it is printed.
type installedData struct {
	connectorData
	Existed  bool         `json:"existed"`
	Replaced bool         `json:"replaced"`
	Before   string       `json:"before,omitempty"`
	Changes  []changeData `json:"changes"`
	Reauth   int          `json:"authorizations_to_renew"`
	Next     string       `json:"next,omitempty"` // the command to type
}

// nextOf is what makes a draft usable: its client credential, where it needs one
// and there is none, and then a connection.
func nextOf(ctx context.Context, s *session, c host.Connector) (string, error) {
	if c.Stage != host.Draft {
		return "", nil
	}
	if c.Manifest.NeedsClient() {
		list, err := s.broker.Credentials(ctx, s.subject, c.ID)
		if err != nil {
			return "", err
		}
		if len(list) == 0 {
			secret := " --secret-stdin client_secret"
			if c.Manifest.Auth.Type == abi.AuthOAuth2 && c.Manifest.ClientAuth() == abi.ClientAuthNone {
				secret = ""
			}
			return "connhost credential add " + c.ID + " --quick --client-id ID" + secret, nil
		}
	}
	if c.Current {
		return "connhost connection create " + c.ID, nil
	}
	return fmt.Sprintf("connhost connection create %s --version %s, or connhost connector publish %s", c.ID, c.Version(), c.ID), nil
}

func newInstalledData(in broker.Installed, back callbackPlace) installedData {
	d := installedData{
		connectorData: newConnectorData(in.Connector, back), Existed: in.Existed, Replaced: in.Replaces,
		Changes: newChangeData(in.Changes), Reauth: len(in.Reauth),
	}
	if in.Before != nil {
		d.Before = in.Before.Version()
	}
	return d
}

func writeInstalled(w io.Writer, in broker.Installed, d installedData) {
	what := "installed"
	switch {
	case in.Existed:
		what = "was installed already:"
	case in.Replaces:
		what = "replaced the draft of"
	}
	fmt.Fprintf(w, "%s %s %s (%s)\n", what, d.ID, d.Version, stageText(d.Stage, d.BuiltIn))
	writeCapabilities(w, host.CapabilitiesOf(in.Connector.Manifest))
	if d.Signer != "" {
		fmt.Fprintf(w, "signed by %s (key %s)\n", d.Signer, d.SignerKey)
	}
	writeChanges(w, in.Before, in.Changes)
	writeReauth(w, d.Reauth)
	if d.Next != "" {
		fmt.Fprintf(w, "next: %s\n", d.Next)
	}
}

// writeReauth says how many authorizations another version cannot use.
func writeReauth(w io.Writer, n int) {
	if n > 0 {
		fmt.Fprintf(w, "it talks to other places than before: %s to authorize anew\n", plural(n, "authorization"))
	}
}
