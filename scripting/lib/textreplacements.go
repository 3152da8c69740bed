package lib

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/connhost/connhost/scripting/value"
)

// textReplacements put something in the place of what fits.
var textReplacements = []*Function{
	def(Function{
		Names: names("replaceAll"), Receiver: "text", Params: params("search text", "replacement text", "literal boolean?"), Returns: "text",
		Semantics: "The text with replacement for everything the regular expression search fits; with literal true, search is plain text. In the replacement of a regular expression $1 is its first group.",
		Examples: examples(Example{Expr: `"a1b22".replaceAll("[0-9]+", "#")`, Args: `["a1b22","[0-9]+","#"]`, Want: "a#b#"},
			Example{Expr: `"1.5".replaceAll(".", ",", true)`, Args: `["1.5",".",",",true]`, Want: "1,5"},
			Example{Expr: `"John Smith".replaceAll("(\\w+) (\\w+)", "$2 $1")`, Args: `["John Smith","(\\w+) (\\w+)","$2 $1"]`, Want: "Smith John"}),
	}, func(c call) any { return c.replaceAll(anywhere) }),
	def(Function{
		Names: names("replaceAllIgnoreCase"), Receiver: "text", Params: params("search text", "replacement text", "literal boolean?"), Returns: "text",
		Semantics: "As replaceAll, in any letter case.",
		Examples:  examples(Example{Expr: `"Zoho Creator, Zoho Desk".replaceAllIgnoreCase("ZOHO ", "Z")`, Args: `["Zoho Creator, Zoho Desk","ZOHO ","Z"]`, Want: "ZCreator, ZDesk"}),
	}, func(c call) any { return c.replaceAll(anyCase) }),
	def(Function{
		Names: names("replaceFirst"), Receiver: "text", Params: params("search text", "replacement text", "literal boolean?"), Returns: "text",
		Semantics: "As replaceAll, but only the first place.",
		Examples:  examples(Example{Expr: `"Create online databases".replaceFirst("online", "custom")`, Args: `["Create online databases","online","custom"]`, Want: "Create custom databases"}),
	}, func(c call) any { return c.replaceFirst(anywhere) }),
	def(Function{
		Names: names("replaceFirstIgnoreCase"), Receiver: "text", Params: params("search text", "replacement text", "literal boolean?"), Returns: "text",
		Semantics: "As replaceFirst, in any letter case.",
		Examples:  examples(Example{Expr: `"Zoho Creator, Zoho Desk".replaceFirstIgnoreCase("ZOHO ", "Z")`, Args: `["Zoho Creator, Zoho Desk","ZOHO ","Z"]`, Want: "ZCreator, Zoho Desk"}),
	}, func(c call) any { return c.replaceFirst(anyCase) }),
}

// search returns the text, what to look for and what to put there.
func (c call) search(f flavour) (s string, re pattern, t template) {
	s = c.text(0)
	expr, to := c.text(1), c.text(2)
	literal := c.has(3) && c.flag(3)
	if literal {
		expr = regexp.QuoteMeta(expr)
	}
	re = c.regex(expr, f, s)
	if literal {
		return s, re, template{literal: to, plain: true, cost: len(to), pieces: []piece{{to, -1}}}
	}
	return s, re, readTemplate(to, re)
}

func (c call) replaceAll(f flavour) any {
	if f == anywhere && c.has(3) && c.flag(3) {
		return c.replaceText()
	}
	s, re, t := c.search(f)
	if re.slow != nil {
		return c.replaceSlowly(re, s, t, true)
	}
	b := c.budget()
	b.AllocTimes(len(s), 2)
	// One pass counts what each place will take, and is the work itself when the
	// replacement has no groups.
	replaced := re.ReplaceAllStringFunc(s, func(match string) string {
		b.Tick(1 + t.cost/256)
		b.AllocTimes(t.cost, 2)
		b.AllocTimes(len(match), 2*t.groups)
		return t.literal
	})
	if t.plain {
		return replaced
	}
	c.regexAgain(len(s))
	return re.ReplaceAllString(s, t.expand)
}

// regexAgain charges for a second pass.
func (c call) regexAgain(n int) { c.budget().Tick(n / 16) }

// replaceText replaces plain text, whose result has a size known before.
func (c call) replaceText() any {
	s, part, to := c.text(0), c.text(1), c.text(2)
	c.grow(1, len(s))
	count := int64(strings.Count(s, part))
	c.grow(count, len(to))
	return strings.ReplaceAll(s, part, to)
}

func (c call) replaceFirst(f flavour) any {
	s, re, t := c.search(f)
	if re.slow != nil {
		return c.replaceSlowly(re, s, t, false)
	}
	at := re.FindStringSubmatchIndex(s)
	if at == nil {
		return s
	}
	c.grow(2, len(s)+t.cost)
	c.grow(int64(t.groups), at[1]-at[0])
	to := []byte(t.literal)
	if !t.plain {
		to = re.ExpandString(nil, t.expand, s, at)
	}
	return s[:at[0]] + string(to) + s[at[1]:]
}

// A template is a replacement: plain text, or with groups in the form of
// package regexp.
type template struct {
	literal string
	plain   bool
	expand  string
	pieces  []piece // the same, one by one
	groups  int
	cost    int // bytes of the text between groups, at most
}

// A piece is text, or a group if that is not negative.
type piece struct {
	text  string
	group int
}

// readTemplate reads a replacement as Java has it: $1 and ${name} are groups, a
// backslash takes the next character as it is. A $ that begins neither stands
// for itself.
func readTemplate(s string, re pattern) template {
	if !strings.ContainsAny(s, `$\`) {
		return template{literal: s, plain: true, cost: len(s), pieces: []piece{{s, -1}}}
	}
	var literal, expand strings.Builder
	t := template{cost: len(s)}
	for i := 0; i < len(s); {
		switch group, n := readGroup(s[i:], re); {
		case n > 0:
			expand.WriteString("${" + group + "}")
			t.add(group, re)
			t.groups++
			i += n
			continue
		case s[i] == '\\' && i+1 < len(s):
			i++
		}
		literal.WriteByte(s[i])
		expand.WriteByte(s[i])
		t.pieces = append(t.pieces, piece{s[i : i+1], -1})
		if s[i] == '$' {
			expand.WriteByte('$')
		}
		i++
	}
	t.literal, t.expand = literal.String(), expand.String()
	t.plain = t.groups == 0
	return t
}

// add notes a group, by number or name.
func (t *template) add(group string, re pattern) {
	n, err := strconv.Atoi(group)
	if err != nil {
		n = re.SubexpIndex(group)
	}
	t.pieces = append(t.pieces, piece{group: n})
}

// readGroup reads a group at the start of s. Java takes as many digits as there
// is a group of that number for.
func readGroup(s string, re pattern) (group string, n int) {
	if len(s) < 2 || s[0] != '$' {
		return "", 0
	}
	if s[1] == '{' {
		name, _, ok := strings.Cut(s[2:], "}")
		if !ok || re.SubexpIndex(name) < 0 {
			value.Throw("the regular expression has no group %q", value.Clip(name))
		}
		return name, len(name) + 3
	}
	for n = 1; n < len(s) && n < 4 && s[n] >= '0' && s[n] <= '9'; n++ {
		if k, _ := strconv.Atoi(s[1 : n+1]); k > re.NumSubexp() {
			break
		}
	}
	switch {
	case n > 1:
		return s[1:n], n
	case s[1] >= '0' && s[1] <= '9':
		value.Throw("the regular expression has no group %c", s[1])
	}
	return "", 0
}
