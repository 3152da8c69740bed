package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
	"github.com/connhost/connhost/plugins/abi"
)

// createFlags are the options of connection create.
type createFlags struct {
	req    broker.CreateRequest
	access string
	mode   string
	params []string
	envs   []string
}

func (p *program) connectionCreate() *cobra.Command {
	var f createFlags
	cmd := &cobra.Command{
		Use: "create CONNECTOR", Short: "Create a connection; it is authorized in a second step", Args: exactly("CONNECTOR"),
		Example: `  connhost connection create acme
  connhost connection create acme --name "Acme of sales" --access user`,
		ValidArgsFunction: p.completeConnectors,
		RunE: func(cmd *cobra.Command, args []string) error {
			f.req.Connector = args[0]
			return p.withSession(cmd, func(ctx context.Context, s *session) error { return p.create(ctx, s, f) })
		},
	}
	fs := cmd.Flags()
	p.versionFlag(cmd, &f.req.Version, "version", "the connector's `VERSION`; its current one unless given")
	fs.StringVar(&f.req.Name, "name", "", `its name; "<service> Connection" unless given`)
	fs.StringVar(&f.req.LinkName, "link-name", "", "what scripts write; made from the name unless given")
	fs.StringVar(&f.access, "access", "", "admin: one authorization for all; user: everyone authorizes for themselves (default admin)")
	fs.StringVar(&f.mode, "mode", "", "quick: the host's own client credential; custom: the connection's (default quick)")
	fs.StringVar(&f.req.Credential, "credential", "", "the name or id of a client credential, for custom")
	fs.StringSliceVar(&f.req.Scopes, "scope", nil, "a scope to ask for; repeats; all unless given")
	fs.StringArrayVar(&f.params, "param", nil, "a parameter of kind host, `KEY=HOST`; repeats")
	fs.StringVar(&f.req.DataCentre, "data-centre", "", "the service's data centre; the first within your residency, or the first, unless given")
	_ = cmd.RegisterFlagCompletionFunc("data-centre", p.completeCentres)
	fs.StringSliceVar(&f.envs, "separate", nil, "an environment with an authorization of its own; repeats")
	return cmd
}

func (p *program) create(ctx context.Context, s *session, f createFlags) error {
	f.req.Access, f.req.Mode = host.Access(f.access), host.Mode(f.mode)
	if f.req.Mode != "" && f.req.Mode != host.Quick && f.req.Mode != host.Custom {
		return host.Errorf(host.Usage, "no mode named %q", f.mode).WithHint("use quick or custom")
	}
	for _, name := range f.envs {
		env, err := host.ParseEnvironment(name)
		if err != nil {
			return err
		}
		f.req.Environments = append(f.req.Environments, env)
	}
	var err error
	if f.req.Params, err = pairs("--param", f.params); err != nil {
		return err
	}
	c, err := s.broker.Create(ctx, s.subject, f.req)
	if err != nil {
		return err
	}
	v, err := s.broker.Connection(ctx, s.subject, c.LinkName)
	if err != nil {
		return err
	}
	reusable, err := s.broker.Reusable(ctx, s.subject, c.LinkName)
	if err != nil {
		return err
	}
	p.warnOfCrossing(v)
	d := newConnectionData(v, s.settings.env)
	for _, a := range reusable {
		d.Reusable = append(d.Reusable, string(a.ID))
	}
	return p.show(d, func(w io.Writer) {
		next := "connhost connection authorize " + c.LinkName
		if v.Connector.Manifest.Auth.Type == abi.AuthNone {
			next = "connhost invoke / -c " + c.LinkName
		}
		fmt.Fprintf(w, "created %s (%s)\n", c.LinkName, c.Name)
		writeSetUp(w, v)
		for _, a := range reusable {
			fmt.Fprintf(w, "it could use the authorization of %s: connhost connection switch %s --to %s\n", a.AccountLabel, c.LinkName, a.ID)
		}
		fmt.Fprintf(w, "next: %s\n", next)
	})
}

// writeSetUp prints the scopes that the app of a custom client credential must
// be set up for at the service.
func writeSetUp(w io.Writer, v broker.View) {
	if scopes := v.Asks(); v.Connection.Mode == host.Custom && len(scopes) > 0 {
		fmt.Fprintf(w, "set up at %s for this client: %s\n", v.Connector.Manifest.Name, strings.Join(scopes, " "))
	}
}
