package scripting

import (
	"slices"
	"strings"

	"github.com/connhost/connhost/scripting/syntax"
	"github.com/connhost/connhost/scripting/value"
)

// useIntegration notes a call of an integration task, as the action that it is,
// and warns of arguments that it will refuse. Where a run has the answers from a
// file it takes them as they are: that is why it is no error.
func (l *lowering) useIntegration(name string, n *syntax.Method) {
	all := make([]any, len(n.Args))
	for i, e := range n.Args {
		all[i] = literal(e)
	}
	t, args := integrationOf(name, all)
	if t == nil {
		if near := SuggestTask(name); near != "" {
			l.report(syntax.UnknownTask, n.Func.Span, "nothing does the task "+name, "did you mean "+near+"?")
		}
		return
	}
	if wrong := t.misfit(args); wrong != "" {
		l.report(syntax.TaskArguments, n.Func.Span, wrong, "")
		return
	}
	rest, connection := t.split(args)
	use := ActionUse{Service: t.service, Task: t.name, Range: l.source.Range(n.Func.Span)}
	if !t.uploads() {
		use.Action = t.action
	}
	use.Connection.Range = use.Range
	switch link := connection.(type) {
	case string:
		use.Connection = ConnectionUse{Name: link, Range: l.source.Range(n.Args[len(all)-len(args)+len(rest)].Pos())}
	case unknown:
		return
	case nil:
		if len(args) > 0 && last(args) == (any)(unknown{}) && len(args) > t.needed() {
			return // it may be the connection
		}
	}
	l.program.uses.actions = append(l.program.uses.actions, use)
}

// literal is the value of an expression that is written down: what kind it is, and
// of a text what it says.
func literal(e syntax.Expr) any {
	switch v := e.(type) {
	case *syntax.Text:
		return v.Value
	case *syntax.Number:
		return int64(0)
	case *syntax.Bool:
		return v.Value
	case *syntax.Map, *syntax.EmptyLit:
		return value.NewMap()
	case *syntax.List:
		return value.NewList(unknown{})
	case *syntax.Null:
		return nil
	}
	return unknown{}
}

// SuggestTask is the integration task of the same service that a mistyped name
// most likely meant; "" when none is near.
func SuggestTask(name string) string {
	of := strings.LastIndex(name, ".") + 1
	var near []string
	for key, t := range integrations() {
		if own := strings.LastIndex(t.name, ".") + 1; strings.EqualFold(name[:of], t.name[:own]) {
			if key == strings.ToLower(name) || t.first != "" && strings.EqualFold(t.name, name) {
				return ""
			}
			near = append(near, t.name[own:])
		}
	}
	slices.Sort(near)
	if s := syntax.Suggest(name[of:], near); s != "" {
		return name[:of] + s
	}
	return ""
}
