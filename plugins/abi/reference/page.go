package reference

import (
	"fmt"
	"slices"
	"strings"

	"github.com/connhost/connhost/plugins/abi"
)

// Page writes the tables of MANIFEST.md anew. The page is written by hand but
// for what stands between a line such as <!-- keys Manifest --> and the next
// <!-- end -->. Every object, and each of the other tables, must stand in it
// once.
func (m Manifest) Page(page string) (string, error) {
	tables := m.tables()
	var out strings.Builder
	for {
		before, rest, ok := strings.Cut(page, "<!-- ")
		if !ok {
			break
		}
		name, rest, closed := strings.Cut(rest, " -->\n")
		table, known := tables[name]
		_, after, ended := strings.Cut(rest, "<!-- end -->")
		if !closed || !known || !ended {
			return "", fmt.Errorf("the page has <!-- %s -->, which is no table, stands twice or has no end", name)
		}
		delete(tables, name)
		fmt.Fprintf(&out, "%s<!-- %s -->\n\n%s\n<!-- end -->", before, name, table)
		page = after
	}
	for name := range tables {
		return "", fmt.Errorf("the page has no <!-- %s -->", name)
	}
	return out.String() + page, nil
}

func (m Manifest) tables() map[string]string {
	tables := map[string]string{"requests": requests(), "codes": codes(), "later": later()}
	for name, o := range m {
		tables["keys "+name] = keys(o)
	}
	return tables
}

// keys is the table of an object's own keys.
func keys(o objectType) string {
	limited := slices.ContainsFunc(o.fields[:o.own], func(f field) bool { return f.For != nil })
	heading := []string{"key", "type", "default", "meaning", "example"}
	if limited {
		heading = slices.Insert(heading, 1, "for")
	}
	var rows [][]string
	for _, f := range o.fields[:o.own] {
		row := []string{code(f.Name), kindWords(f), defaultWords(f), meaningWords(f), code(f.Example)}
		if limited {
			row = slices.Insert(row, 1, strings.Join(f.For, ", "))
		}
		rows = append(rows, row)
	}
	return table(heading, rows)
}

func kindWords(f field) string {
	switch {
	case f.of == string(text) && f.kind == list:
		return "list of text"
	case f.of == string(number) && f.kind == list:
		return "list of numbers"
	case f.of == string(text):
		return "object of text"
	case f.of == string(oneOf) && f.kind == list:
		return "list of text or lists of text"
	case f.of == string(oneOf):
		return "object of text or lists of text"
	case f.kind == list || f.kind == names:
		return fmt.Sprintf("%s of [%s](#%s)", f.kind, strings.ToLower(f.of), strings.ToLower(f.of))
	case f.kind == object:
		return fmt.Sprintf("[%s](#%s)", strings.ToLower(f.of), strings.ToLower(f.of))
	}
	return string(f.kind)
}

func defaultWords(f field) string {
	var words []string
	if f.Needed {
		return "needed"
	}
	if f.Default != "" {
		words = append(words, code(f.Default))
	}
	if f.Otherwise != "" {
		words = append(words, f.Otherwise)
	}
	return strings.Join(words, "; ")
}

func meaningWords(f field) string {
	words := []string{strings.NewReplacer("<", "&lt;", "->", "→").Replace(f.meaning)}
	if f.Words != nil {
		each := "one of "
		if f.kind == list {
			each = "of these: "
		}
		words = append(words, each+codeList(f.Words))
	}
	if (f.kind == number || f.of == string(number)) && f.Max > f.Min {
		words = append(words, fmt.Sprintf("%d to %d", f.Min, f.Max))
	}
	if f.kind == text && f.MaxLength > 0 {
		words = append(words, fmt.Sprintf("at most %d characters", f.MaxLength))
	}
	if f.MaxItems > 0 {
		words = append(words, fmt.Sprintf("at most %d", f.MaxItems))
	}
	return strings.Join(words, "; ")
}

// requests says what may stand in each request of a manifest.
func requests() string {
	var rows [][]string
	for _, r := range abi.RequestRules() {
		where, body := "needed", "`headers`, `form` or `json`"
		if !r.URL {
			where = "may be left out"
		}
		if !r.Body {
			body = "none: a browser opens it"
		}
		rows = append(rows, []string{code(r.Path), code(r.Method), where, body, codeList(r.Answer), placeList(r.Names)})
	}
	return table([]string{"request", "method", "`url` or `path`", "body", "keys of `answer`", "may name, beside parameters"}, rows)
}

// later are the words of the full agreement that this host refuses by name.
func later() string {
	var rows [][]string
	for _, o := range abi.Objects() {
		if len(o.Later) > 0 {
			rows = append(rows, []string{"keys of " + o.Name, codeList(o.Later)})
		}
		for _, k := range o.Keys {
			if len(k.Later) > 0 {
				rows = append(rows, []string{"words of " + code(strings.ToLower(o.Name)+"."+k.Name), codeList(k.Later)})
			}
		}
	}
	if rows == nil {
		return "Nothing.\n"
	}
	return table([]string{"what", "not there yet"}, rows)
}

func codes() string {
	var rows [][]string
	for _, c := range abi.Codes() {
		rows = append(rows, []string{code(string(c.Code)), c.Severity.String(), c.Meaning})
	}
	return table([]string{"code", "severity", "meaning"}, rows)
}

func table(heading []string, rows [][]string) string {
	var b strings.Builder
	line := func(cells []string) {
		for _, c := range cells {
			b.WriteString("| " + strings.ReplaceAll(c, "|", `\|`) + " ")
		}
		b.WriteString("|\n")
	}
	line(heading)
	b.WriteString(strings.Repeat("|---", len(heading)) + "|\n")
	for _, r := range rows {
		line(r)
	}
	return b.String()
}

func code(s string) string {
	if s == "" {
		return ""
	}
	return "`" + s + "`"
}

func codeList(words []string) string { return quoted(words, "", "") }

func placeList(names []string) string { return quoted(names, "{", "}") }

func quoted(words []string, before, after string) string {
	var list []string
	for _, w := range words {
		list = append(list, code(before+w+after))
	}
	return strings.Join(list, ", ")
}
