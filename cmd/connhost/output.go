package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"
)

// show prints data: as one JSON value with --output json, as text otherwise.
func (p *program) show(value any, text func(w io.Writer)) error {
	if p.flags.output == "json" {
		return p.encode(value)
	}
	text(p.out)
	return nil
}

// encode prints one JSON value.
func (p *program) encode(value any) error {
	enc := json.NewEncoder(p.out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(value)
}

// writesSarif marks a command that has findings and prints them with --output
// sarif too.
var writesSarif = map[string]string{"output": "sarif"}

// table prints rows under a heading, in columns. Every row has all the cells,
// empty ones too: tabwriter begins its columns anew where a row lacks one.
func table(w io.Writer, heading string, rows [][]string) {
	names := strings.Fields(heading)
	var b strings.Builder
	t := tabwriter.NewWriter(&b, 0, 4, 2, ' ', 0)
	for _, row := range append([][]string{names}, rows...) {
		fmt.Fprint(t, strings.Join(row, "\t"), strings.Repeat("\t", max(0, len(names)-len(row))), "\n")
	}
	_ = t.Flush()
	for line := range strings.Lines(b.String()) {
		fmt.Fprintln(w, strings.TrimRight(line, " \n"))
	}
}

// section prints a table under a title of its own.
func section(w io.Writer, title, heading string, rows [][]string) {
	if len(rows) > 0 {
		fmt.Fprintf(w, "\n%s:\n", title)
		table(w, heading, rows)
	}
}

// facts prints pairs of a name and a value, leaving out what is empty.
func facts(w io.Writer, pairs ...string) {
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			fmt.Fprintf(t, "%s:\t%s\n", pairs[i], pairs[i+1])
		}
	}
	_ = t.Flush()
}

// stamp is a time as it is printed: UTC, RFC 3339, "" for none.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// plain is text of a stranger on one line: nothing that a terminal obeys.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, text)
}

// or is text, or other when it is empty.
func or(text, other string) string {
	if text == "" {
		return other
	}
	return text
}
