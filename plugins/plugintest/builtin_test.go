package plugintest_test

import (
	"path/filepath"
	"testing"

	"github.com/connhost/connhost/plugins/build"
	"github.com/connhost/connhost/plugins/plugintest"
)

// Every connector of ours passes its own test: cases, flows and rules.
func TestBuiltIn(t *testing.T) {
	folders, err := filepath.Glob("../../connectors/*/connector.yaml")
	if err != nil || len(folders) < 4 {
		t.Fatalf("got %v, %v", folders, err)
	}
	for _, file := range append(folders, "../../host/lab/connector/connector.yaml") {
		dir := filepath.Dir(file)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			built, err := build.Compile(t.Context(), dir)
			if err != nil {
				t.Fatal(err)
			}
			setting, err := plugintest.SettingOf(dir)
			if err != nil {
				t.Fatal(err)
			}
			list, err := plugintest.Suite{File: built.File, Staging: plugintest.Staging{Values: setting.Values, Faults: setting.Faults}}.Run(t.Context())
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
