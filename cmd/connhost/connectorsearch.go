package main

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

func (p *program) connectorSearch() *cobra.Command {
	return &cobra.Command{
		Use: "search WORD...", Short: "Find connectors by what they are for", Args: atLeast("WORD"),
		Long: `Find the current versions of connectors in whose id, name, description, category or
actions every word stands.`,
		Example: "  connhost connector search weather\n  connhost connector search create issue",
		RunE: func(cmd *cobra.Command, words []string) error {
			return p.withSession(cmd, func(ctx context.Context, s *session) error {
				list, err := s.broker.Connectors(ctx, s.subject)
				if err != nil {
					return err
				}
				list = slices.DeleteFunc(list, func(c host.Connector) bool { return !speaksOf(c.Manifest, words) })
				if len(list) == 0 {
					return host.Errorf(host.NotFound, "no connector speaks of %s", strings.Join(words, " ")).
						WithHint("see all: connhost connector list; or write one of your own: connhost connector new NAME")
				}
				return p.showConnectors(s, list)
			})
		},
	}
}

// speaksOf reports whether every word stands in what a manifest says of itself.
func speaksOf(m abi.Manifest, words []string) bool {
	text := []string{m.ID, m.Name, m.Description, m.Category}
	for _, a := range m.Actions {
		text = append(text, a.Name, a.Text)
	}
	all := strings.ToLower(strings.Join(text, "\n"))
	return !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(all, strings.ToLower(word)) })
}
