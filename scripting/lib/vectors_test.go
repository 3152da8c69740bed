package lib_test

import (
	"bufio"
	"os"
	"strings"
	"testing"
)

// What the documentation of the product shows for functions that are built.
func TestDocumentedSamples(t *testing.T) {
	f, err := os.Open("testdata/vectors.tsv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		if strings.HasPrefix(lines.Text(), "#") {
			continue
		}
		cells := strings.Split(lines.Text(), "\t")
		if len(cells) < 3 || len(cells) > 4 {
			t.Fatalf("line %d has %d cells", n, len(cells))
		}
		rt := runtime(t)
		got := answer(rt, function(t, cells[0]), arguments(t, rt, cells[1]))
		if got != cells[2] {
			t.Errorf("line %d: %s%s = %q, want %q", n, cells[0], cells[1], got, cells[2])
		}
	}
}
