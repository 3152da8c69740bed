package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
)

// updateFlags are the options of connection update.
type updateFlags struct {
	req    broker.UpdateRequest
	scopes string
	envs   string
	keep   string
	access string
	mode   string
}

func (p *program) connectionUpdate() *cobra.Command {
	var f updateFlags
	cmd := &cobra.Command{
		Use: "update LINK_NAME", Short: "Change a connection; its link name stays", Args: exactly("LINK_NAME"),
		Long: `Change a connection. Its link name stays, because scripts write it.

Other scopes are asked for when it is authorized the next time; until then
connection show tells which are lacking. An environment that gets an authorization
of its own is not_connected until it is authorized; where environments lose their
own, --keep says which becomes the shared one. What was authorized with another
client credential must be authorized anew. From admin to user an authorization goes
to who gave it; from user to admin only your own may, if it is the only one.`,
		Example: `  connhost connection update acme_connection --name "Acme of sales"
  connhost connection update acme_connection --scopes items.read,orders.write
  connhost connection update acme_connection --environments production
  connhost connection update acme_connection --environments none --keep production
  connhost connection update acme_connection --account-label "Sales robot"`,
		ValidArgsFunction: p.completeConnections,
		RunE: func(cmd *cobra.Command, args []string) error {
			f.req.Connection = args[0]
			if cmd.Flags().NFlag() == 0 {
				return usage(cmd, "there is nothing to change")
			}
			return p.withSession(cmd, func(ctx context.Context, s *session) error { return p.update(ctx, s, cmd, f) })
		},
	}
	fs := cmd.Flags()
	fs.StringVar(&f.req.Name, "name", "", "its new name")
	fs.StringVar(&f.scopes, "scopes", "", "all, or the `SCOPES` to ask for, with commas")
	fs.StringVar(&f.envs, "environments", "", "none, or the `ENVIRONMENTS` with an authorization of their own, with commas")
	fs.StringVar(&f.keep, "keep", "", "which authorization becomes the shared one: that of an `ENVIRONMENT`, or shared")
	fs.StringVar(&f.access, "access", "", "admin: one authorization for all; user: everyone authorizes for themselves")
	fs.StringVar(&f.mode, "mode", "", "quick: the host's own client credential; custom: the connection's")
	fs.StringVar(&f.req.Credential, "credential", "", "the name or id of a client credential, for custom")
	fs.StringVar(&f.req.AccountLabel, "account-label", "", "another name for the account of its authorization")
	completeWords(cmd, "environments", "none", "development", "stage", "production")
	completeWords(cmd, "keep", "shared", "development", "stage", "production")
	completeWords(cmd, "access", "admin", "user")
	completeWords(cmd, "mode", "quick", "custom")
	return cmd
}

// completeWords completes the words that a flag takes.
func completeWords(cmd *cobra.Command, flag string, words ...string) {
	// It fails only for a flag that does not exist.
	_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
}

func (p *program) update(ctx context.Context, s *session, cmd *cobra.Command, f updateFlags) error {
	req := f.req
	req.Access, req.Mode, req.Environment = host.Access(f.access), host.Mode(f.mode), s.settings.env
	if req.Mode != "" && req.Mode != host.Quick && req.Mode != host.Custom {
		return host.Errorf(host.Usage, "no mode named %q", f.mode).WithHint("use quick or custom")
	}
	if err := filled(cmd, "leave it out to keep what is there", "name", "account-label", "scopes", "environments"); err != nil {
		return err
	}
	if f.scopes != "" {
		list := []string{}
		if f.scopes != "all" {
			list = words(f.scopes)
		}
		req.Scopes = &list
	}
	var err error
	if req.Keep, err = parseKeep(f.keep); err != nil {
		return err
	}
	if f.envs != "" {
		list := []host.Environment{}
		for _, name := range words(f.envs) {
			if name == "none" {
				continue
			}
			env, err := host.ParseEnvironment(name)
			if err != nil {
				return err
			}
			list = append(list, env)
		}
		req.Environments = &list
	}
	u, err := s.broker.Update(ctx, s.subject, req)
	if host.CodeOf(err) == host.Usage && req.Environments != nil && req.Keep == "" && p.askable {
		if req.Keep, err = p.askKeep(ctx, err); err != nil {
			return err
		}
		u, err = s.broker.Update(ctx, s.subject, req)
	}
	if err != nil {
		return err
	}
	return p.showUpdated(ctx, s, u)
}

// filled refuses options that are given and empty.
func filled(cmd *cobra.Command, hint string, flags ...string) error {
	for _, flag := range flags {
		if cmd.Flags().Changed(flag) && cmd.Flags().Lookup(flag).Value.String() == "" {
			return host.Errorf(host.Usage, "--%s is empty", flag).WithHint("%s", hint)
		}
	}
	return nil
}

// askKeep asks which authorization becomes the shared one, after the sentence
// that says between which.
func (p *program) askKeep(ctx context.Context, why error) (host.Environment, error) {
	if !strings.Contains(why.Error(), "take the place of") {
		return "", why
	}
	fmt.Fprintln(p.err, why)
	answer, err := p.ask(ctx, "Which becomes the shared one (shared or an environment)", false)
	if err != nil {
		return "", err
	}
	return parseKeep(strings.TrimSpace(answer))
}

func parseKeep(name string) (host.Environment, error) {
	if name == "" || name == string(host.Shared) {
		return host.Environment(name), nil
	}
	return host.ParseEnvironment(name)
}

// words splits at commas and spaces.
func words(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
}

// updatedData is a changed connection as it is printed.
type updatedData struct {
	connectionData
	Changed []string            `json:"changed"`
	Unused  []authorizationData `json:"unused_authorizations,omitempty"`
}

func (p *program) showUpdated(ctx context.Context, s *session, u broker.Updated) error {
	v, err := s.broker.Connection(ctx, s.subject, u.Connection.LinkName)
	if err != nil {
		return err
	}
	d := updatedData{connectionData: newConnectionData(v, s.settings.env), Changed: u.Changed}
	for _, a := range u.Unused {
		d.Unused = append(d.Unused, newAuthorizationData(broker.AuthorizationView{Authorization: a}))
	}
	return p.show(d, func(w io.Writer) {
		if len(u.Changed) == 0 {
			fmt.Fprintf(w, "nothing to change in %s\n", d.LinkName)
			return
		}
		fmt.Fprintf(w, "updated %s\n", d.LinkName)
		for _, change := range u.Changed {
			fmt.Fprintf(w, "  %s\n", change)
		}
		writeSetUp(w, v)
		writeOpen(w, d.connectionData)
		writeUnused(w, d.Unused...)
	})
}

// writeOpen tells which places are still to be authorized, or again.
func writeOpen(w io.Writer, d connectionData) {
	for _, place := range d.Authorization {
		again := "connhost connection authorize " + d.LinkName
		if place.Environment != host.Shared {
			again += " --env " + string(place.Environment)
		}
		switch {
		case place.Status == host.NotConnected || place.Status == host.Status(host.NeedsReauth):
			fmt.Fprintf(w, "%s is %s: %s\n", place.Environment, place.Status, again)
		case len(place.Missing) > 0:
			fmt.Fprintf(w, "%s lacks the scopes %s: %s\n", place.Environment, strings.Join(place.Missing, " "), again)
		}
	}
}

func (p *program) connectionRename() *cobra.Command {
	return &cobra.Command{
		Use: "rename LINK_NAME NAME", Short: "Give a connection another name; its link name stays", Args: exactly("LINK_NAME", "NAME"),
		Example: `  connhost connection rename acme_connection "Acme of sales"`, ValidArgsFunction: p.completeConnections,
		RunE: func(cmd *cobra.Command, args []string) error {
			if args[1] == "" {
				return usage(cmd, "NAME is empty")
			}
			return p.withSession(cmd, func(ctx context.Context, s *session) error {
				u, err := s.broker.Update(ctx, s.subject, broker.UpdateRequest{Connection: args[0], Name: args[1]})
				if err != nil {
					return err
				}
				return p.showUpdated(ctx, s, u)
			})
		},
	}
}
