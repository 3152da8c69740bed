package peerbench_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/connhost/connhost/plugins/peerbench"
)

var built = sync.OnceValues(func() ([]peerbench.Guest, error) {
	dir, err := os.MkdirTemp("", "peerbench")
	if err != nil {
		return nil, err
	}
	cleanups = append(cleanups, func() { os.RemoveAll(dir) })
	return peerbench.Build(dir)
})

var cleanups []func()

func TestMain(m *testing.M) {
	status := m.Run()
	for _, f := range cleanups {
		f()
	}
	os.Exit(status)
}

func guests(t testing.TB) []peerbench.Guest {
	t.Helper()
	all, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// text is JSON of n bytes, no two of whose parts are alike.
func text(n int) []byte { return peerbench.Text(n) }

// Every host gives the same answers, at the first call and later, in a fresh
// instance, and from compiled code that an earlier load has left.
func TestSameAnswers(t *testing.T) {
	for _, g := range guests(t) {
		for _, h := range peerbench.Hosts() {
			t.Run(g.Language+"/"+h.Name, func(t *testing.T) {
				cache := t.TempDir()
				for _, cache := range []string{"", cache, cache} {
					p, err := h.Load(t.Context(), g, cache)
					if err != nil {
						t.Fatal(err)
					}
					check(t, p)
					if err := p.Close(t.Context()); err != nil {
						t.Error(err)
					}
				}
				files, err := filepath.Glob(filepath.Join(cache, "*"))
				if err != nil || (len(files) > 0) != h.Cache {
					t.Errorf("the cache holds %q, %v", files, err)
				}
			})
		}
	}
}

func check(t *testing.T, p peerbench.Plugin) {
	t.Helper()
	for _, c := range []struct {
		call     func(context.Context, string, []byte) ([]byte, error)
		function string
		in, want []byte
	}{
		{p.Call, peerbench.Noop, []byte("{}"), []byte("{}")},
		{p.Call, peerbench.Echo, []byte(`"ü"`), []byte(`"ü"`)},
		{p.Fresh, peerbench.Echo, text(1 << 10), text(1 << 10)},
		{p.Call, peerbench.Echo, text(64 << 10), text(64 << 10)},
		{p.Call, peerbench.Echo, []byte("[1,2]"), []byte("[1,2]")},
	} {
		got, err := c.call(t.Context(), c.function, c.in)
		if err != nil || !bytes.Equal(got, c.want) {
			t.Errorf("%s of %d bytes: got %.60q, %v", c.function, len(c.in), got, err)
		}
	}
}

// Each row of the table, for each guest and host.
func Benchmark(b *testing.B) {
	for _, g := range guests(b) {
		for _, row := range peerbench.Rows() {
			for _, h := range peerbench.Hosts() {
				name := fmt.Sprintf("%s/%s/%s", g.Language, row.Name, strings.ReplaceAll(h.Name, ", ", "-"))
				b.Run(name, func(b *testing.B) { measure(b, row, h, g) })
			}
		}
	}
}

func measure(b *testing.B, row peerbench.Row, h peerbench.Host, g peerbench.Guest) {
	run, err := row.Begin(b.Context(), h, g, b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	defer run.End()
	for b.Loop() {
		if err := run.Step(); err != nil {
			b.Fatal(err)
		}
		if run.After != nil {
			b.StopTimer()
			if err := run.After(); err != nil {
				b.Fatal(err)
			}
			b.StartTimer()
		}
	}
}
