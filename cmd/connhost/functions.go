package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/scripting"
	"github.com/connhost/connhost/scripting/lib"
	"github.com/connhost/connhost/scripting/syntax"
)

// functionData is a built-in function or constant as functions prints it.
type functionData struct {
	Name      string          `json:"name"`
	Names     []string        `json:"names"`
	Groups    []string        `json:"groups"`
	Signature string          `json:"signature"`
	Receiver  string          `json:"receiver,omitempty"`
	Params    []parameterData `json:"parameters"`
	Returns   string          `json:"returns"`
	Semantics string          `json:"semantics"`
	Examples  []exampleData   `json:"examples"`
	Since     string          `json:"since,omitempty"`
	Dialect   string          `json:"dialect,omitempty"`
	Outside   bool            `json:"outside,omitempty"`
}

type parameterData struct {
	Name     string `json:"name"`
	Type     string `json:"type"`
	Optional bool   `json:"optional,omitempty"`
	Variadic bool   `json:"variadic,omitempty"`
}

type exampleData struct {
	Expression string `json:"expression"`
	Result     string `json:"result,omitempty"`
}

func (p *program) functionsCommand() *cobra.Command {
	var group string
	cmd := &cobra.Command{
		Use: "functions [NAME]", Short: "Show the built-in functions of the script language, or an integration task",
		Example: "  connhost functions\n  connhost functions left\n  connhost functions zoho.crm.getRecordById\n  connhost functions --group date",
		Args:    atMost("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				return p.showFunction(args[0])
			}
			return p.listFunctions(cmd, group)
		},
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return completeFunctions(), cobra.ShellCompDirectiveNoFileComp
		},
	}
	cmd.Flags().StringVar(&group, "group", "", "only those of a group: "+strings.Join(lib.Groups(), ", "))
	_ = cmd.RegisterFlagCompletionFunc("group", cobra.FixedCompletions(lib.Groups(), cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func completeFunctions() []string {
	var list []string
	for _, f := range lib.All() {
		for _, n := range f.Names {
			list = append(list, n+"\t"+f.Signature())
		}
	}
	for _, k := range lib.Constants() {
		for _, n := range k.Names {
			list = append(list, n+"\t"+k.Returns)
		}
	}
	for _, one := range scripting.Integrations() {
		list = append(list, one.Name+"\t"+one.Signature)
	}
	return list
}

// showFunction prints one function, or the constant of that name.
func (p *program) showFunction(name string) error {
	name = strings.TrimSuffix(name, "()")
	if f, ok := lib.Lookup(name); ok {
		d := describe(f)
		return p.show(d, d.print)
	}
	if k, ok := lib.LookupConstant(name); ok {
		d := functionData{Name: k.Names[0], Names: k.Names, Groups: []string{"constant"}, Signature: k.Names[0], Returns: k.Returns, Semantics: k.Semantics,
			Params: []parameterData{}, Examples: []exampleData{}}
		return p.show(d, d.print)
	}
	if d, ok := taskNamed(name); ok {
		return p.show(d, d.print)
	}
	err := host.Errorf(host.NotFound, "there is no built-in function %s", quote(name))
	var names []string
	for _, f := range lib.All() {
		names = append(names, f.Names...)
	}
	names = append(names, taskNames()...)
	if near := syntax.Suggest(name, names); near != "" {
		return err.WithHint("did you mean %s? show it with: connhost functions %s", near, near)
	}
	if like := namesWith(name, names); len(like) > 0 {
		return err.WithHint("names with it: %s", strings.Join(like, ", "))
	}
	return err.WithHint("list them with: connhost functions")
}

// namesWith returns the first names that hold a part, in any letter case.
func namesWith(part string, names []string) []string {
	const most = 8
	var list []string
	for _, n := range names {
		if len(list) < most && strings.Contains(strings.ToLower(n), strings.ToLower(part)) {
			list = append(list, n)
		}
	}
	return list
}

func describe(f *lib.Function) functionData {
	d := functionData{
		Name: f.Names[0], Names: f.Names, Groups: f.Groups, Signature: f.Signature(), Receiver: f.Receiver, Returns: f.Returns,
		Semantics: f.Semantics, Since: f.Since, Dialect: f.Dialect, Outside: f.Outside,
		Params: []parameterData{}, Examples: []exampleData{},
	}
	for _, q := range f.Params {
		d.Params = append(d.Params, parameterData{q.Name, strings.TrimSuffix(q.Type, "|pairs"), q.Optional, q.Variadic})
	}
	for _, e := range f.Examples {
		shown := exampleData{Expression: e.Expr}
		if !f.Outside { // what it gives without a host tells nothing
			shown.Result = e.Result()
		}
		d.Examples = append(d.Examples, shown)
	}
	return d
}

func (d functionData) print(w io.Writer) {
	fmt.Fprintf(w, "%s\n\n%s\n\n", d.Signature, d.Semantics)
	outside := ""
	if d.Outside {
		outside = "by the host of the run"
	}
	facts(w, "gives", d.Returns, "also called", strings.Join(d.Names[1:], ", "), "groups", strings.Join(d.Groups, ", "),
		"dialect", d.Dialect, "done", outside, "since", d.Since)
	for _, e := range d.Examples {
		fmt.Fprintf(w, "\n  %s\n", e.Expression)
		if e.Result != "" {
			fmt.Fprintf(w, "    => %s\n", e.Result)
		}
	}
}

// listFunctions prints all functions, or those of a group.
func (p *program) listFunctions(cmd *cobra.Command, group string) error {
	if group != "" && !slices.Contains(lib.Groups(), group) {
		return usage(cmd, "there is no group "+quote(group)+"; the groups are "+strings.Join(lib.Groups(), ", "))
	}
	list := []functionData{}
	for _, f := range lib.All() {
		if group == "" || slices.Contains(f.Groups, group) {
			list = append(list, describe(f))
		}
	}
	return p.show(list, func(w io.Writer) {
		for _, g := range lib.Groups() {
			var rows [][]string
			for _, d := range list {
				if d.Groups[0] == g || group == g && slices.Contains(d.Groups, g) {
					rows = append(rows, []string{d.Signature, d.Returns})
				}
			}
			section(w, g, "FUNCTION GIVES", rows)
		}
	})
}
