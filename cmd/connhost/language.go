package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/scripting"
	"github.com/connhost/connhost/scripting/syntax"
)

// languageFlags say how scripts are read.
type languageFlags struct {
	dialect string
	strict  bool
}

func (f *languageFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.dialect, "dialect", string(syntax.Creator), "the product whose language it is: "+dialectNames())
	cmd.Flags().BoolVar(&f.strict, "strict", false, "what that product would refuse is an error")
	_ = cmd.RegisterFlagCompletionFunc("dialect", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return strings.Split(dialectNames(), ", "), cobra.ShellCompDirectiveNoFileComp
	})
}

// options are the options of a compilation.
func (f languageFlags) options(l limits) (scripting.Options, error) {
	dialect, ok := syntax.ParseDialect(f.dialect)
	if !ok {
		return scripting.Options{}, host.Errorf(host.Usage, "no dialect %q", f.dialect).WithHint("one of %s", dialectNames())
	}
	return scripting.Options{Limits: scriptLimits(l), Dialect: dialect, Strict: f.strict}, nil
}

func dialectNames() string {
	var names []string
	for _, d := range syntax.Dialects() {
		names = append(names, string(d))
	}
	return strings.Join(names, ", ")
}
