package abi_test

import (
	"fmt"
	"testing"

	"github.com/connhost/connhost/plugins/abi"
)

// What an answer offers, and what is no choice.
func TestChoices(t *testing.T) {
	rule := abi.Choose{What: "site", Items: "/data/sites", Only: map[string]string{"/kind": "desk"}, Key: "/id", Label: "/name", Default: "/first", Values: map[string]string{"site": "/id", "base": "/links/0/url"}}
	for _, c := range []struct {
		rule         abi.Choose
		answer, want string
	}{
		{rule, `{"data":{"sites":[{"id":123456789012345678,"name":"A","kind":"desk","first":true,"links":[{"url":"https://a"}]}]}}`, "[{123456789012345678 A map[base:https://a site:123456789012345678] true}] true"},
		{rule, `{"data":{"sites":[{"id":"a","kind":"desk","links":[{"url":"u"}]}]}}`, "[{a a map[base:u site:a] false}] true"},
		{rule, `{"data":{"sites":[{"id":"a","kind":"crm","links":[{"url":"u"}]},{"id":"b","kind":"desk"},{"kind":"desk","links":[{"url":"u"}]},7]}}`, "[] true"},
		{rule, `{"data":{"sites":[]}}`, "[] true"},
		{rule, `{"data":{"sites":{}}}`, "[] false"},
		{rule, `[]`, "[] false"},
		{rule, `<html>`, "[] false"},
		{abi.Choose{Key: "/id", Values: map[string]string{"id": "/id"}}, `[{"id":"x"}]`, "[{x x map[id:x] false}] true"},
		{abi.Choose{Single: true, Key: "/id", Values: map[string]string{"id": "/id"}}, `{"id":"x"}`, "[{x x map[id:x] false}] true"},
		{abi.Choose{Single: true, Key: "/id", Values: map[string]string{"id": "/id"}}, `[{"id":"x"}]`, "[] false"},
	} {
		list, ok := c.rule.Choices([]byte(c.answer))
		if got := fmt.Sprint(list, ok); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.answer, got, c.want)
		}
	}
}

// What a manifest may say of it.
func TestChooseRules(t *testing.T) {
	type m = *abi.Manifest
	choose := func(change func(*abi.Choose)) func(m) {
		return func(m m) {
			m.Choose = &abi.Choose{Request: abi.Request{Path: "/sites"}, What: "site", Key: "/id", Values: map[string]string{"site": "/id"}}
			m.Test.Path = "/{site}/me"
			change(m.Choose)
		}
	}
	check(t, skeleton, []rule{
		{"as it should be", choose(func(*abi.Choose) {}), ""},
		{"nothing to send", choose(func(c *abi.Choose) { c.Path = "" }), `choose: "choose" needs a "url" or a "path"`},
		{"no key", choose(func(c *abi.Choose) { c.Key = "" }), `choose.key: the key "key" is missing`},
		{"no values", choose(func(c *abi.Choose) { c.Values = nil }), "test.path: {site} names no parameter\nchoose.values: the key \"values\" is missing"},
		{"what it takes is not known", choose(func(c *abi.Choose) { c.Path = "/{site}" }), `choose.path: {site} is chosen after the authorization, and this request has to do without it`},
		{"no pointer", choose(func(c *abi.Choose) { c.Items = "sites" }), `choose.items: "sites" is not a JSON pointer, which begins with '/' (RFC 6901)`},
		{"no pointer in only", choose(func(c *abi.Choose) { c.Only = map[string]string{"kind": "a"} }), `choose.only.kind: "kind" is not a JSON pointer, which begins with '/' (RFC 6901)`},
		{"a token", choose(func(c *abi.Choose) { c.Values["site"] = "/access_token" }), `choose.values.site: "/access_token" is a token by its name, which nobody may read`},
		{"a parameter's name", choose(func(c *abi.Choose) { c.Values["key"] = "/k" }), `choose.values.key: "key" is captured and declared as a parameter`},
		{"no use", choose(func(c *abi.Choose) { c.Values["other"] = "/o" }), `warning: choose.values.other: "other" is chosen and used nowhere`},
		{"a default of one", choose(func(c *abi.Choose) { c.Single, c.Default = true, "/d" }), `choose.default: "default" means nothing with "single": there is one choice`},
		{"an answer", choose(func(c *abi.Choose) { c.Answer = &abi.Answer{Key: "/id"} }), `choose.answer.key: no answer of this request is read`},
	})
}
