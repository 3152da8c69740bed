package syntax_test

import (
	"os"
	"strings"
	"testing"

	"github.com/connhost/connhost/scripting/syntax"
)

// BenchmarkParse reads a long file of code as people write it and reports lines
// a second.
func BenchmarkParse(b *testing.B) {
	sample, err := os.ReadFile("testdata/bench.dg")
	if err != nil {
		b.Fatal(err)
	}
	text := strings.Repeat(string(sample), 50)
	src := syntax.NewSource("bench.dg", text)
	lines := strings.Count(text, "\n")
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, list := syntax.Parse(src, syntax.Options{Limits: syntax.Limits{Source: 1 << 30, Nodes: 1 << 30}}); syntax.HasErrors(list) {
			b.Fatal(render(text, list[:1]))
		}
	}
	b.ReportMetric(float64(lines*b.N)/b.Elapsed().Seconds(), "lines/s")
}
