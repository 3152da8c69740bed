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

func (p *program) authorizationCommand() *cobra.Command {
	return group("authorization", "See and end the authorizations that connections use", `  connhost authorization list
  connhost authorization revoke "Ada Lovelace"`,
		p.authorizationList(), p.authorizationRename(), p.authorizationRevoke(), p.authorizationDelete())
}

// authorizationData is an authorization as it is printed: nothing secret.
type authorizationData struct {
	ID        host.AuthorizationID `json:"id"`
	Account   string               `json:"account"`
	Connector string               `json:"connector"`
	Owner     string               `json:"owner,omitempty"`
	ForAll    bool                 `json:"for_all"`
	State     host.State           `json:"state"`
	Reason    string               `json:"reason,omitempty"`
	Granted   []string             `json:"scopes_granted,omitempty"`
	Uses      []servedData         `json:"uses"`
	Created   string               `json:"created"`
	Updated   string               `json:"updated"`
}

// servedData is one place that an authorization serves.
type servedData struct {
	Connection  string           `json:"connection"`
	Environment host.Environment `json:"environment"`
	User        string           `json:"user,omitempty"`
	Disabled    bool             `json:"disabled,omitempty"`
}

func newAuthorizationData(v broker.AuthorizationView) authorizationData {
	a := v.Authorization
	d := authorizationData{
		ID: a.ID, Account: a.AccountLabel, Connector: a.Connector, Owner: v.Owner, ForAll: a.ForAll, State: a.State, Reason: a.Reason,
		Granted: a.Granted, Uses: []servedData{}, Created: stamp(a.CreatedAt), Updated: stamp(a.UpdatedAt),
	}
	for _, u := range v.Uses {
		d.Uses = append(d.Uses, servedData{u.Connection.LinkName, u.Environment, u.User, u.Disabled})
	}
	return d
}

func (p *program) authorizationList() *cobra.Command {
	return &cobra.Command{
		Use: "list [CONNECTOR]", Short: "List authorizations, and which connections use each", Args: atMost("CONNECTOR"),
		Long: `List authorizations: the accounts at services that people have given access to.
Administrators see all, others their own.`,
		Example: "  connhost authorization list\n  connhost authorization list acme --output json", ValidArgsFunction: p.completeConnectors,
		RunE: func(cmd *cobra.Command, args []string) error {
			connector := strings.Join(args, "")
			return p.withSession(cmd, func(ctx context.Context, s *session) error {
				if connector != "" { // a name that nothing has is no empty list
					if _, err := s.broker.Connector(ctx, s.subject, connector, ""); err != nil {
						return err
					}
				}
				list, err := s.broker.Authorizations(ctx, s.subject, connector)
				if err != nil {
					return err
				}
				data, rows := []authorizationData{}, [][]string{}
				for _, v := range list {
					d := newAuthorizationData(v)
					data = append(data, d)
					rows = append(rows, []string{string(d.ID), d.Connector, string(d.State), d.Owner, usesOf(d.Uses), plain(d.Account)})
				}
				return p.show(data, func(w io.Writer) { table(w, "ID CONNECTOR STATE OWNER USED-BY ACCOUNT", rows) })
			})
		},
	}
}

// usesOf lists places, "-" for none.
func usesOf(uses []servedData) string {
	var list []string
	for _, u := range uses {
		text := u.Connection
		if u.Environment != host.Shared {
			text += "/" + string(u.Environment)
		}
		list = append(list, text)
	}
	return or(strings.Join(list, ","), "-")
}

// completeAuthorizations completes the ids of authorizations.
func (p *program) completeAuthorizations(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	return p.complete(cmd, args, func(s *session) (names []string, err error) {
		list, err := s.broker.Authorizations(cmd.Context(), s.subject, "")
		for _, v := range list {
			names = append(names, string(v.Authorization.ID)+"\t"+v.Authorization.Connector+" "+plain(v.Authorization.AccountLabel))
		}
		return names, err
	})
}

func (p *program) authorizationRename() *cobra.Command {
	return &cobra.Command{
		Use: "rename AUTHORIZATION LABEL", Short: "Give an account another name for people", Args: exactly("AUTHORIZATION", "LABEL"),
		Long: `Give an account another name for people. It stays when the same account is
authorized anew. An authorization is named by its id or its account.`,
		Example: `  connhost authorization rename "Acme Account 1" "Sales robot"`, ValidArgsFunction: p.completeAuthorizations,
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withSession(cmd, func(ctx context.Context, s *session) error {
				a, err := s.broker.NameAccount(ctx, s.subject, args[0], args[1])
				if err != nil {
					return err
				}
				return p.show(newAuthorizationData(broker.AuthorizationView{Authorization: a}), func(w io.Writer) {
					fmt.Fprintf(w, "%s is %s now\n", a.ID, a.AccountLabel)
				})
			})
		},
	}
}

func (p *program) authorizationRevoke() *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use: "revoke AUTHORIZATION", Short: "End an authorization, here and at the service, wherever it is used", Args: exactly("AUTHORIZATION"),
		Long: `End an authorization, here and at the service. Every connection that uses it is
not_connected from then on; which those are is told first. An authorization is named
by its id or its account.`,
		Example: `  connhost authorization revoke "Ada Lovelace" --yes`, ValidArgsFunction: p.completeAuthorizations,
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withSession(cmd, func(ctx context.Context, s *session) error {
				return p.endAuthorization(ctx, s, args[0], yes, "revoke", s.broker.RevokeAuthorization)
			})
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return cmd
}

func (p *program) authorizationDelete() *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use: "delete AUTHORIZATION", Short: "Revoke and remove an authorization that no connection uses", Args: exactly("AUTHORIZATION"),
		Example: `  connhost authorization delete "Ada Lovelace" --yes`, ValidArgsFunction: p.completeAuthorizations,
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withSession(cmd, func(ctx context.Context, s *session) error {
				return p.endAuthorization(ctx, s, args[0], yes, "delete", s.broker.DeleteAuthorization)
			})
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return cmd
}

// endAuthorization tells what uses an authorization, asks, and ends it.
func (p *program) endAuthorization(ctx context.Context, s *session, named string, yes bool, verb string,
	end func(context.Context, host.Subject, string) (broker.Revoked, error)) error {
	v, err := s.broker.Authorization(ctx, s.subject, named)
	if err != nil {
		return err
	}
	d := newAuthorizationData(v)
	if len(d.Uses) > 0 {
		fmt.Fprintf(p.err, "it is used by: %s\n", usesOf(d.Uses))
	}
	question := fmt.Sprintf("%s the authorization of %s at %s?", verb, plain(d.Account), d.Connector)
	if verb == "delete" && len(d.Uses) > 0 { // refused anyway, with the reason
		yes = true
	}
	if err := p.confirm(ctx, question, yes); err != nil {
		return err
	}
	r, err := end(ctx, s.subject, string(d.ID))
	if err != nil {
		return err
	}
	out := newRevokedData("", r)
	return p.show(out, func(w io.Writer) {
		if r.Upstream != "" {
			writeRevoked(w, out)
		}
		if verb == "delete" {
			fmt.Fprintf(w, "deleted the authorization of %s\n", plain(d.Account))
		}
	})
}
