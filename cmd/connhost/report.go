package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/connhost/connhost/plugins/build"
)

// writeReport prints what a connector's file holds.
func writeReport(w io.Writer, r build.Report) {
	pairs := []string{"sha256", r.Hash, "size", strconv.Itoa(r.Size) + " bytes", "code", codeSize(r)}
	if m := r.Manifest; m != nil {
		var scopes []string
		for _, s := range m.Scopes {
			scopes = append(scopes, s.Name)
		}
		pairs = append(pairs, "id", m.ID, "name", m.Name, "version", m.Version, "description", m.Description, "auth", m.Auth.Type,
			"base URL", m.BaseURL, "may go to", strings.Join(m.DeclaredHosts(), ", "), "scopes", strings.Join(scopes, " "), "hooks", strings.Join(m.Hooks, ", "))
	}
	facts(w, pairs...)
	var sections, imports, exports [][]string
	for _, s := range r.Sections {
		sections = append(sections, []string{s.Name, strconv.Itoa(s.Size)})
	}
	for _, i := range r.Imports {
		imports = append(imports, []string{i.Module + "." + i.Name, i.Kind, i.Type})
	}
	for _, e := range r.Exports {
		exports = append(exports, []string{e.Name, e.Kind, e.Type})
	}
	section(w, "sections", "NAME BYTES", sections)
	section(w, "imports", "NAME KIND TYPE", imports)
	section(w, "exports", "NAME KIND TYPE", exports)
	if len(r.Problems) > 0 {
		fmt.Fprintln(w, "\nproblems:")
	}
	for _, p := range r.Problems {
		fmt.Fprintf(w, "  %s\n", strings.TrimPrefix(p.Path+": "+p.Msg, ": "))
		if p.Hint != "" {
			fmt.Fprintf(w, "    hint: %s\n", p.Hint)
		}
	}
}

// codeSize says how much of a file is code. An empty module has 8 bytes.
func codeSize(r build.Report) string {
	if r.CodeSize <= 8 {
		return "none"
	}
	return strconv.Itoa(r.CodeSize) + " bytes"
}
