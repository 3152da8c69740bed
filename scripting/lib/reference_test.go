package lib_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/connhost/connhost/scripting/lib"
)

var update = flag.Bool("update", false, "write the files that are made from the table")

func TestReference(t *testing.T) {
	const file = "../FUNCTIONS.md"
	want := lib.Reference()
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s is stale; go test ./scripting/lib -run TestReference -update writes it", file)
	}
	for _, f := range lib.All() {
		if n := strings.Count(want, "\n### "+f.Names[0]+"\n"); n != 1 {
			t.Errorf("%s stands there %d times", f.Names[0], n)
		}
	}
}
