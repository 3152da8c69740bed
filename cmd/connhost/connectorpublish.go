package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/connhost/connhost/host"
)

// publishedData is a publication as it is printed.
type publishedData struct {
	connectorData
	Behind []string `json:"connections_on_other_versions"`
}

func (p *program) connectorPublish() *cobra.Command {
	var version, sha256 string
	var actions bool
	cmd := &cobra.Command{
		Use: "publish ID", Short: "Make a version usable by everyone and fix it by its hash", Args: exactly("ID"),
		Long: `Make a version usable by everyone and fix it by its hash: the draft, or else the
current version, if it was disabled. A draft that is published becomes the
current version, which new connections take, and so does any version where the
current one is disabled. Connections that exist stay on theirs. With --sha256 a
draft that was replaced since you looked at it is not published.`,
		Example: `  connhost connector publish acme
  connhost connector publish acme --version 1.0.0`, ValidArgsFunction: p.completeConnectors,
		RunE: func(cmd *cobra.Command, args []string) error {
			hash, err := parseHash("--sha256", sha256)
			if err != nil {
				return err
			}
			return p.withSession(cmd, func(ctx context.Context, s *session) error {
				if actions { // before anything is published
					if err := s.subject.Require(host.AllowActions); err != nil {
						return err
					}
				}
				done, err := s.broker.PublishFile(ctx, s.subject, args[0], version, hash)
				if err != nil {
					return err
				}
				c := done.Connector
				if actions {
					if c, err = s.broker.AllowActions(ctx, s.subject, c.Hash); err != nil {
						return err
					}
				}
				d := publishedData{newConnectorData(c, s.settings.callback), orEmpty(done.Behind)}
				return p.show(d, func(w io.Writer) {
					fmt.Fprintf(w, "published %s %s (sha256 %s)\n", c.ID, c.Version(), c.Hash)
					if actions {
						fmt.Fprintln(w, "its named actions are allowed")
					}
					if c.Current && len(done.Behind) > 0 {
						fmt.Fprintf(w, "%s on another version: %s\n", stay(len(done.Behind)), strings.Join(done.Behind, ", "))
						fmt.Fprintf(w, "next: connhost connector move %s --to %s\n", c.ID, c.Version())
					}
				})
			})
		},
	}
	p.versionFlag(cmd, &version, "version", "publish this `VERSION`")
	cmd.Flags().StringVar(&sha256, "sha256", "", "refuse a version whose file does not have this `HASH`")
	cmd.Flags().BoolVar(&actions, "actions", false, "let its named actions be done too, which only a super admin may allow")
	return cmd
}

func stay(n int) string {
	if n == 1 {
		return "1 connection stays"
	}
	return plural(n, "connection") + " stay"
}

func (p *program) connectorDisable() *cobra.Command {
	var version string
	var yes bool
	cmd := &cobra.Command{
		Use: "disable ID", Short: "Refuse new connections of a connector and calls through it", Args: exactly("ID"),
		Long: `Refuse new connections of a connector and all calls through it: of every version,
or of one. Publishing a version enables it again. Nothing is deleted. What uses its
connections is shown first, and a person at a terminal is asked.`,
		Example: `  connhost connector disable acme
  connhost connector disable acme --version 1.0.0`, ValidArgsFunction: p.completeConnectors,
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withSession(cmd, func(ctx context.Context, s *session) error {
				if err := p.confirmDisable(ctx, s, args[0], version, yes); err != nil {
					return err
				}
				list, err := s.broker.Disable(ctx, s.subject, args[0], version)
				if err != nil {
					return err
				}
				return p.show(versionsData(list, s), func(w io.Writer) {
					if len(list) == 0 {
						fmt.Fprintf(w, "%s was disabled already\n", args[0])
					}
					for _, c := range list {
						fmt.Fprintf(w, "disabled %s %s\n", c.ID, c.Version())
					}
				})
			})
		},
	}
	p.versionFlag(cmd, &version, "version", "disable this `VERSION` only")
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return cmd
}

func versionsData(list []host.Connector, s *session) []connectorData {
	data := []connectorData{}
	for _, c := range list {
		data = append(data, newConnectorData(c, s.settings.callback))
	}
	return data
}

func (p *program) connectorRemove() *cobra.Command {
	var version string
	var yes bool
	cmd := &cobra.Command{
		Use: "remove ID", Short: "Remove a connector, or one version of it, that no connection uses", Args: exactly("ID"),
		Example: `  connhost connector remove acme --version 1.0.0
  connhost connector remove acme --yes`, ValidArgsFunction: p.completeConnectors,
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withSession(cmd, func(ctx context.Context, s *session) error {
				list, err := s.broker.Removable(ctx, s.subject, args[0], version)
				if err != nil {
					if host.CodeOf(err) == host.Conflict {
						_, _ = p.warnOfConnections(ctx, s, args[0], version)
					}
					return err
				}
				var names []string
				for _, c := range list {
					names = append(names, c.ID+" "+c.Version())
				}
				if err := p.confirm(ctx, fmt.Sprintf("remove %s?", strings.Join(names, ", ")), yes); err != nil {
					return err
				}
				list, err = s.broker.Remove(ctx, s.subject, args[0], version)
				if err != nil {
					return err
				}
				return p.show(versionsData(list, s), func(w io.Writer) {
					for _, c := range list {
						fmt.Fprintf(w, "removed %s %s\n", c.ID, c.Version())
					}
				})
			})
		},
	}
	p.versionFlag(cmd, &version, "version", "remove this `VERSION` only")
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return cmd
}
