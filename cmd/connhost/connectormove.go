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

// movedData is a move as it is printed.
type movedData struct {
	Connector   string   `json:"connector"`
	From        string   `json:"from,omitempty"`
	To          string   `json:"to"`
	Connections []string `json:"connections"`
	Anew        []string `json:"connections_to_authorize"`
}

func newMovedData(m broker.Moved) movedData {
	d := movedData{m.To.ID, "", m.To.Version(), orEmpty(m.Connections), orEmpty(m.Anew)}
	if m.From.ID != "" {
		d.From = m.From.Version()
	}
	return d
}

func writeMoved(w io.Writer, d movedData) {
	if d.From != "" {
		fmt.Fprintf(w, "%s is back from %s to %s\n", d.Connector, d.From, d.To)
	}
	switch {
	case len(d.Connections) > 0:
		fmt.Fprintf(w, "moved to %s %s: %s\n", d.Connector, d.To, strings.Join(d.Connections, ", "))
	case d.From == "":
		fmt.Fprintf(w, "nothing to move: every connection of %s is on %s\n", d.Connector, d.To)
	}
	if len(d.Anew) > 0 {
		fmt.Fprintf(w, "it talks to other places than before; authorize anew: %s\n", strings.Join(d.Anew, ", "))
	}
}

func (p *program) connectorMove() *cobra.Command {
	var req broker.MoveRequest
	cmd := &cobra.Command{
		Use: "move ID", Short: "Move connections to another version of their connector", Args: exactly("ID"),
		Long: `Move connections to another version of their connector: all of the connector, or
one. Where the version talks to other hosts or endpoints, or shows other secrets
to its code, their authorizations need to be made anew; else they follow.`,
		Example: `  connhost connector move acme --to 1.1.0
  connhost connector move acme --to 1.1.0 --connection acme_connection`, ValidArgsFunction: p.completeConnectors,
		RunE: func(cmd *cobra.Command, args []string) error {
			req.Connector = args[0]
			if req.To == "" {
				return host.Errorf(host.Usage, "--to is missing: which version?").WithHint("see them: connhost connector show %s", args[0])
			}
			return p.withSession(cmd, func(ctx context.Context, s *session) error {
				m, err := s.broker.Move(ctx, s.subject, req)
				if err != nil {
					return err
				}
				d := newMovedData(m)
				return p.show(d, func(w io.Writer) { writeMoved(w, d) })
			})
		},
	}
	p.versionFlag(cmd, &req.To, "to", "the `VERSION` to move to")
	cmd.Flags().StringVar(&req.Connection, "connection", "", "the `LINK_NAME` of one connection; all unless given")
	_ = cmd.RegisterFlagCompletionFunc("connection", func(cmd *cobra.Command, _ []string, text string) ([]string, cobra.ShellCompDirective) {
		return p.completeConnections(cmd, nil, text)
	})
	return cmd
}

func (p *program) connectorRollback() *cobra.Command {
	var version string
	cmd := &cobra.Command{
		Use: "rollback ID", Short: "Go back to the version before the current one, with its connections", Args: exactly("ID"),
		Long: `Make the published version before the current one the current one again, and move
the connections of the current one back to it. The version that was left stays
installed. Authorizations that were left behind by the upgrade work again.`,
		Example: `  connhost connector rollback acme
  connhost connector rollback acme --to 1.0.0`, ValidArgsFunction: p.completeConnectors,
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withSession(cmd, func(ctx context.Context, s *session) error {
				m, err := s.broker.Rollback(ctx, s.subject, args[0], version)
				if err != nil {
					return err
				}
				d := newMovedData(m)
				return p.show(d, func(w io.Writer) { writeMoved(w, d) })
			})
		},
	}
	p.versionFlag(cmd, &version, "to", "the `VERSION` to go to; the published one before the current one unless given")
	return cmd
}
