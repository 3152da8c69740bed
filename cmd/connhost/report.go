package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/connhost/connhost/plugins/abi"
	"github.com/connhost/connhost/plugins/build"
)

// writeReport prints what a connector's file holds. Nothing in it is trusted:
// each text is made fit for a terminal.
func writeReport(w io.Writer, r build.Report) {
	pairs := []string{"sha256", r.Hash, "size", strconv.Itoa(r.Size) + " bytes", "code", codeSize(r)}
	if r.Manifest != nil {
		pairs = append(pairs, manifestFacts(*r.Manifest)...)
	}
	for _, m := range r.Memories {
		pairs = append(pairs, "memory", sizeWords(m, "page of 64 KiB", "pages of 64 KiB"))
	}
	for _, t := range r.Tables {
		pairs = append(pairs, "table", sizeWords(t, "element", "elements"))
	}
	for i := 1; i < len(pairs); i += 2 {
		pairs[i] = plain(pairs[i])
	}
	facts(w, pairs...)
	var able, sections, imports, exports [][]string
	for _, c := range r.Capabilities {
		able = append(able, plainRow(c.Name, c.Text))
	}
	for _, s := range r.Sections {
		sections = append(sections, plainRow(s.Name, strconv.Itoa(s.Size)))
	}
	for _, i := range r.Imports {
		imports = append(imports, plainRow(i.Module+"."+i.Name, i.Kind, i.Type))
	}
	for _, e := range r.Exports {
		exports = append(exports, plainRow(e.Name, e.Kind, e.Type))
	}
	section(w, "what its code can do", "IMPORT MEANING", able)
	section(w, "sections", "NAME BYTES", sections)
	section(w, "imports", "NAME KIND TYPE", imports)
	section(w, "exports", "NAME KIND TYPE", exports)
	writeProblems(w, r.Problems)
}

// manifestFacts are what a manifest declares, in pairs.
func manifestFacts(m abi.Manifest) []string {
	var scopes, asked, actions, centres []string
	for _, d := range m.DataCentres {
		centres = append(centres, d.Name)
	}
	for _, s := range m.Scopes {
		scopes = append(scopes, s.Name)
	}
	for _, f := range m.Fields() {
		asked = append(asked, f.Key)
	}
	for _, a := range m.Actions {
		actions = append(actions, a.Name)
	}
	return []string{
		"id", m.ID, "name", m.Name, "version", m.Version, "description", m.Description, "docs", m.Docs, "auth", m.Auth.Type,
		"base URL", m.BaseURL, "may go to", strings.Join(append(m.DeclaredHosts(), m.CentreHosts()...), ", "), "data centres", strings.Join(centres, ", "), "asks for", strings.Join(asked, ", "),
		"scopes", strings.Join(scopes, " "), "actions", strings.Join(actions, ", "), "hooks", strings.Join(m.Hooks, ", "),
		"may read", strings.Join(m.RevealSecrets, ", "),
	}
}

func writeProblems(w io.Writer, problems []abi.Problem) {
	if len(problems) > 0 {
		fmt.Fprintln(w, "\nproblems:")
	}
	for _, p := range problems {
		fmt.Fprintf(w, "  %s[%s]: %s\n", p.Severity, p.Code, plain(strings.TrimPrefix(p.Path+": "+p.Msg, ": ")))
		if p.Hint != "" {
			fmt.Fprintf(w, "    hint: %s\n", plain(p.Hint))
		}
	}
}

func plainRow(cells ...string) []string {
	for i := range cells {
		cells[i] = plain(cells[i])
	}
	return cells
}

// sizeWords says what a memory or table begins with and may grow to.
func sizeWords(s build.Size, one, many string) string {
	noun := many
	if s.Min == 1 {
		noun = one
	}
	begin := fmt.Sprintf("%d %s", s.Min, noun)
	switch {
	case s.Max == nil:
		return begin + ", or more"
	case *s.Max == s.Min:
		return begin
	}
	return fmt.Sprintf("%d to %d %s", s.Min, *s.Max, many)
}

// codeSize says how much of a file is code. An empty module has 8 bytes.
func codeSize(r build.Report) string {
	if r.CodeSize <= 8 {
		return "none"
	}
	if r.Functions == 1 {
		return strconv.Itoa(r.CodeSize) + " bytes, 1 function"
	}
	return fmt.Sprintf("%d bytes, %d functions", r.CodeSize, r.Functions)
}
