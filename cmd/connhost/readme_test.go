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

const (
	readme = "../../README.md"
	guide  = "../../host/README.md"
)

// readPage reads a page of documentation.
func readPage(t *testing.T, page string) string {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// blocks lists the code blocks of a page in a language, in order.
func blocks(t *testing.T, page, language string) []string {
	t.Helper()
	var list []string
	for _, rest := range strings.Split(readPage(t, page), "```"+language+"\n")[1:] {
		block, _, _ := strings.Cut(rest, "```")
		list = append(list, block)
	}
	if len(list) == 0 {
		t.Fatalf("%s has no %s block", page, language)
	}
	return list
}

// TestReadmeTour types what the console blocks of README and of the operator's
// guide show and compares what they print; the guide shows standard error too.
// The lab stands at another port than theirs.
func TestReadmeTour(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"tour":  tour(t, readme, 8, "") + "-- stock.dg --\n" + blocks(t, readme, "deluge")[0],
		"guide": tour(t, guide, 60, " 2>&1"),
	} {
		if err := os.WriteFile(filepath.Join(dir, name+".txtar"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	testscript.Run(t, testscript.Params{
		Dir: dir, RequireExplicitExec: true, Setup: setup(t.TempDir()),
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"consent": consent, "same": same},
	})
}

// tour makes a script of the console blocks of a page. Of an authorization only
// standard output is compared: the other has the URL.
func tour(t *testing.T, page string, least int, shown string) string {
	t.Helper()
	var script, files strings.Builder
	n := 0
	for _, block := range blocks(t, page, "console") {
		for _, step := range strings.Split("\n"+block, "\n$ ")[1:] {
			command, want, _ := strings.Cut(step, "\n")
			typed := strings.ReplaceAll(strings.ReplaceAll(command, "127.0.0.1:9100", "$LAB"), "'", "''")
			n++
			switch set, export := strings.CutPrefix(command, "export "); {
			case export && strings.HasPrefix(set, "CONNHOST_ALLOW_CIDR="):
				continue // setup does it
			case export:
				fmt.Fprintf(&script, "env %s\n", set)
				continue
			case strings.HasPrefix(command, "connhost connection authorize"):
				fmt.Fprintf(&script, "exec sh -c '%s >out 2>err%d' &\nconsent err%[2]d\nwait\n", typed, n)
			default:
				fmt.Fprintf(&script, "exec sh -c '{ %s ; } >out%s'\n", typed, shown)
			}
			fmt.Fprintf(&script, "same out want%d\n", n)
			fmt.Fprintf(&files, "-- want%d --\n%s\n", n, want)
		}
	}
	if n < least {
		t.Fatalf("%s: %d commands", page, n)
	}
	return script.String() + files.String()
}

// same compares what was printed with what a page shows. There ... stands for
// anything within a line, and the widths of columns follow from that.
func same(ts *testscript.TestScript, _ bool, args []string) {
	got := strings.ReplaceAll(ts.ReadFile(args[0]), ts.Getenv("LAB"), "127.0.0.1:9100")
	gotLines, wantLines := lines(got), lines(ts.ReadFile(args[1]))
	ok := len(gotLines) == len(wantLines)
	for i := 0; ok && i < len(wantLines); i++ {
		ok = shows(wantLines[i], gotLines[i])
	}
	if !ok {
		ts.Fatalf("got:\n%s\nwant:\n%s", got, ts.ReadFile(args[1]))
	}
}

var gaps = regexp.MustCompile(`  +`)

// lines are those of a text, without blanks at their ends and with two between
// columns.
func lines(s string) []string {
	list := strings.Split(strings.TrimSpace(s), "\n")
	for i := range list {
		list[i] = gaps.ReplaceAllString(strings.TrimRight(list[i], " "), "  ")
	}
	return list
}

// shows reports whether a line of a page is the printed one.
func shows(page, printed string) bool {
	pattern := strings.ReplaceAll(regexp.QuoteMeta(page), `\.\.\.`, ".+")
	return regexp.MustCompile("^" + pattern + "$").MatchString(printed)
}

// The manifests and the configuration in README are valid, and so is its
// script.
func TestReadmeFiles(t *testing.T) {
	yaml := blocks(t, readme, "yaml")
	if s := build.Read("connector.yaml", []byte(yaml[0])); s.Failed() {
		t.Errorf("README's connector.yaml: %v", s.Diagnostics)
	}
	if set := readConfig(t, signingConfig(t)); len(set.trusted) != 1 {
		t.Errorf("the configuration in plugins/SIGNING.md trusts %v", set.trusted)
	}
	if faults, err := readFaults(writeTemp(t, "faults.yaml", yaml[1])); err != nil || len(faults) != 2 {
		t.Errorf("README's faults.yaml: %+v, %v", faults, err)
	} else if made, err := (&labFlags{manifest: writeTemp(t, "connector.yaml", yaml[0])}).imagine(t.Context(), "127.0.0.1:9100"); err != nil {
		t.Errorf("the lab is not README's connector.yaml: %v", err)
	} else if err := made.lab.SetFaults(faults); err != nil {
		t.Errorf("README's faults.yaml: %v", err)
	}
	set := readConfig(t, yaml[2])
	if set.limits["download"] != 100<<20 || len(set.allow) != 2 || len(set.trusted) != 1 {
		t.Errorf("README's config.yaml: %+v", set)
	}
	if set := readConfig(t, blocks(t, guide, "yaml")[0]); set.webhook == nil {
		t.Error("the guide's config.yaml has no webhook")
	}
	if p, found := scripting.Compile(scripting.Source{Name: "stock.dg", Text: blocks(t, readme, "deluge")[0]}, scripting.Options{}); p == nil {
		t.Errorf("README's script: %v", found)
	}
}

// readConfig reads a configuration file.
func readConfig(t *testing.T, text string) settings {
	t.Helper()
	path := writeTemp(t, "config.yaml", text)
	sys := &system{getenv: func(string) string { return "" }, dataDir: t.TempDir()}
	set, err := sys.settings(&flags{config: path})
	if err != nil {
		t.Errorf("%v\n%s", err, text)
	}
	return set
}

// writeTemp writes a text into a file of that name in a folder of its own.
func writeTemp(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// signingConfig is the configuration that plugins/SIGNING.md shows.
func signingConfig(t *testing.T) string {
	t.Helper()
	return blocks(t, "../../plugins/SIGNING.md", "yaml")[0]
}
