package host_test

import (
	"strings"
	"testing"

	"github.com/connhost/connhost/host"
)

func TestFill(t *testing.T) {
	v := host.Vault{
		Keys:   map[string]host.Secret{"key": host.NewSecret("k-1"), "odd": host.NewSecret("{{secret:key}}")},
		Answer: func(p string) (host.Secret, bool) { return host.NewSecret("at " + p), p == "/code" },
	}
	for _, c := range []struct{ text, want, part string }{
		{"", "", ""},
		{"plain {braces} {{ and }}", "plain {braces} {{ and }}", ""},
		{"{{secret:key}}", "k-1", ""},
		{"a{{secret:key}}b{{secret:answer:/code}}c", "ak-1bat /codec", ""},
		// What was filled in is not read again.
		{"{{secret:odd}}", "{{secret:key}}", ""},
		{"{{secret:other}}", "", "{{secret:other}} names no secret"},
		{"{{secret:answer:/no}}", "", "names no secret"},
		{"x{{secret:key", "", "no end"},
		{"{{secret:a\nb}}", "", "{{secret:ab}}"},
	} {
		got, err := host.Fill(c.text, v.Find)
		if got != c.want || (err == nil) != (c.part == "") || err != nil && !strings.Contains(err.Error(), c.part) {
			t.Errorf("%q: got %q, %v", c.text, got, err)
		}
	}
	if _, ok := (host.Vault{}).Find("answer:/code"); ok {
		t.Error("the empty vault found something")
	}
}

// Few places of a long secret do not take all memory, in one text or in many.
func TestFillIsBounded(t *testing.T) {
	long := host.NewSecret(strings.Repeat("x", 1<<20))
	find := func(string) (host.Secret, bool) { return long, true }
	if _, err := host.Fill(strings.Repeat("{{secret:a}}", 100_000), find); err == nil || !strings.Contains(err.Error(), "16777216 bytes") {
		t.Errorf("one text: %v", err)
	}
	f, texts := host.Filler{Find: find}, 0
	for ; texts < 100; texts++ {
		if _, err := f.Fill("{{secret:a}}"); err != nil {
			break
		}
	}
	if texts != 16 {
		t.Errorf("%d texts of 1 MiB were filled, want 16", texts)
	}
}
