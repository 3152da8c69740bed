package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/connhost/connhost/plugins/build"
	"github.com/connhost/connhost/scripting"
)

// blocks lists the code blocks of README of a language, in order.
func blocks(t *testing.T, language string) []string {
	t.Helper()
	page, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, rest := range strings.Split(string(page), "```"+language+"\n")[1:] {
		block, _, _ := strings.Cut(rest, "```")
		list = append(list, block)
	}
	if len(list) == 0 {
		t.Fatalf("README has no %s block", language)
	}
	return list
}

// TestReadmeTour types what README's console blocks show and compares what they
// print. Its lab stands at another port than README's.
func TestReadmeTour(t *testing.T) {
	var script, files strings.Builder
	n := 0
	for _, block := range blocks(t, "console") {
		for _, step := range strings.Split(block, "$ ")[1:] {
			command, want, _ := strings.Cut(step, "\n")
			typed := strings.ReplaceAll(command, "127.0.0.1:9100", "$LAB")
			switch {
			case strings.HasPrefix(command, "export "):
				continue // setup does it
			case strings.HasPrefix(command, "connhost connection authorize"):
				script.WriteString("exec sh -c '" + typed + " >out 2>err' &\nconsent err\nwait\n")
			default:
				script.WriteString("exec sh -c '" + typed + " >out'\n")
			}
			n++
			fmt.Fprintf(&script, "same out want%d\n", n)
			fmt.Fprintf(&files, "-- want%d --\n%s", n, want)
		}
	}
	if n < 8 {
		t.Fatalf("%d commands", n)
	}
	dir := t.TempDir()
	text := script.String() + files.String() + "-- stock.dg --\n" + blocks(t, "deluge")[0]
	if err := os.WriteFile(filepath.Join(dir, "tour.txtar"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: dir, RequireExplicitExec: true, Setup: setup(t.TempDir()),
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"consent": consent, "same": same},
	})
}

// same compares two files but for blanks at line ends, a last newline and
// hashes, which depend on the toolchain.
func same(ts *testscript.TestScript, _ bool, args []string) {
	if got, want := trimLines(ts.ReadFile(args[0])), trimLines(ts.ReadFile(args[1])); got != want {
		ts.Fatalf("got:\n%s\nwant:\n%s", got, want)
	}
}

var hashes = regexp.MustCompile(`\(sha256 [0-9a-f]{64}\)`)

func trimLines(s string) string {
	lines := strings.Split(strings.TrimRight(s, "\n"), "\n")
	for i := range lines {
		lines[i] = hashes.ReplaceAllString(strings.TrimRight(lines[i], " "), "(sha256 ...)")
	}
	return strings.Join(lines, "\n")
}

// The manifests and the configuration in README are valid, and so is its
// script.
func TestReadmeFiles(t *testing.T) {
	yaml := blocks(t, "yaml")
	if s := build.Read("connector.yaml", []byte(yaml[0])); s.Failed() {
		t.Errorf("README's connector.yaml: %v", s.Diagnostics)
	}
	if set := readConfig(t, signingConfig(t)); len(set.trusted) != 1 {
		t.Errorf("the configuration in plugins/SIGNING.md trusts %v", set.trusted)
	}
	set := readConfig(t, yaml[1])
	if set.limits["download"] != 100<<20 || len(set.allow) != 2 || len(set.trusted) != 1 {
		t.Errorf("README's config.yaml: %+v", set)
	}
	if p, found := scripting.Compile(scripting.Source{Name: "stock.dg", Text: blocks(t, "deluge")[0]}, scripting.Options{}); p == nil {
		t.Errorf("README's script: %v", found)
	}
}

// readConfig reads a configuration file.
func readConfig(t *testing.T, text string) settings {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	sys := &system{getenv: func(string) string { return "" }, dataDir: t.TempDir()}
	set, err := sys.settings(&flags{config: path})
	if err != nil {
		t.Errorf("%v\n%s", err, text)
	}
	return set
}

// signingConfig is the configuration that plugins/SIGNING.md shows.
func signingConfig(t *testing.T) string {
	t.Helper()
	page, err := os.ReadFile("../../plugins/SIGNING.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(page), "```yaml\n")
	text, _, _ = strings.Cut(text, "```")
	return text
}
