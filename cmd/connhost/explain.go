package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
	"github.com/connhost/connhost/scripting/syntax"
)

// connectionCodes explain what "check" finds about the connections of a script.
var connectionCodes = []syntax.Explanation{
	{Code: "W101", Title: "unknown connection", Text: "There is no connection with this link name, or the acting user may not know of it. Link names are case-sensitive; connhost connection list shows them."},
	{Code: "W102", Title: "connection refused to the application", Text: "The access of the application to this connection is switched off, so the call ends with exit status 6. Another application is named with --app; an administrator switches it on with connhost application allow."},
	{Code: "W103", Title: "connection that cannot be used", Text: "A call would be refused: the connection is not authorized by the acting user, or in this environment, or has to be authorized again, or it or its connector is disabled; an unattended run may miss a primary account. The message says which."},
	{Code: "W104", Title: "missing scope", Text: "The named action needs a scope that the service did not grant to this connection's authorization. Authorize it again; if the connection does not ask for the scope, it needs others."},
	{Code: "W105", Title: "authorization that ends soon", Text: "The authorization ends within the time of --ahead (7 days unless given), and the script fails from then on. Authorize the connection again before; one that dies of disuse is kept alive by connhost refresh."},
	{Code: "W106", Title: "named action that cannot be done", Text: "The call names no connection, or the connection's connector has no action of that name, or its actions are not allowed: those of a custom connector are refused unless a super admin published it with --actions."},
	{Code: "W107", Title: "wrong parameters of a named action", Text: "The action is called with a parameter that it does not have, or without one that it needs. Only a map that stands in the call itself is looked at."},
}

// explainScript is what a code of a script's findings is about.
func explainScript(code syntax.Code) (syntax.Explanation, bool) {
	for _, e := range connectionCodes {
		if e.Code == code {
			return e, true
		}
	}
	return syntax.Explain(code)
}

// explanationData is an explanation as it is printed.
type explanationData struct {
	Code  string `json:"code"`
	Title string `json:"title"`
	Text  string `json:"text,omitempty"`
}

func (p *program) explainCommand() *cobra.Command {
	return &cobra.Command{
		Use: "explain CODE", Short: "Explain a code of a mistake or a warning", Args: exactly("CODE"),
		Long: `Explain a code that check, run or connector lint has shown: E for a mistake of a
script, W for a warning, R for an error of a run; M for a manifest, C for a
connector's code, L for advice about it.`,
		Example:           "  connhost explain W101\n  connhost explain M432",
		ValidArgsFunction: completeCodes,
		RunE: func(_ *cobra.Command, args []string) error {
			d, err := explain(args[0])
			if err != nil {
				return err
			}
			return p.show(d, func(w io.Writer) {
				fmt.Fprintf(w, "%s: %s\n", d.Code, d.Title)
				if d.Text != "" {
					fmt.Fprintf(w, "\n%s\n", d.Text)
				}
			})
		},
	}
}

// explain finds a code; C120/functions is a case of C120.
func explain(text string) (explanationData, error) {
	code, _, _ := strings.Cut(strings.ToUpper(text), "/")
	if e, ok := explainScript(syntax.Code(code)); ok {
		return explanationData{code, e.Title, e.Text}, nil
	}
	if info, ok := abi.Explain(abi.Code(code)); ok {
		return explanationData{Code: code, Title: info.Meaning, Text: "It is a finding about a connector, of severity " + info.Severity.String() + "; connhost connector lint shows its place."}, nil
	}
	return explanationData{}, host.Errorf(host.NotFound, "no code %s", quote(text)).
		WithHint("codes are a letter and three digits, such as W101")
}

func completeCodes(_ *cobra.Command, args []string, _ string) (list []string, _ cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	for _, all := range [][]syntax.Explanation{syntax.Explanations(), connectionCodes} {
		for _, e := range all {
			list = append(list, string(e.Code)+"\t"+e.Title)
		}
	}
	for _, c := range abi.Codes() {
		list = append(list, string(c.Code)+"\t"+c.Meaning)
	}
	return list, cobra.ShellCompDirectiveNoFileComp
}
