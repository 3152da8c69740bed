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

func (p *program) connectionDisable() *cobra.Command {
	return p.flip("disable", "Switch a connection off; what is authorized stays so", (*broker.Broker).SwitchOff)
}

func (p *program) connectionEnable() *cobra.Command {
	return p.flip("enable", "Switch a connection on again", (*broker.Broker).SwitchOn)
}

// flip is a command that turns the switch of a place.
func (p *program) flip(verb, short string, turn func(*broker.Broker, context.Context, host.Subject, host.Environment, string) (broker.Switched, error)) *cobra.Command {
	return &cobra.Command{
		Use: verb + " LINK_NAME", Short: short, Args: exactly("LINK_NAME"), ValidArgsFunction: p.completeConnections,
		Long: short + `. An admin connection has one switch for all, a user
connection one for each user, who turns their own. Where environments have an
authorization of their own they have a switch of their own: --env says which.`,
		Example: fmt.Sprintf("  connhost connection %[1]s acme_connection\n  connhost connection %[1]s acme_connection --env production", verb),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withSession(cmd, func(ctx context.Context, s *session) error {
				got, err := turn(s.broker, ctx, s.subject, s.settings.env, args[0])
				if err != nil {
					return err
				}
				d := newSwitchedData(got)
				return p.show(d, func(w io.Writer) {
					already := ""
					if !got.Changed {
						already = " already"
					}
					fmt.Fprintf(w, "%s is %sd%s%s\n", args[0], verb, already, forEnvironment(got.Environment))
				})
			})
		},
	}
}

func forEnvironment(slot host.Environment) string {
	if slot == host.Shared {
		return ""
	}
	return " for " + string(slot)
}

func (p *program) connectionSwitch() *cobra.Command {
	var to string
	cmd := &cobra.Command{
		Use: "switch LINK_NAME", Short: "Use another existing authorization", Args: exactly("LINK_NAME"), ValidArgsFunction: p.completeConnections,
		Long: `Point a connection to another authorization that exists: one of the same
connector, client credential and host. On a user connection it must be your own; one
that somebody gave for themselves alone only they can give to all. The authorization
that was used before stays, until it is deleted.`,
		Example: `  connhost connection switch acme_connection --to "Ada Lovelace"
  connhost connection switch acme_connection --to aut_0198c0de --env production`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if to == "" {
				return usage(cmd, "--to is missing: an authorization, by its id or account")
			}
			return p.withSession(cmd, func(ctx context.Context, s *session) error {
				got, err := s.broker.Switch(ctx, s.subject, s.settings.env, args[0], to)
				if err != nil {
					return err
				}
				return p.showSwitched(got)
			})
		},
	}
	cmd.Flags().StringVar(&to, "to", "", "the `AUTHORIZATION`: its id, or its account")
	// It fails only for a flag that does not exist.
	_ = cmd.RegisterFlagCompletionFunc("to", func(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
		return p.completeAuthorizations(cmd, nil, "")
	})
	return cmd
}

// switchedData is a place that points elsewhere as it is printed.
type switchedData struct {
	LinkName      string               `json:"link_name"`
	Environment   host.Environment     `json:"environment"`
	Account       string               `json:"account"`
	Authorization host.AuthorizationID `json:"authorization"`
	Disabled      bool                 `json:"disabled"`
	Changed       bool                 `json:"changed"`
	Before        *authorizationData   `json:"before,omitempty"`
	Missing       []string             `json:"scopes_missing,omitempty"`
}

func newSwitchedData(got broker.Switched) switchedData {
	d := switchedData{
		LinkName: got.Connection.LinkName, Environment: got.Environment, Account: got.Authorization.AccountLabel, Authorization: got.Authorization.ID,
		Disabled: got.Disabled, Changed: got.Changed, Missing: got.Missing,
	}
	if got.Before != nil {
		before := newAuthorizationData(broker.AuthorizationView{Authorization: *got.Before})
		d.Before = &before
	}
	return d
}

func (p *program) showSwitched(got broker.Switched) error {
	d := newSwitchedData(got)
	return p.show(d, func(w io.Writer) {
		if !got.Changed {
			fmt.Fprintf(w, "%s uses the authorization of %s already%s\n", d.LinkName, d.Account, forEnvironment(d.Environment))
			return
		}
		fmt.Fprintf(w, "%s uses the authorization of %s now%s\n", d.LinkName, d.Account, forEnvironment(d.Environment))
		if len(d.Missing) > 0 {
			fmt.Fprintf(w, "it lacks the scopes %s\n", strings.Join(d.Missing, " "))
		}
		if d.Disabled {
			fmt.Fprintf(w, "it is switched off; to use it: connhost connection enable %s\n", d.LinkName)
		}
		if got.Unused && got.Before.State != host.RevokedState {
			writeUnused(w, *d.Before)
		}
	})
}

// writeUnused tells of authorizations that nothing uses any more: they live on.
func writeUnused(w io.Writer, list ...authorizationData) {
	for _, a := range list {
		fmt.Fprintf(w, "nothing uses the authorization of %s any more; to end it: connhost authorization delete %s\n", a.Account, a.ID)
	}
}
