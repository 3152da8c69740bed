package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

func (p *program) connectorPublish() *cobra.Command {
	var actions bool
	cmd := &cobra.Command{
		Use: "publish ID", Short: "Make a draft usable by everyone and fix it by its hash", Args: exactly("ID"),
		Example: "  connhost connector publish acme", ValidArgsFunction: p.completeConnectors,
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withSession(cmd, func(ctx context.Context, s *session) error {
				done, err := s.broker.Publish(ctx, s.subject, args[0], "")
				if err != nil {
					return err
				}
				c := done.Connector
				if actions {
					if c, err = s.broker.AllowActions(ctx, s.subject, c.Hash); err != nil {
						return err
					}
				}
				return p.show(newConnectorData(c, s.settings.callbackPort), func(w io.Writer) {
					fmt.Fprintf(w, "published %s %s (sha256 %s)\n", c.ID, c.Manifest.Version, c.Hash)
				})
			})
		},
	}
	cmd.Flags().BoolVar(&actions, "actions", false, "let its named actions be done too, which only a super admin may allow")
	return cmd
}
