package abi_test

import (
	"testing"

	"github.com/connhost/connhost/plugins/abi"
)

func TestUnverified(t *testing.T) {
	type m = *abi.Manifest
	of := func(paths ...string) func(m) { return func(m m) { m.Unverified = paths } }
	check(t, skeleton, []rule{
		{"ways to keys", of("test", "auth.pkce", "refresh.lifetime", "hosts", "parameters.default", "test.query", "test.query.q", "auth.token.url"), ""},
		{"no key", of("auth.pcke"), `unverified[0]: "auth.pcke" is the path of no key`},
		{"nothing behind a text", of("id", "id.x"), `unverified[1]: "id.x" is the path of no key`},
		{"half a path", of("auth."), `unverified[0]: "auth." is the path of no key`},
		{"itself", of("unverified"), `unverified[0]: "unverified" is the path of no key`},
		{"twice", of("test", "test"), `unverified[1]: "test" stands twice in "unverified"`},
	})
}

func TestCategory(t *testing.T) {
	type m = *abi.Manifest
	check(t, skeleton, []rule{
		{"a word", func(m m) { m.Category = "e-sign" }, ""},
		{"two", func(m m) { m.Category = "File storage" }, `category: "category" has a form that is not allowed`},
	})
}

// A captured value that an action alone names is used.
func TestCapturedForAnAction(t *testing.T) {
	type m = *abi.Manifest
	act := abi.Action{Name: "list", Request: abi.Request{Path: "/users/{user}/items"}}
	check(t, oauth, []rule{
		{"named by an action", func(m m) {
			m.Capture["user"] = "/owner"
			m.Actions = append(m.Actions, act)
		}, ""},
	})
}
