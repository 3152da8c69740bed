package scripting

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/shopspring/decimal"

	"github.com/connhost/connhost/scripting/value"
)

// An integration is an integration task: a task that is a named action of a
// service under another name. Its arguments have places where the action's
// parameters have names, and a script gets what it expects of the answer.
type integration struct {
	name    string // as it is documented
	first   string // what its first argument is; "" for one with a name of its own
	service string // the connector, as scripts write it
	action  string // or, of one that sends a file, the path that takes it
	takes   []taken
	fixed   map[string]string // parameters that the task itself gives
	gives   shape
}

// integrations are the integration tasks by their names in lower case.
var integrations = sync.OnceValue(func() map[string]*integration {
	all := map[string]*integration{}
	for _, row := range integrationTable {
		for name := range strings.FieldsSeq(row.names) {
			own, first, _ := strings.Cut(name, ":")
			t := &integration{name: own, first: first, service: row.service, action: row.action, gives: row.gives}
			t.takes, t.fixed = takenOf(row.takes)
			all[strings.ToLower(name)] = t
		}
	}
	return all
})

// takenOf reads what a row takes: "version=v2 module record [query:query]" is a
// parameter that is given, two texts, and a query that may be left out.
func takenOf(text string) (takes []taken, fixed map[string]string) {
	fixed = map[string]string{}
	optional := false
	for word := range strings.FieldsSeq(text) {
		if name, given, ok := strings.Cut(word, "="); ok {
			fixed[name] = given
			continue
		}
		optional = optional || strings.HasPrefix(word, "[")
		name, kind, ok := strings.Cut(strings.Trim(word, "[]"), ":")
		if !ok {
			kind = string(asText)
		}
		takes = append(takes, taken{name, argument(kind), optional})
	}
	return takes, fixed
}

// An Integration is what others have to know of an integration task.
type Integration struct {
	Name            string
	Signature       string // with the arguments that it takes, those in brackets may be left out
	Service, Action string // that does it; no action, where it sends a file
	Parameters      []string
	Needed          int    // of the parameters, the first ones
	Gives           string // what the script gets
}

// Integrations lists the integration tasks, by their names.
func Integrations() (list []Integration) {
	for _, key := range slices.Sorted(maps.Keys(integrations())) {
		t := integrations()[key]
		one := Integration{Name: t.name, Signature: t.String(), Service: t.service, Needed: t.needed(), Gives: shapes[t.gives]}
		if !t.uploads() {
			one.Action = t.action
		}
		for _, p := range t.takes {
			switch p.kind {
			case asZero, asMembers, asPick:
			case asFirst:
				one.Parameters = append(one.Parameters, "page")
			case asLast:
				one.Parameters = append(one.Parameters, "per_page")
			default:
				one.Parameters = append(one.Parameters, p.name)
			}
		}
		one.Parameters = append(one.Parameters, slices.Sorted(maps.Keys(t.fixed))...)
		list = append(list, one)
	}
	return list
}

// integrationOf finds the integration task of that name, and its arguments; nil
// for any other task. Some have a second name in their first argument:
// zoho.crm.invokeConnector("crm.delete", ...).
func integrationOf(name string, args []any) (*integration, []any) {
	if t := integrations()[strings.ToLower(name)]; t != nil {
		return t, args
	}
	if len(args) > 0 {
		if second, ok := args[0].(string); ok {
			return integrations()[strings.ToLower(name+":"+second)], args[1:]
		}
	}
	return nil, nil
}

// uploads says whether it sends a file, which no named action can.
func (t *integration) uploads() bool { return strings.HasPrefix(t.action, "/") }

// String is the task with its arguments, those in brackets may be left out.
func (t *integration) String() string {
	var b strings.Builder
	b.WriteString(t.name + "(")
	comma := ""
	if t.first != "" {
		b.WriteString(strconv.Quote(t.first))
		comma = ", "
	}
	for _, p := range append(slices.Clone(t.takes), taken{"connection", asText, true}) {
		if p.optional {
			b.WriteString("[" + comma + p.name + "]")
		} else {
			b.WriteString(comma + p.name)
		}
		comma = ", "
	}
	return b.String() + ")"
}

// needed is how many arguments cannot be left out.
func (t *integration) needed() int {
	n := 0
	for _, p := range t.takes {
		if !p.optional {
			n++
		}
	}
	return n
}

// split finds the connection among the arguments of a call: behind all others, or
// the last where a text cannot be meant otherwise. A null is none. What follows
// it, whose authorization counts, is the connection's to say.
func (t *integration) split(args []any) (rest []any, connection any) {
	n := len(t.takes)
	if _, access := last(args).(bool); access && len(args) == n+2 {
		args = args[:n+1]
	}
	if len(args) == n+1 {
		return args[:n], args[n]
	}
	if name, ok := last(args).(string); ok && len(args) > t.needed() && len(args) <= n && !t.takes[len(args)-1].fits(name) {
		return args[:len(args)-1], name
	}
	return args, nil
}

func last(list []any) any {
	if len(list) == 0 {
		return nil
	}
	return list[len(list)-1]
}

// An unknown is an argument whose value nobody knows before the run.
type unknown struct{}

// misfit says what is wrong with the arguments of a call; "" for nothing.
func (t *integration) misfit(args []any) string {
	rest, connection := t.split(args)
	if len(rest) > len(t.takes) || len(rest) < t.needed() {
		return fmt.Sprintf("%s gets %s; it is called so: %s", t.name, argumentCount(len(args)), t)
	}
	switch connection.(type) {
	case nil, string, unknown:
	default:
		return fmt.Sprintf("the connection of %s is %s and must be text", t.name, article(value.TypeName(connection)))
	}
	for i, v := range rest {
		p := t.takes[i]
		switch {
		case v == nil && p.optional || v == unknown{} || p.fits(v):
		case v == nil:
			return fmt.Sprintf("%s needs %s, which is null", t.name, p.name)
		default:
			return fmt.Sprintf("%s of %s is %s and must be %s", p.name, t.name, article(value.TypeName(v)), p.kind.wanted())
		}
	}
	return ""
}

// parameters makes a call's arguments the parameters of the action. What may be
// left out and is null or holds nothing is not given; {"": ""} holds nothing too.
func (t *integration) parameters(b *value.Budget, args []any) *value.Map {
	out, first := value.NewMap(), int64(0)
	for _, name := range slices.Sorted(maps.Keys(t.fixed)) {
		out.Put(b, name, t.fixed[name])
	}
	for i, v := range args {
		p := t.takes[i]
		if p.optional && nothing(v) {
			continue
		}
		if members, ok := v.(*value.Map); ok && p.kind == asMembers {
			for k, member := range members.All() {
				out.Put(b, k, member)
			}
			continue
		}
		if v = p.kind.made(b, v); v == nil {
			continue
		}
		switch p.kind {
		case asFirst:
			first = wholeNumber(b, v)
		case asLast:
			page, size := t.page(first, wholeNumber(b, v))
			out.Put(b, "page", page)
			out.Put(b, "per_page", size)
		default:
			out.Put(b, p.name, v)
		}
	}
	return out
}

// mostRecords is how many records Zoho's APIs give at once.
const mostRecords = 200

// page is the page of an API that has the records from first to last, counted
// from 1.
func (t *integration) page(first, last int64) (number, size int64) {
	size = min(last-first+1, mostRecords)
	if first < 1 || size < 1 || (first-1)%size != 0 {
		value.Throw("%s gives pages: the records %d to %d are none, such as 1 to 50 or 51 to 100", t.name, first, last)
	}
	return (first-1)/size + 1, size
}

// wholeNumber is an argument that is a number, or the text of one; 0 for none.
func wholeNumber(b *value.Budget, v any) int64 {
	n, err := decimal.NewFromString(value.Text(b, v))
	if err != nil || !n.IsInteger() {
		return 0
	}
	return n.IntPart()
}
