package lib

import (
	"fmt"
	"strings"
)

// Reference returns the page that describes every function, in Markdown. A test
// notices when the file is not what this gives.
func Reference() string {
	var sb strings.Builder
	sb.WriteString(`# The built-in functions

<!-- Made from the table in scripting/lib by: go test ./scripting/lib -run TestReference -update -->

Every function is called as a method of its first argument or as a plain function: ` + "`x.left(4)` is `left(x, 4)`" + `.
Names take any letter case. Text, lists and collections are counted from 0 and an end is excluded. ` + "`?`" + ` marks a parameter
that may be left out, ` + "`...`" + ` one that may be repeated, ` + "`|`" + ` stands between types that will do. A number is taken where a text
is wanted, and a text that is a number, date, boolean or JSON where one of those is. Examples show what is printed.

`)
	for _, g := range groups {
		fmt.Fprintf(&sb, "- [%s](#%s): %d\n", g.title, strings.ReplaceAll(strings.ToLower(g.title), " ", "-"), len(g.functions))
	}
	for _, g := range groups {
		fmt.Fprintf(&sb, "\n## %s\n", g.title)
		for _, f := range g.functions {
			f.describe(&sb)
		}
	}
	sb.WriteString("\n## Constants\n\n| name | type | |\n|---|---|---|\n")
	for _, k := range constants {
		fmt.Fprintf(&sb, "| `%s` | %s | %s |\n", strings.Join(k.Names, "`, `"), k.Returns, k.Semantics)
	}
	sb.WriteString(`
What the caller of a run says about the product is read by name too: ` + "`zoho.loginuser`, `zoho.loginuserid`, `zoho.adminuser`,\n`zoho.adminuserid`, `zoho.appname`, `zoho.appuri`, `zoho.ipaddress` and `zoho.appvariable.NAME`" + `.
`)
	return sb.String()
}

func (f *Function) describe(sb *strings.Builder) {
	fmt.Fprintf(sb, "\n### %s\n\n`%s` gives %s", f.Names[0], f.Signature(), f.gives())
	if more := f.Names[1:]; len(more) > 0 {
		fmt.Fprintf(sb, "; also called `%s`", strings.Join(more, "`, `"))
	}
	sb.WriteString("\n\n" + f.Semantics)
	if f.Dialect != "" {
		fmt.Fprintf(sb, " Only in the dialect %s.", f.Dialect)
	}
	if f.Outside {
		sb.WriteString(" The host of the run does it.")
	}
	sb.WriteString("\n")
	if len(f.Examples) == 0 {
		return
	}
	sb.WriteString("\n```text\n")
	for _, e := range f.Examples {
		fmt.Fprintln(sb, e.Expr)
		if !f.Outside { // what it gives without a host tells nothing
			fmt.Fprintf(sb, "    => %s\n", strings.ReplaceAll(e.Result(), "\n", "\n       "))
		}
	}
	sb.WriteString("```\n")
}

// gives is the type of the result in words.
func (f *Function) gives() string {
	if f.Returns == "void" {
		return "nothing"
	}
	return strings.ReplaceAll(f.Returns, "|", " or ")
}

// Result is what an example shows: the printed result, or for a function that
// changes its receiver and gives nothing, the receiver after it.
func (e Example) Result() string {
	if e.After != "" && e.Want == "null" {
		return e.receiver() + " is " + e.After
	}
	if e.Want == "" {
		return "(empty)"
	}
	return e.Want
}

func (e Example) receiver() string {
	name, _, _ := strings.Cut(e.Expr, ".")
	return name
}
