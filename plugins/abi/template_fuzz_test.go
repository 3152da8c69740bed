package abi_test

import (
	"strings"
	"testing"

	"github.com/connhost/connhost/plugins/abi"
)

// A template without places is what it says with its braces halved, and what
// fills a place is not read as a template again.
func FuzzTemplate(f *testing.F) {
	for _, seed := range []string{"", "a{b}c", "{a|b}", "{{a}}", "{", "}", "{}", "{a{b}}", "{a|{b}}", "{1}", "{é}", "}}{{", "{a|}"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, template string) {
		doubled := strings.NewReplacer("{", "{{", "}", "}}").Replace(template)
		same, err := abi.Expand(doubled, func(abi.Place) (string, error) {
			t.Error("a place of escaped braces")
			return "", nil
		})
		if err != nil || same != template {
			t.Errorf("%q comes back as %q, %v", template, same, err)
		}
		places, err := abi.Places(template)
		if err != nil {
			return
		}
		const value = "{x}}{{"
		n := 0
		out, err := abi.Expand(template, func(p abi.Place) (string, error) {
			if p != places[n] || p.Name == "" || strings.ContainsAny(p.Name, "{}|") {
				t.Errorf("%q: place %d is %+v", template, n, p)
			}
			n++
			return value, nil
		})
		if err != nil || n != len(places) || strings.Count(out, value) < n {
			t.Errorf("%q: %d of %d places in %q, %v", template, n, len(places), out, err)
		}
	})
}
