package main

import (
	"testing"

	"github.com/connhost/connhost/plugins/abi"
	"github.com/connhost/connhost/scripting/syntax"
)

// Every code that a command shows is explained, and no two are the same.
func TestEveryCodeIsExplained(t *testing.T) {
	seen := map[string]bool{}
	one := func(code string) {
		t.Helper()
		if seen[code] {
			t.Errorf("%s stands for two things", code)
		}
		seen[code] = true
		if d, err := explain(code); err != nil || d.Title == "" || d.Text == "" {
			t.Errorf("%s: %+v, %v", code, d, err)
		}
	}
	for _, e := range syntax.Explanations() {
		one(string(e.Code))
	}
	for _, c := range abi.Codes() {
		one(string(c.Code))
	}
	for _, e := range connectionCodes {
		one(string(e.Code))
	}
	for obstacle, code := range obstacleCodes {
		if !seen[string(code)] {
			t.Errorf("%s has the code %q, which is not explained", obstacle, code)
		}
	}
	if len(obstacleCodes) != len(connectionCodes) {
		t.Errorf("%d obstacles, %d codes", len(obstacleCodes), len(connectionCodes))
	}
}
