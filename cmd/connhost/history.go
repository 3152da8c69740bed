package main

import (
	"context"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
)

func (p *program) connectionHistory() *cobra.Command {
	last := 50
	cmd := &cobra.Command{
		Use: "history LINK_NAME", Short: "Tell what became of a connection and its authorizations", Args: exactly("LINK_NAME"),
		Long: `Tell what became of a connection and of its authorizations, oldest first: who did
what and when, and what came of each renewal. It is read from the audit chain.
Administrators see everything; a plain user sees what became of their own
authorizations. "connhost" in the column WHO is the host itself.`,
		Example: `  connhost connection history acme_connection
  connhost connection history acme_connection --last 10 --output json`,
		ValidArgsFunction: p.completeConnections,
		RunE: func(cmd *cobra.Command, args []string) error {
			if last < 0 {
				return usage(cmd, "--last is below zero")
			}
			return p.withSession(cmd, func(ctx context.Context, s *session) error {
				list, err := s.broker.History(ctx, s.subject, args[0], last)
				if err != nil {
					return err
				}
				data, rows := []eventData{}, [][]string{}
				for _, e := range list {
					d := newEventData(e)
					data = append(data, d)
					rows = append(rows, []string{d.Time, d.Who, or(plain(d.Account), "-"), d.What + details(d.Detail)})
				}
				return p.show(data, func(w io.Writer) { table(w, "TIME WHO ACCOUNT WHAT", rows) })
			})
		},
	}
	cmd.Flags().IntVar(&last, "last", last, "the `NUMBER` of events, the latest; 0 for all")
	return cmd
}

// eventData is an event as it is printed.
type eventData struct {
	Time    string            `json:"time"`
	Who     string            `json:"who"`
	Act     host.Act          `json:"act"`
	What    string            `json:"what"`
	Account string            `json:"account,omitempty"`
	Detail  map[string]string `json:"detail,omitempty"`
}

func newEventData(e broker.Event) eventData {
	return eventData{stamp(e.At), e.Who, e.Act, e.Act.Words(), e.Account, e.Detail}
}

// toldDetails are the details that people are told, in their order. JSON has
// all of them.
var toldDetails = []string{
	"reason", "code", "rotated", "token_expires", "refresh_expires", "warning", "outcome", "connector", "version", "environment", "application", "primary",
	"data_centre", "residency",
	"name", "scopes", "access", "environments", "client credential", "mode",
	"login", "role",
}

func details(detail map[string]string) string {
	var list []string
	for _, key := range toldDetails {
		if v := detail[key]; v != "" && v != string(host.Shared) {
			list = append(list, strings.ReplaceAll(key, "_", " ")+": "+plain(v))
		}
	}
	if len(list) == 0 {
		return ""
	}
	return " (" + strings.Join(list, ", ") + ")"
}
