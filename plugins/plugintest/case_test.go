package plugintest_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/connhost/connhost/plugins/build"
	"github.com/connhost/connhost/plugins/plugintest"
)

func TestReadCase(t *testing.T) {
	c, err := plugintest.ReadCase("cases/signs.yaml", []byte(`
# what the service's own page shows
hook: sign
input: {request: {method: GET, url: "https://api.acme.test/me"}}
secrets: {key: swordfish}
bodies: ["{}"]
now: 2026-02-03T04:05:06Z
output: {headers: {X-Time: "1770091506"}}
fuel: 100000
`))
	if err != nil {
		t.Fatal(err)
	}
	if c.Name != "signs" || c.Hook != "sign" || string(c.Input) != `{"request":{"method":"GET","url":"https://api.acme.test/me"}}` ||
		c.Secrets["key"] != "swordfish" || c.Bodies[0] != "{}" || !c.Now.Equal(time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)) || c.Fuel != 100000 {
		t.Errorf("got %+v", c)
	}
}

func TestReadCaseMistakes(t *testing.T) {
	for text, want := range map[string]string{
		"":                                            "x.yaml:1:1: the file holds no case",
		"- hook":                                      "x.yaml:1:1: a case is an object",
		"hook: test\ninptu: {}\ninput: {}":            `x.yaml:2:1: unknown key "inptu"`,
		"hook: tset\ninput: {}":                       `x.yaml:1:1: there is no hook "tset"`,
		"input: {}":                                   `x.yaml:1:1: the key "hook" is missing`,
		"hook: test\noutput: {}":                      `x.yaml:1:1: the key "input" is missing`,
		"hook: test\ninput: {}\nbodies: text":         `x.yaml:3:1: the key "bodies" has a value of another kind`,
		"hook: test\ninput: {}\nnow: today":           `x.yaml:3:1: the key "now" has a value of another kind`,
		"hook: test\ninput: {}\nfuel: -1":             "x.yaml:3:1: fuel is a whole number above 0",
		"hook: test\ninput: &a {}\noutput: *a":        "x.yaml:2:8: a case has no anchors (&) and no aliases (*)",
		"hook: test\ninput: {}\nerror: {message: no}": "x.yaml:3:1: an error has a code",
		"hook: test\ninput: {}\noutput: {}\nerror: {code: not_there}": "x.yaml:4:1: a hook gives an output or an error, not both",
	} {
		if _, err := plugintest.ReadCase("x.yaml", []byte(text)); err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}

// The mistakes of all cases are told at once.
func TestReadCases(t *testing.T) {
	dir := t.TempDir()
	if cases, err := plugintest.ReadCases(dir); err != nil || cases.Hooks != nil || cases.Flows != nil {
		t.Errorf("got %v, %v", cases, err)
	}
	write := func(name, text string) {
		t.Helper()
		path := filepath.Join(dir, "cases", name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	write("b.yaml", "hook: test\ninput: {}\n")
	write("a.yml", "hook: test\nname: first\ninput: {}\n")
	write("README.md", "notes")
	write("f.yaml", "flow: [connect]\n")
	cases, err := plugintest.ReadCases(dir)
	if err != nil || len(cases.Hooks) != 2 || cases.Hooks[0].Name != "first" || cases.Hooks[1].Name != "b" || len(cases.Flows) != 1 || cases.Flows[0].Name != "f" {
		t.Errorf("got %+v, %v", cases, err)
	}
	write("c.yaml", "hook: x\n")
	write("d.yaml", "")
	_, err = plugintest.ReadCases(dir)
	bad, ok := errors.AsType[*build.Invalid](err)
	if !ok || len(bad.Diagnostics) != 3 || !strings.Contains(bad.Render(), "d.yaml:1:1") {
		t.Errorf("got %v", err)
	}
}

// The page has every key of a case, and its example is one.
func TestPage(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "CASES.md"))
	if err != nil {
		t.Fatal(err)
	}
	of, recorded, _ := strings.Cut(string(page), "## Cases that were recorded")
	_, rest, _ := strings.Cut(of, "```yaml\n")
	example, table, _ := strings.Cut(rest, "```")
	if _, err := plugintest.ReadCase("x.yaml", []byte(example)); err != nil {
		t.Error(err)
	}
	recorded, _, _ = strings.Cut(recorded, "\n## ")
	_, rest, _ = strings.Cut(recorded, "```yaml\n")
	example, recorded, _ = strings.Cut(rest, "```")
	if _, err := plugintest.ReadTapeCase("x.yaml", []byte(example)); err != nil {
		t.Error(err)
	}
	if n := keysOf(t, recorded, func(key string) error {
		_, err := plugintest.ReadTapeCase("x.yaml", []byte(key+": []\n"))
		return err
	}); n != 10 {
		t.Errorf("%d keys in the table of recorded cases", n)
	}
	if n := keysOf(t, table, func(key string) error {
		_, err := plugintest.ReadCase("x.yaml", []byte(key+": []\n"))
		return err
	}); n != 9 {
		t.Errorf("%d keys in the table", n)
	}
}

// The page has every key and step of a flow and every rule, and its examples are
// what they say.
func TestPageOfFlows(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "CASES.md"))
	if err != nil {
		t.Fatal(err)
	}
	page := string(text)
	part := func(heading string) string {
		_, rest, _ := strings.Cut(page, "\n## "+heading+"\n")
		own, _, _ := strings.Cut(rest, "\n## ")
		return own
	}
	example := func(part string) []byte {
		_, rest, _ := strings.Cut(part, "```yaml\n")
		own, _, _ := strings.Cut(rest, "```")
		return []byte(own)
	}
	if _, err := plugintest.ReadFlow("x.yaml", example(part("Flows"))); err != nil {
		t.Error(err)
	}
	if _, err := plugintest.ReadSetting("x.yaml", example(part("`lab.yaml`"))); err != nil {
		t.Error(err)
	}
	for _, name := range append(plugintest.StepNames(), "flow", "faults", "values", "name", "status", "answer", "error", "connection", "saw") {
		if !strings.Contains(part("Flows"), "\n| `"+name+"` | ") {
			t.Errorf("the page does not tell of %s", name)
		}
	}
	table := "| rule | what it asks |\n|---|---|\n"
	for _, rule := range plugintest.Rules() {
		table += "| `" + rule.Name + "` | " + rule.Asks + " |\n"
	}
	if !strings.Contains(part("The rules for all connectors"), table) {
		t.Errorf("the page must have the table\n%s", table)
	}
}

// keysOf counts the keys in a table, which the reader must know.
func keysOf(t *testing.T, table string, read func(key string) error) (n int) {
	t.Helper()
	for line := range strings.Lines(table) {
		key, isKey := strings.CutPrefix(line, "| `")
		if !isKey {
			continue
		}
		n++
		key, _, _ = strings.Cut(key, "`")
		if err := read(key); err != nil && strings.Contains(err.Error(), "unknown key") {
			t.Errorf("the page tells of the key %s", key)
		}
	}
	return n
}
