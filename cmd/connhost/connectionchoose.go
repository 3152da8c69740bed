package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
)

func (p *program) connectionChoose() *cobra.Command {
	return &cobra.Command{
		Use: "choose LINK_NAME [KEY]", Short: "Choose what a connection is used with: a site, a tenant, an account",
		Args:              oneAndMaybe("LINK_NAME", "KEY"),
		ValidArgsFunction: p.completeConnections,
		Long: `Choose what a connection is used with, where the account that it is authorized for
has several sites, tenants or the like. Without KEY they are listed, as the service
tells now. Nobody has to consent anew, and a running script meets the other from its
next call on. Connections that share the authorization share the choice.`,
		Example: `  connhost connection choose acme_connection
  connhost connection choose acme_connection 9f2c
  connhost connection choose acme_connection 9f2c --env production`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withSession(cmd, func(ctx context.Context, s *session) error {
				if len(args) == 1 {
					c, err := s.broker.Choices(ctx, s.subject, s.settings.env, args[0])
					if err != nil {
						return err
					}
					return p.showChoices(c)
				}
				c, err := s.broker.Choose(ctx, s.subject, s.settings.env, args[0], args[1])
				if err != nil {
					return err
				}
				d := newChoiceData(c)
				return p.show(d, func(w io.Writer) { fmt.Fprintf(w, "%s is used with %s\n", args[0], d.text()) })
			})
		},
	}
}

// choiceData is one of what a connection can be used with, as it is printed.
type choiceData struct {
	What   string `json:"what"`
	Key    string `json:"key"`
	Label  string `json:"label"`
	Chosen bool   `json:"chosen,omitempty"`
}

func newChoiceData(c broker.Choices) *choiceData {
	return &choiceData{What: c.What, Key: c.Chosen.Key, Label: c.Chosen.Label, Chosen: true}
}

// text is a choice in a sentence; of none it is empty.
func (d *choiceData) text() string {
	switch {
	case d == nil:
		return ""
	case d.Label == d.Key:
		return fmt.Sprintf("the %s %s", d.What, plain(d.Key))
	}
	return fmt.Sprintf("the %s %s (%s)", d.What, plain(d.Label), plain(d.Key))
}

func (p *program) showChoices(c broker.Choices) error {
	data, rows := []choiceData{}, [][]string{}
	for _, one := range c.List {
		d := choiceData{What: c.What, Key: one.Key, Label: one.Label, Chosen: one.Key == c.Chosen.Key}
		mark := ""
		if d.Chosen {
			mark = "chosen"
		}
		data, rows = append(data, d), append(rows, []string{d.Key, plain(d.Label), mark})
	}
	return p.show(data, func(w io.Writer) { table(w, "KEY LABEL CHOSEN", rows) })
}

// decide chooses what a new authorization is used with: what was asked for, or
// what a person says now. Without either it tells how.
func (p *program) decide(ctx context.Context, s *session, got broker.Authorized, choice string) (broker.Choices, error) {
	link := got.Connection.LinkName
	if choice == "" && len(got.Choices) > 0 && p.askable {
		fmt.Fprintf(p.err, "The account has several; which %s is %s used with?\n", got.What, link)
		for i, c := range got.Choices {
			fmt.Fprintf(p.err, "  %d  %s (%s)\n", i+1, p.mask.Text(plain(c.Label)), plain(c.Key))
		}
		answer, err := p.ask(ctx, "Number or key", false)
		if err != nil {
			return broker.Choices{}, err
		}
		choice = picked(got, answer)
	}
	again := "connhost connection choose " + link
	if got.Environment != host.Shared {
		again += " --env " + string(got.Environment)
	}
	if choice != "" {
		return s.broker.Choose(ctx, s.subject, s.settings.env, link, choice)
	}
	if len(got.Choices) > 0 {
		fmt.Fprintf(p.err, "warning: nothing can be called before the %s is chosen that it is used with\nhint: see them: %s; choose one: %s KEY\n", got.What, again, again)
	}
	return broker.Choices{}, nil
}

// picked is the key that a person means by a number or the key itself.
func picked(got broker.Authorized, answer string) string {
	for i, c := range got.Choices {
		if answer == fmt.Sprint(i+1) {
			return c.Key
		}
	}
	return answer
}
