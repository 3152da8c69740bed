package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/connhost/connhost/host"
)

// primaryData is the primary account of a connection as it is printed.
type primaryData struct {
	LinkName string      `json:"link_name"`
	Primary  string      `json:"primary"`
	Status   host.Status `json:"status,omitempty"` // of their authorization
}

func (p *program) connectionPrimary() *cobra.Command {
	var none bool
	cmd := &cobra.Command{
		Use: "primary LINK_NAME LOGIN", Short: "Choose whose authorization unattended runs use", Args: primaryArgs(&none),
		Long: `Choose the user whose authorization runs without an acting user ("connhost run
--unattended") use over a connection that each user authorizes. Without one such
runs are refused. A connection with one authorization for all needs none.`,
		Example: `  connhost connection primary acme_connection ada
  connhost connection primary acme_connection --none`,
		ValidArgsFunction: p.completePrimary,
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withSession(cmd, func(ctx context.Context, s *session) error {
				d := primaryData{LinkName: args[0]}
				if !none {
					d.Primary = args[1]
				}
				var err error
				if d.Status, err = s.broker.SetPrimary(ctx, s.subject, s.settings.env, d.LinkName, d.Primary); err != nil {
					return err
				}
				return p.show(d, func(w io.Writer) { writePrimary(w, d) })
			})
		},
	}
	cmd.Flags().BoolVar(&none, "none", false, "nobody's from now on")
	return cmd
}

// primaryArgs wants a connection and a user, or with --none a connection.
func primaryArgs(none *bool) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if *none {
			return exactly("LINK_NAME")(cmd, args)
		}
		return exactly("LINK_NAME", "LOGIN")(cmd, args)
	}
}

func writePrimary(w io.Writer, d primaryData) {
	if d.Primary == "" {
		fmt.Fprintf(w, "%s has no primary account, and unattended runs over it are refused\n", d.LinkName)
		return
	}
	fmt.Fprintf(w, "unattended runs over %s use the authorization of %s\n", d.LinkName, d.Primary)
	if d.Status == host.NotConnected || d.Status == host.Status(host.NeedsReauth) {
		fmt.Fprintf(w, "%s has to authorize it: connhost connection authorize %s --as %s\n", d.Primary, d.LinkName, d.Primary)
	}
}

// completePrimary completes a connection and then a user.
func (p *program) completePrimary(cmd *cobra.Command, args []string, text string) ([]string, cobra.ShellCompDirective) {
	if len(args) != 1 {
		return p.completeConnections(cmd, args, text)
	}
	return p.complete(cmd, nil, func(s *session) (names []string, err error) {
		list, err := s.broker.Users(cmd.Context(), s.subject)
		for _, u := range list {
			names = append(names, u.Login+"\t"+u.Name)
		}
		return names, err
	})
}
