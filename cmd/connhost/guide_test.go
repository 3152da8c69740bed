package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// typedCommand is a command in a line of a shell, up to what that takes for its
// own.
var typedCommand = regexp.MustCompile(`(?m)(?:^(?:\$ )?(?:[A-Z_]+=\S+ )?|\| |bin/)connhost ([a-z-][^\n;|&<>#]*)`)

// Every command and flag that README and the guides write is there.
func TestPagesNameCommandsThatAreThere(t *testing.T) {
	pages := map[string]int{readme: 60, guide: 60, authors: 40, cataloguePage: 1}
	for id := range guided {
		pages[guideOf(id)] = 8
	}
	for page, least := range pages {
		found := typedCommand.FindAllStringSubmatch(codeOf(readPage(t, page)), -1)
		if len(found) < least {
			t.Errorf("%s: %d commands", page, len(found))
		}
		for _, f := range found {
			root := (&program{system: &system{}}).root()
			words := strings.Fields(f[1])
			cmd, rest, err := root.Find(words)
			if err != nil || cmd == root || cmd.HasSubCommands() && len(rest) > 0 && !strings.HasPrefix(rest[0], "-") {
				t.Errorf("%s: there is no command connhost %s (%v)", page, f[1], err)
				continue
			}
			cmd.InitDefaultHelpFlag()
			for _, word := range words {
				name, long := strings.CutPrefix(strings.Trim(word, "(),"), "--")
				name, _, _ = strings.Cut(name, "=")
				if long && cmd.Flag(name) == nil {
					t.Errorf("%s: %s has no flag --%s", page, cmd.CommandPath(), name)
				}
			}
		}
	}
}

// codeOf is what stands in code blocks and code spans of a page, a line each.
func codeOf(page string) string {
	var list []string
	for i, part := range strings.Split(page, "```") {
		if i%2 == 1 {
			list = append(list, part)
			continue
		}
		for j, span := range strings.Split(part, "`") {
			if j%2 == 1 {
				list = append(list, span)
			}
		}
	}
	return strings.Join(list, "\n")
}

// What the guide's tables say that people meet is what the program says: each
// piece of it stands in the source.
func TestGuideQuotesTheProgram(t *testing.T) {
	source := programText(t, "../../host", ".")
	_, tables, _ := strings.Cut(readPage(t, guide), "\n### Status and reason\n")
	n := 0
	for _, line := range strings.Split(tables, "\n") {
		if !strings.HasPrefix(line, "| ") {
			continue
		}
		for i, span := range strings.Split(strings.Split(line, " | ")[0], "`") {
			if i%2 == 0 {
				continue
			}
			n++
			for _, piece := range strings.Split(span, "...") {
				if !strings.Contains(source, strings.TrimSpace(piece)) {
					t.Errorf("nothing says %q", piece)
				}
			}
		}
	}
	if n < 60 {
		t.Errorf("%d pieces", n)
	}
}

// programText is the text of the Go files of folders that are no tests.
func programText(t *testing.T, folders ...string) string {
	t.Helper()
	var all strings.Builder
	for _, folder := range folders {
		err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			text, err := os.ReadFile(path)
			all.Write(text)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all.String()
}
