package main

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/connhost/connhost/plugins/build"
	"github.com/connhost/connhost/scripting"
)

const (
	readme  = "../../README.md"
	guide   = "../../host/README.md"
	authors = "../../plugins/README.md"
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

// A block is a code block of a page.
type block struct{ language, text string }

// allBlocks lists the code blocks of a page in order.
func allBlocks(t *testing.T, page string) []block {
	t.Helper()
	var list []block
	for _, part := range strings.Split("\n"+readPage(t, page), "\n```")[1:] {
		if language, text, _ := strings.Cut(part, "\n"); language != "" { // else it is what stands behind one
			list = append(list, block{language, text + "\n"})
		}
	}
	return list
}

// blocks lists the code blocks of a page in a language, in order.
func blocks(t *testing.T, page, language string) []string {
	t.Helper()
	var list []string
	for _, b := range allBlocks(t, page) {
		if b.language == language {
			list = append(list, b.text)
		}
	}
	if len(list) == 0 {
		t.Fatalf("%s has no %s block", page, language)
	}
	return list
}

// TestReadmeTour types what the console blocks of README and of the guides show
// and compares what they print; the guides show standard error too. The lab
// stands at another port than theirs. Authors need no network.
func TestReadmeTour(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"tour":    tour(t, readme, 8, "") + "-- stock.dg --\n" + blocks(t, readme, "deluge")[0],
		"guide":   tour(t, guide, 60, " 2>&1"),
		"authors": "env GOPROXY=off\nenv GOFLAGS=-mod=mod\n" + tour(t, authors, 40, " 2>&1"),
	} {
		if err := os.WriteFile(filepath.Join(dir, name+".txtar"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	testscript.Run(t, testscript.Params{
		Dir: dir, RequireExplicitExec: true, Setup: setup(t.TempDir()),
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"consent": consent, "imagined": imaginedLab, "same": same},
	})
}

// writtenFile is the first line of a block that is a file.
var writtenFile = regexp.MustCompile(`^(?:#|//) ([a-z/-]+\.(?:yaml|go|dg))\n`)

// tour makes a script of the console blocks of a page, and of the files between
// them. Of an authorization only standard output is compared: the other has the
// URL. A lab that a page starts goes on behind the rest.
func tour(t *testing.T, page string, least int, shown string) string {
	t.Helper()
	var script, files strings.Builder
	n := 0
	for _, b := range allBlocks(t, page) {
		if name := writtenFile.FindStringSubmatch(b.text); name != nil {
			n++
			fmt.Fprintf(&script, "exec mkdir -p %s\ncp file%d %s\n", path.Dir(name[1]), n, name[1])
			fmt.Fprintf(&files, "-- file%d --\n%s", n, b.text)
		}
		if b.language != "console" {
			continue
		}
		for _, step := range strings.Split("\n"+b.text, "\n$ ")[1:] {
			command, want, _ := strings.Cut(step, "\n")
			typed := strings.ReplaceAll(strings.ReplaceAll(command, "127.0.0.1:9100", "$LAB"), "'", "''")
			n++
			switch set, export := strings.CutPrefix(command, "export "); {
			case export && strings.HasPrefix(set, "CONNHOST_ALLOW_CIDR="):
				continue // setup and imagined do it
			case export:
				fmt.Fprintf(&script, "env %s\n", set)
				continue
			case strings.HasPrefix(command, "connhost lab "):
				fmt.Fprintf(&script, "exec sh -c 'exec %s --addr 127.0.0.1:0 >out%d' &\nimagined out%[2]d out\n", typed, n)
			case strings.HasPrefix(command, "connhost connection authorize") && !strings.Contains(command, ";") && !strings.Contains(command, "--secret-"):
				fmt.Fprintf(&script, "exec sh -c '%s >out 2>err%d' &authorize%[2]d&\nconsent err%[2]d\nwait authorize%[2]d\n", typed, n)
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
	got := ts.ReadFile(args[0])
	for _, at := range strings.Fields(ts.Getenv("LAB") + " " + ts.Getenv("LABS")) {
		got = strings.NewReplacer(at, "127.0.0.1:9100", "127.0.0.1/32:"+portOf(at), "127.0.0.1/32:9100").Replace(got)
	}
	if at := ts.Getenv("CALLBACK"); at != "" {
		got = strings.ReplaceAll(got, at, fmt.Sprint("127.0.0.1:", defaultPort))
	}
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
