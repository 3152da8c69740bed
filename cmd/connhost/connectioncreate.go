package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
	"github.com/connhost/connhost/plugins/abi"
)

// createFlags are the options of connection create.
type createFlags struct {
	req       broker.CreateRequest
	access    string
	mode      string
	params    []string
	envs      []string
	authorize bool
	grant     authorizeFlags // with authorize
}

func (p *program) connectionCreate() *cobra.Command {
	var f createFlags
	grant := pflag.NewFlagSet("authorize", pflag.ContinueOnError)
	cmd := &cobra.Command{
		Use: "create CONNECTOR", Short: "Create a connection; it is authorized in a second step, or with --authorize", Args: exactly("CONNECTOR"),
		Long: `Create a connection. It is authorized in a second step, or in one with --authorize,
which takes the options and parameters of connection authorize too. When that fails
the connection stays, and connection authorize goes on from there.`,
		Example: `  connhost connection create acme
  connhost connection create acme --authorize
  connhost connection create weather --authorize --secret-stdin key < key.txt
  connhost connection create acme --name "Acme of sales" --access user`,
		ValidArgsFunction: p.completeConnectors,
		RunE: func(cmd *cobra.Command, args []string) error {
			f.req.Connector = args[0]
			if err := onlyWith(cmd, grant, f.authorize); err != nil {
				return err
			}
			if err := filled(cmd, "leave it out for the usual one", "name", "link-name"); err != nil {
				return err
			}
			if cmd.Flags().Changed("scope") && len(f.req.Scopes) == 0 { // the variable of a shell that holds nothing, and not a wish for all
				return host.Errorf(host.Usage, "--scope is empty").WithHint("leave it out to ask for all")
			}
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
	fs.StringSliceVar(&f.req.Scopes, "scope", nil, "a scope to ask for, or all; repeats; all unless given")
	fs.StringArrayVar(&f.params, "param", nil, "a parameter of kind host, `KEY=HOST`, and with --authorize any that is not secret; repeats")
	fs.StringVar(&f.req.DataCentre, "data-centre", "", "the service's data centre; the first within your residency, or the first, unless given")
	_ = cmd.RegisterFlagCompletionFunc("data-centre", p.completeCentres)
	fs.StringSliceVar(&f.envs, "separate", nil, "an environment with an authorization of its own; repeats")
	fs.BoolVar(&f.authorize, "authorize", false, "authorize it too; --env says for which environment")
	f.grant.register(grant)
	fs.AddFlagSet(grant)
	cmd.MarkFlagsMutuallyExclusive("paste", "device")
	return cmd
}

// onlyWith refuses the options of the second step without it.
func onlyWith(cmd *cobra.Command, grant *pflag.FlagSet, authorize bool) (err error) {
	grant.VisitAll(func(flag *pflag.Flag) {
		if flag.Changed && !authorize && err == nil {
			err = usage(cmd, "--"+flag.Name+" belongs to --authorize")
		}
	})
	return err
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
	if f.authorize {
		if err := p.readGrant(ctx, s, &f); err != nil {
			return err
		}
	}
	c, err := s.broker.Create(ctx, s.subject, f.req)
	if err != nil {
		return err
	}
	if f.authorize {
		return p.goOn(ctx, s, c, f.grant)
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
		next := []string{authorizeAgain(c, host.Shared)}
		for _, env := range c.Environments {
			next = append(next, authorizeAgain(c, env))
		}
		if v.Connector.Manifest.Auth.Type == abi.AuthNone {
			next = []string{"connhost invoke / -c " + c.LinkName}
		}
		writeCreated(w, v)
		for _, a := range reusable {
			fmt.Fprintf(w, "it could use the authorization of %s: connhost connection switch %s --to %s\n", a.AccountLabel, c.LinkName, a.ID)
		}
		for _, command := range next {
			fmt.Fprintf(w, "next: %s\n", command)
		}
	})
}

// readGrant readies the second step before anything is made: it takes the
// parameters that are asked for there out of those of the first, and reads the
// secrets.
func (p *program) readGrant(ctx context.Context, s *session, f *createFlags) error {
	connector, err := s.broker.Connector(ctx, s.subject, f.req.Connector, f.req.Version)
	if err != nil {
		return err
	}
	if err := s.subject.Require(host.ManageConnections); err != nil {
		return err
	}
	for _, field := range broker.Fields(connector) {
		if value, given := f.req.Params[field.Key]; given && !field.Secret { // a secret one is refused with the others
			f.grant.params = append(f.grant.params, field.Key+"="+value)
			delete(f.req.Params, field.Key)
		}
	}
	ways := broker.WaysOf(connector.Manifest)
	if _, err := f.grant.way(connector, ways, "connector "+quote(connector.ID), "connhost connection create "+connector.ID+" --authorize"); err != nil {
		return err
	}
	f.grant.given, err = f.grant.secrets.read(p.system)
	return err
}

// createdData is a connection that was created and authorized as it is printed:
// without an authorization where that failed.
type createdData struct {
	connectionData
	Authorized *authorizedData `json:"authorized,omitempty"`
}

// goOn authorizes a connection that was just created. It stays whatever comes
// of that.
func (p *program) goOn(ctx context.Context, s *session, c host.Connection, f authorizeFlags) error {
	v, err := s.broker.Connection(ctx, s.subject, c.LinkName)
	if err != nil {
		return err
	}
	if p.flags.output == "text" { // before the person is sent to the service
		writeCreated(p.out, v)
	}
	got, failed := p.obtain(ctx, s, c.LinkName, f)
	d := createdData{connectionData: newConnectionData(v, s.settings.env)}
	var undecided error
	if failed == nil {
		var a authorizedData
		a, undecided = p.settled(ctx, s, c.LinkName, got, f.choice)
		if v, err = s.broker.Connection(ctx, s.subject, c.LinkName); err != nil {
			return err
		}
		d = createdData{newConnectionData(v, s.settings.env), &a}
	}
	err = p.show(d, func(w io.Writer) {
		if failed == nil {
			writeAuthorized(w, *d.Authorized, got)
			writeOpen(w, d.connectionData)
		}
	})
	switch {
	case failed != nil:
		return stays(failed, c, s.settings.env)
	case err != nil:
		return err
	}
	return undecided
}

// stays is the error of a second step with how to go on, where its hint does not
// say that.
func stays(err error, c host.Connection, env host.Environment) error {
	again := authorizeAgain(c, env)
	e, ok := errors.AsType[*host.Error](err)
	if !ok || strings.Contains(e.Hint, again) {
		return err
	}
	hint := c.LinkName + " stays, to be authorized: " + again
	if e.Hint != "" {
		hint = e.Hint + "; " + hint
	}
	return e.WithHint("%s", hint)
}

func writeCreated(w io.Writer, v broker.View) {
	fmt.Fprintf(w, "created %s (%s)\n", v.Connection.LinkName, v.Connection.Name)
	writeSetUp(w, v)
}

// writeSetUp prints the scopes that the app of a custom client credential must
// be set up for at the service.
func writeSetUp(w io.Writer, v broker.View) {
	if scopes := v.Asks(); v.Connection.Mode == host.Custom && len(scopes) > 0 {
		fmt.Fprintf(w, "set up at %s for this client: %s\n", v.Connector.Manifest.Name, strings.Join(scopes, " "))
	}
}
