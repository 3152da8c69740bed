package main

import (
	"context"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
	"github.com/connhost/connhost/plugins/abi"
)

// actionData is one named action of a connector as it is printed.
type actionData struct {
	Connector string `json:"connector"`
	Version   string `json:"version"`
	abi.Action
	Allowed bool `json:"allowed"` // design rule 17
}

// showAction prints one action with what is asked for.
func (p *program) showAction(ctx context.Context, s *session, id, version, name string) error {
	c, err := s.broker.Connector(ctx, s.subject, id, version)
	if err != nil {
		return err
	}
	a, err := broker.ActionOf(c, name)
	if err != nil {
		return err
	}
	d := actionData{c.ID, c.Version(), a, c.Acts()}
	return p.show(d, func(w io.Writer) { writeAction(w, d) })
}

func writeAction(w io.Writer, d actionData) {
	does := "the connector's code"
	if !d.ByHook() {
		does = or(d.Method, "GET") + " " + or(d.URL, d.Path)
	}
	facts(w, "action", d.Name, "connector", d.Connector+" "+d.Version, "meaning", d.Text, "done by", does,
		"needs scopes", abi.AllOf(d.Scopes), "named actions", allowedText(d.Allowed))
	section(w, "parameters", "KEY KIND DEFAULT MEANING", parameterRows(d.Parameters))
}

// allowedText says whether named actions may be done.
func allowedText(allowed bool) string {
	if allowed {
		return "allowed"
	}
	return "not allowed, until a super admin publishes this version with --actions"
}

// actionRows lists actions with their parameters; one that may be left out
// stands in brackets, with its condition where it has one.
func actionRows(list []abi.Action) (rows [][]string) {
	for _, a := range list {
		var names []string
		for _, p := range a.Parameters {
			switch only := p.Condition(); {
			case only != "":
				names = append(names, "["+p.Key+" where "+only+"]")
			case p.Required && p.Default == "":
				names = append(names, p.Key)
			default:
				names = append(names, "["+p.Key+"]")
			}
		}
		rows = append(rows, []string{a.Name, or(strings.Join(names, " "), "-"), a.Text})
	}
	return rows
}

// actionFlag adds --action, which completes the names that there are.
func (p *program) actionFlag(cmd *cobra.Command, to *string) {
	cmd.Flags().StringVar(to, "action", "", "show this named `ACTION` and what it asks for")
	// It fails only for a flag that does not exist.
	_ = cmd.RegisterFlagCompletionFunc("action", func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) == 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return p.complete(cmd, nil, func(s *session) (names []string, err error) {
			c, err := s.broker.Connector(cmd.Context(), s.subject, args[0], "")
			return actionNames(c), err
		})
	})
}

func actionNames(c host.Connector) (names []string) {
	for _, a := range c.Manifest.Actions {
		names = append(names, a.Name+"\t"+a.Text)
	}
	return names
}
