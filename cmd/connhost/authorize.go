package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
)

// authorizeFlags are the options of connection authorize.
type authorizeFlags struct {
	params    []string
	secrets   secretFlags
	noBrowser bool
	paste     bool
	device    bool
	yes       bool
	reuse     bool
	choice    string
	given     map[string]host.Secret // of secrets, where they were read already
}

// register adds what connection authorize and connection create --authorize share.
func (f *authorizeFlags) register(fs *pflag.FlagSet) {
	fs.BoolVar(&f.noBrowser, "no-browser", false, "print the URL and open no browser")
	fs.BoolVar(&f.paste, "paste", false, "read the URL that the browser ends at from standard input: the browser is on another machine")
	fs.BoolVar(&f.device, "device", false, "show a code to enter on any device")
	fs.BoolVar(&f.yes, "yes", false, "accept that the service answers for another account than before, or does not take what was given")
	fs.StringVar(&f.choice, "choose", "", "what to use the connection with, by its `KEY`, where the account has several")
	f.secrets.register(fs)
}

func (p *program) connectionAuthorize() *cobra.Command {
	var f authorizeFlags
	cmd := &cobra.Command{
		Use: "authorize LINK_NAME", Short: "Authorize a connection, or authorize it anew", Args: exactly("LINK_NAME"),
		Long: `Authorize a connection. With OAuth the service's page is opened in a browser,
or its URL is printed, and the answer is awaited on 127.0.0.1 for 90 seconds. With
--paste, or with callback.url in the configuration file, the page is opened on any
machine, and the URL that it ends at is pasted.
With --device, where the service has that, a code is entered on any device.
Otherwise the connector's parameters are stored: plain ones with --param, secret
ones as below, and what is missing is asked for when a terminal is there.`,
		Example: `  connhost connection authorize acme_connection
  connhost connection authorize acme_connection --paste
  connhost connection authorize acme_connection --device
  connhost connection authorize acme_connection --reuse
  connhost connection authorize weather_connection --secret-stdin key < key.txt
  connhost connection authorize desk_connection --param username=ada --secret-env password=DESK_PASSWORD`,
		ValidArgsFunction: p.completeConnections,
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.paste && f.device {
				return usage(cmd, "--paste and --device are two ways: give one")
			}
			return p.withSession(cmd, func(ctx context.Context, s *session) error { return p.authorize(ctx, s, args[0], f) })
		},
	}
	cmd.Flags().StringArrayVar(&f.params, "param", nil, "a parameter that is not secret, `KEY=VALUE`; repeats")
	cmd.Flags().BoolVar(&f.reuse, "reuse", false, "use an existing authorization with the same parameters, and ask nobody")
	f.register(cmd.Flags())
	cmd.MarkFlagsMutuallyExclusive("reuse", "paste", "device")
	return cmd
}

// authorize uses an authorization that is there, or makes one, and tells of it.
func (p *program) authorize(ctx context.Context, s *session, link string, f authorizeFlags) error {
	if f.reuse {
		got, err := s.broker.Reuse(ctx, s.subject, s.settings.env, link)
		if err != nil {
			return err
		}
		return p.showSwitched(got)
	}
	got, err := p.obtain(ctx, s, link, f)
	if err != nil {
		return err
	}
	d, failed := p.settled(ctx, s, link, got, f.choice)
	if err := p.show(d, func(w io.Writer) { writeAuthorized(w, d, got) }); err != nil {
		return err
	}
	return failed
}

// settled is a new authorization as it is printed, with what was chosen for it.
func (p *program) settled(ctx context.Context, s *session, link string, got broker.Authorized, choice string) (authorizedData, error) {
	d := p.authorized(link, got)
	c, err := p.decide(ctx, s, got, choice)
	if err == nil && c.Chosen.Key != "" {
		d.Chosen, d.Choices = newChoiceData(c), nil
	}
	return d, err
}

// way chooses how to authorize; again is the command without the flag that may
// not be given.
func (f *authorizeFlags) way(c host.Connector, ways []broker.Way, what, again string) (broker.Way, error) {
	switch {
	case f.device && !slices.Contains(ways, broker.ByDevice):
		return "", host.Errorf(host.Usage, "connector %q has no way to authorize on another device", c.ID).WithHint("%s", again)
	case f.device:
		return broker.ByDevice, nil
	case f.paste && ways[0] != broker.ByBrowser:
		return "", host.Errorf(host.Usage, "%s is not authorized in a browser, so there is no address to paste", what).WithHint("%s", again)
	}
	return ways[0], nil
}

// obtain gathers the fields and goes the connector's way.
func (p *program) obtain(ctx context.Context, s *session, link string, f authorizeFlags) (got broker.Authorized, err error) {
	ways, connector, err := s.broker.Ways(ctx, s.subject, link)
	if err != nil {
		return got, err
	}
	way, err := f.way(connector, ways, "connection "+quote(link), "connhost connection authorize "+link)
	if err != nil {
		return got, err
	}
	req := broker.AuthorizeRequest{Connection: link, Environment: s.settings.env, OtherAccount: f.yes, Secrets: f.given}
	if req.Values, err = pairs("--param", f.params); err != nil {
		return got, err
	}
	if req.Secrets == nil {
		if req.Secrets, err = f.secrets.read(p.system); err != nil {
			return got, err
		}
	}
	if err := p.askFields(ctx, connector, &req); err != nil {
		return got, err
	}
	v, err := s.broker.Connection(ctx, s.subject, link)
	if err != nil {
		return got, err
	}
	p.warnOfCrossing(v) // while the person can still leave
	defer func() { err = inEnvironment(err, v.Connection, s.settings.env) }()
	switch {
	case way == broker.ByDevice:
		return p.authorizeByDevice(ctx, s, req)
	case way == broker.ByBrowser && (f.paste || s.settings.callback.url != ""): // nothing of ours listens there
		return p.authorizeByPaste(ctx, s, connector, req)
	case way == broker.ByBrowser:
		return p.authorizeInBrowser(ctx, s, connector, req, f.noBrowser)
	}
	return s.broker.Authorize(ctx, s.subject, req)
}

// authorizeAgain is the command that authorizes the place of an environment.
func authorizeAgain(c host.Connection, env host.Environment) string {
	again := "connhost connection authorize " + c.LinkName
	if slot := c.Slot(env); slot != host.Shared {
		again += " --env " + string(slot)
	}
	return again
}

// inEnvironment names the environment in the hint of an error that says to
// authorize again: without it another place would be.
func inEnvironment(err error, c host.Connection, env host.Environment) error {
	e, ok := errors.AsType[*host.Error](err)
	full := authorizeAgain(c, env)
	if !ok || strings.Contains(e.Hint, full) {
		return err
	}
	return e.WithHint("%s", strings.ReplaceAll(e.Hint, "connhost connection authorize "+c.LinkName, full))
}

// askFields asks a person for required fields that were not given, as far as
// the answers before make them visible, and for none when there is no terminal:
// the broker then tells what is missing.
func (p *program) askFields(ctx context.Context, c host.Connector, req *broker.AuthorizeRequest) error {
	if !p.askable {
		return nil
	}
	for _, field := range broker.Fields(c) {
		_, plain := req.Values[field.Key]
		_, secret := req.Secrets[field.Key]
		if plain || secret || !field.Required || field.Default != "" || broker.Invisible(c, req.Values, req.Secrets)[field.Key] {
			continue
		}
		label := or(field.Label, field.Key)
		if len(field.Enum) > 0 {
			label += " (" + strings.Join(field.Enum, ", ") + ")"
		}
		if field.Help != "" {
			fmt.Fprintln(p.err, field.Help)
		}
		text, err := p.ask(ctx, label, field.Secret)
		if err != nil {
			return err
		}
		if field.Secret {
			req.Secrets[field.Key] = host.NewSecret(text)
		} else {
			req.Values[field.Key] = text
		}
	}
	return nil
}

// authorizedData is a new authorization as it is printed.
type authorizedData struct {
	LinkName    string           `json:"link_name"`
	Environment host.Environment `json:"environment"`
	Status      host.State       `json:"status"`
	Account     string           `json:"account"`
	Granted     []string         `json:"scopes_granted,omitempty"`
	Refused     []string         `json:"scopes_refused,omitempty"`
	Warning     string           `json:"warning,omitempty"`
	Crosses     string           `json:"crosses,omitempty"` // data leave the residency
	Disabled    bool             `json:"disabled,omitempty"`
	Unused      string           `json:"unused_authorization,omitempty"`
	Chosen      *choiceData      `json:"chosen,omitempty"`
	Choices     []choiceData     `json:"choices,omitempty"` // one of them has to be chosen
}

// authorized is what is printed of a new authorization; it warns too.
func (p *program) authorized(link string, got broker.Authorized) authorizedData {
	a := got.Authorization
	d := authorizedData{LinkName: link, Environment: got.Environment, Status: a.State, Account: a.AccountLabel, Granted: a.Granted, Warning: got.Warning, Disabled: got.Disabled, Crosses: got.Crosses}
	if got.Unused != nil {
		d.Unused = string(got.Unused.ID)
	}
	if a.Chosen.Key != "" {
		d.Chosen = &choiceData{What: got.What, Key: a.Chosen.Key, Label: a.Chosen.Label}
	}
	for _, c := range got.Choices {
		d.Choices = append(d.Choices, choiceData{What: got.What, Key: c.Key, Label: c.Label})
	}
	for _, scope := range a.Asked {
		if !slices.Contains(a.Granted, scope) {
			d.Refused = append(d.Refused, scope)
		}
	}
	if d.Warning != "" {
		fmt.Fprintf(p.err, "warning: %s\nhint: test it: connhost connection test %[2]s; were the values wrong, authorize again: connhost connection authorize %[2]s\n", p.mask.Text(d.Warning), link)
	}
	return d
}

func writeAuthorized(w io.Writer, d authorizedData, got broker.Authorized) {
	fmt.Fprintf(w, "authorized %s%s\n", d.LinkName, as(d.Account))
	if got.Disabled {
		fmt.Fprintf(w, "it is switched off; to use it: connhost connection enable %s\n", d.LinkName)
	}
	if d.Chosen != nil {
		fmt.Fprintf(w, "it is used with %s\n", d.Chosen.text())
	}
	if len(d.Refused) > 0 {
		fmt.Fprintf(w, "not granted: %s\n", strings.Join(d.Refused, " "))
	}
	if got.Unused != nil {
		writeUnused(w, newAuthorizationData(broker.AuthorizationView{Authorization: *got.Unused}))
	}
	if d.Status == host.Expiring {
		fmt.Fprintf(w, "it ends at %s: %s\n", stamp(got.Authorization.TokenExpires), got.Authorization.Reason)
	}
}
