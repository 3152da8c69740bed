package abi_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/connhost/connhost/plugins/abi"
)

// Rule 12: "Parameters are declared by the connector and asked as fields, at
// authorization: type, label, help, required, default, pattern, enum, secret,
// visible_when." What a condition may name is checked when the manifest is read.
func TestRule12VisibleWhenIsChecked(t *testing.T) {
	type m = *abi.Manifest
	type when = map[string]abi.OneOf
	with := func(last abi.Parameter, before ...abi.Parameter) func(m) {
		return func(m m) {
			m.Parameters = append(append(m.Parameters, before...), last)
			m.Test.Query = map[string]string{"x": "{x|}"}
		}
	}
	const unused = `warning: parameters[1].key: the parameter "plan" is asked for and used nowhere`
	plan := abi.Parameter{Key: "plan", Enum: []string{"free", "pro"}}
	x := func(w when) abi.Parameter { return abi.Parameter{Key: "x", VisibleWhen: w} }
	check(t, skeleton, []rule{
		{"one value", with(x(when{"plan": {"pro"}}), plan), ""},
		{"several values", with(x(when{"plan": {"pro", "free"}}), plan), ""},
		{"several parameters", with(x(when{"plan": {"pro"}, "area": {"eu"}}), plan, abi.Parameter{Key: "area"}), ""},
		{"of a secret one", with(abi.Parameter{Key: "x", Secret: true, VisibleWhen: when{"plan": {"pro"}}}, plan), ""},
		{"nothing", with(x(when{}), plan), "warning: parameters[2].visible_when: \"visible_when\" is {}, which means the same as leaving it out\n" + unused},
		{"further down", func(m m) {
			m.Parameters = append(m.Parameters, x(when{"plan": {"pro"}}), plan)
			m.Test.Query = map[string]string{"x": "{x}"}
		}, `parameters[1].visible_when.plan: "plan" is no parameter that is asked for before "x"`},
		{"none", with(x(when{"plam": {"pro"}}), plan), `parameters[2].visible_when.plam: "plam" is no parameter that is asked for before "x" (did you mean "plan"?)` + "\n" + unused},
		{"itself", with(x(when{"x": {"pro"}})), `parameters[1].visible_when.x: the parameter "x" cannot decide whether it is asked for itself`},
		{"a secret", with(x(when{"key": {"pro"}})), `parameters[1].visible_when.key: the parameter "key" is secret, and what is asked for next would tell its value`},
		{"a host", with(x(when{"server": {"a.test"}}), abi.Parameter{Key: "server", Kind: abi.KindHost}), `parameters[2].visible_when.server: the parameter "server" is of kind host: it is asked for when a connection is created, and decides about nothing later`},
		{"of a host", with(abi.Parameter{Key: "x", Kind: abi.KindHost, VisibleWhen: when{"plan": {"pro"}}}, plan), `parameters[2].visible_when: a parameter of kind host is asked for when a connection is created, before anything else is known` + "\n" + unused},
		{"outside of the enum", with(x(when{"plan": {"pro", "gold"}}), plan), `parameters[2].visible_when.plan[1]: the value of "plan" must be one of: free, pro`},
		{"against the pattern", with(x(when{"plan": {"PRO"}}), abi.Parameter{Key: "plan", Pattern: "[a-z]+"}), `parameters[2].visible_when.plan[0]: the value of "plan" does not match [a-z]+`},
		{"no values", with(x(when{"plan": {}}), plan), `parameters[2].visible_when.plan: no value of "plan" is named, so "x" would never be asked for`},
		{"an empty value", with(x(when{"plan": {""}}), plan), `parameters[2].visible_when.plan[0]: "plan[0]" is empty`},
		{"a value twice", with(x(when{"plan": {"pro", "pro"}}), plan), `parameters[2].visible_when.plan[1]: "pro" stands twice in "plan"`},
		{"of a host's label", func(m m) {
			m.Parameters = append(m.Parameters, plan, x(when{"plan": {"pro"}}))
			m.BaseURL = "https://{x}.acme.test"
		}, `parameters[2].visible_when: the credential, a host or an authorization URL needs {x}, and with this condition it may have no value`},
		{"of a label with a default", func(m m) {
			m.Parameters = append(m.Parameters, plan, abi.Parameter{Key: "x", Default: "a", VisibleWhen: when{"plan": {"pro"}}})
			m.Hosts = []string{"{x}.acme.test"}
		}, `parameters[2].visible_when: the credential, a host or an authorization URL needs {x}, and with this condition it may have no value`},
		{"of a label with a fallback", func(m m) {
			m.Parameters = append(m.Parameters, plan, x(when{"plan": {"pro"}}))
			m.BaseURL = "https://{x|api}.acme.test"
		}, ""},
		{"of the credential", func(m m) {
			m.Parameters = append([]abi.Parameter{plan}, m.Parameters...)
			m.Parameters[1].VisibleWhen = when{"plan": {"pro"}}
		}, `parameters[1].visible_when: the credential, a host or an authorization URL needs {key}, and with this condition it may have no value`},
		{"of an action", func(m m) {
			m.Actions = []abi.Action{{Name: "list", Request: abi.Request{Path: "/", Query: map[string]string{"x": "{x}"}},
				Parameters: []abi.Parameter{plan, x(when{"plan": {"pro"}})}}}
		}, ""},
		{"of an action, by what is not its own", func(m m) {
			m.Actions = []abi.Action{{Name: "list", Request: abi.Request{Path: "/"}, Parameters: []abi.Parameter{x(when{"key": {"pro"}})}}}
		}, `actions[0].parameters[0].visible_when.key: "key" is no parameter that is asked for before "x"`},
		{"of a data centre that decides otherwise", func(m m) {
			with(x(when{"plan": {"pro"}}), plan)(m)
			m.DataCentres = []abi.DataCentre{{Name: "eu", Values: map[string]string{"plan": "free", "x": "1"}}, {Name: "us", Values: map[string]string{"plan": "pro", "x": "1"}}, {Name: "in", Values: map[string]string{"x": "1"}}}
		}, `data_centres[0].values.x: "plan" is free in this data centre, and "x" is asked for only where "plan" is pro`},
	})
}

func TestInvisible(t *testing.T) {
	type when = map[string]abi.OneOf
	m := abi.Manifest{Parameters: []abi.Parameter{
		{Key: "plan", Default: "free"}, {Key: "area"},
		{Key: "tenant", Default: "main", VisibleWhen: when{"plan": {"pro", "enterprise"}}},
		{Key: "unit", VisibleWhen: when{"tenant": {"main"}}},
		{Key: "both", VisibleWhen: when{"plan": {"pro"}, "area": {"eu"}}},
	}}
	for _, c := range []struct {
		name, given, want string // key=value
	}{
		{"the default decides", "", "both tenant unit"},
		{"a value decides", "plan=pro", "both"},
		{"so does another", "plan=enterprise", "both"},
		{"all of it", "plan=pro area=eu", ""},
		{"half of it", "area=eu", "both tenant unit"},
		{"an empty value is none", "plan= area=eu", "both tenant unit"},
		{"an invisible one decides nothing", "tenant=main", "both tenant unit"},
		{"one that decides in turn", "plan=pro tenant=other", "both unit"},
	} {
		values := map[string]string{}
		for _, pair := range strings.Fields(c.given) {
			key, value, _ := strings.Cut(pair, "=")
			values[key] = value
		}
		if got := strings.Join(slices.Sorted(maps.Keys(m.Invisible(values))), " "); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
	if got := m.Parameters[4].Condition(); got != `"area" is eu and "plan" is pro` {
		t.Errorf("the condition is %s", got)
	}
	if got := m.Parameters[2].Condition() + m.Parameters[0].Condition(); got != `"plan" is pro or enterprise` {
		t.Errorf("the condition is %s", got)
	}
}
