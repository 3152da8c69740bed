package plugintest_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/connhost/connhost/plugins/build"
	"github.com/connhost/connhost/plugins/plugintest"
)

// folders are those of our connectors, the lab's own among them.
func folders(t *testing.T) (dirs []string) {
	t.Helper()
	files, err := filepath.Glob("../../connectors/*/connector.yaml")
	if err != nil || len(files) < 4 {
		t.Fatalf("got %v, %v", files, err)
	}
	for _, file := range files {
		dirs = append(dirs, filepath.Dir(file))
	}
	return append(dirs, "../../host/lab/connector")
}

// fileOf is the finished file of a folder: that of connectors/ as it stands there,
// which a test of connectors holds against its folder, so that no compiler is
// needed.
func fileOf(t *testing.T, dir string) []byte {
	t.Helper()
	if file, err := os.ReadFile(filepath.Join(dir, filepath.Base(dir)+".wasm")); err == nil {
		return file
	}
	built, err := build.Compile(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	return built.File
}

// few are connectors of each kind that keep to the rules in every run of the
// tests, and whose cases are done with the race detector; all do with
// CONNHOST_PEERS=1, without it.
var few = []string{"dropbox", "trello", "atlassian", "openweather", "google-drive", "salesforce", "telegram", "zoom-s2s", "shopify", "connector"}

// Every connector of ours keeps to the rules.
func TestRulesOfBuiltIn(t *testing.T) {
	all := wholeCatalogue && os.Getenv("CONNHOST_PEERS") == "1"
	for _, dir := range folders(t) {
		if !all && !slices.Contains(few, filepath.Base(dir)) {
			continue
		}
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			setting, err := plugintest.SettingOf(dir)
			if err != nil {
				t.Fatal(err)
			}
			list, err := plugintest.Suite{File: fileOf(t, dir), Staging: plugintest.Staging{Values: setting.Values, Faults: setting.Faults}}.Run(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range list {
				t.Logf("%s %s %s %v", v.Rule.Name, v.Ruling, v.Why, v.Took)
				if v.Ruling == plugintest.Failed {
					t.Errorf("%s: %s", v.Rule.Name, v.Why)
					for _, e := range v.Saw {
						t.Log(plugintest.Seen(e))
					}
				}
			}
		})
	}
}

// What was recorded of them, or written down from their services' pages, is
// what they do.
func TestCasesOfBuiltIn(t *testing.T) {
	n, least := 0, 10
	if wholeCatalogue {
		least = 100
	}
	for _, dir := range folders(t) {
		if !wholeCatalogue && !slices.Contains(few, filepath.Base(dir)) {
			continue
		}
		cases, err := plugintest.ReadCases(dir)
		if err != nil {
			t.Fatal(err)
		}
		n += len(cases.Tapes)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			file := fileOf(t, dir)
			suite := plugintest.Suite{File: file, Staging: plugintest.Staging{Values: cases.Setting.Values, Faults: cases.Setting.Faults}}
			runHooks(t, file, cases.Hooks)
			for _, c := range cases.Tapes {
				if got, err := c.Run(t.Context(), suite); !got.OK() || err != nil {
					t.Errorf("%s: %s, %v", c.Name, got.Failed, err)
				}
			}
			for _, f := range cases.Flows {
				if got, err := f.Run(t.Context(), suite); !got.OK() || err != nil {
					t.Errorf("%s: %s, %v", f.Name, got.Failed, err)
				}
			}
		})
	}
	if n < least {
		t.Errorf("only %d cases were read", n)
	}
}

// runHooks runs the cases of a connector's code.
func runHooks(t *testing.T, file []byte, cases []plugintest.Case) {
	t.Helper()
	if len(cases) == 0 {
		return
	}
	r, err := plugintest.Open(file, plugintest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for _, c := range cases {
		if got, err := c.Run(t.Context(), r); err != nil || !got.OK() {
			t.Errorf("%s: %s, %v", c.Name, got.Failed, err)
		}
	}
}
