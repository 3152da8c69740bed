package abi

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// OneOf are the values of which one must be there. In a manifest it is a list,
// or a text alone.
type OneOf []string

// UnmarshalJSON reads one text or a list of them. What is neither becomes no
// value, which Check has a sentence for: an error here would end the reading of
// the whole manifest.
func (o *OneOf) UnmarshalJSON(data []byte) error {
	var one string
	if json.Unmarshal(data, &one) == nil {
		*o = OneOf{one}
		return nil
	}
	var list []string
	_ = json.Unmarshal(data, &list)
	*o = list
	return nil
}

// MarshalJSON writes what is one text as that.
func (o OneOf) MarshalJSON() ([]byte, error) {
	if len(o) == 1 {
		return json.Marshal(o[0])
	}
	return json.Marshal([]string(o))
}

// String is the values for people: mail.read or mail.write.
func (o OneOf) String() string {
	if len(o) == 0 {
		return ""
	}
	return orList(o)
}

// AllOf is a list of which all are needed, for people: profile, mail.read or
// mail.write.
func AllOf(list []OneOf) string {
	var words []string
	for _, o := range list {
		words = append(words, o.String())
	}
	return strings.Join(words, ", ")
}

// Condition says when the parameter is asked for, for people: "plan" is pro or
// enterprise. It is empty for one that always is.
func (p Parameter) Condition() string {
	var all []string
	for _, key := range slices.Sorted(maps.Keys(p.VisibleWhen)) {
		if values := p.VisibleWhen[key]; len(values) > 0 {
			all = append(all, `"`+key+`" is `+orList(values))
		}
	}
	if len(all) == 0 {
		return ""
	}
	return andList(all)
}

// Invisible are the keys of the parameters that are not asked for with these
// values, by design rule 12. Such a parameter has no value, whatever stands
// there and whatever its default is, and what depends on it is invisible too.
// A value that is not given is the default.
func (m Manifest) Invisible(values map[string]string) map[string]bool {
	return invisible(m.Parameters, values)
}

// Invisible are those of the action's own parameters.
func (a Action) Invisible(values map[string]string) map[string]bool {
	return invisible(a.Parameters, values)
}

// invisible asks in the order of the parameters, because one depends only on
// those before it. It is nil where nothing has a condition: every call asks.
func invisible(list []Parameter, values map[string]string) map[string]bool {
	if !slices.ContainsFunc(list, func(p Parameter) bool { return len(p.VisibleWhen) > 0 }) {
		return nil
	}
	hidden, known := map[string]bool{}, map[string]string{}
	for _, p := range list {
		for key, allowed := range p.VisibleWhen {
			hidden[p.Key] = hidden[p.Key] || !slices.Contains(allowed, known[key])
		}
		if hidden[p.Key] {
			continue
		}
		if known[p.Key] = values[p.Key]; known[p.Key] == "" {
			known[p.Key] = p.Default
		}
	}
	maps.DeleteFunc(hidden, func(_ string, is bool) bool { return !is })
	return hidden
}

// visible checks what decides whether a parameter is asked for; before are the
// parameters that are asked before it.
func (c *checker) visible(at string, p Parameter, before []Parameter) {
	at = KeyPath(at, "visible_when")
	if p.VisibleWhen == nil {
		return
	}
	if len(p.VisibleWhen) == 0 {
		c.warn("M007", at, "", "%s is {}, which means the same as leaving it out", last(at))
		return
	}
	if p.Kind == KindHost {
		c.fault("M316", at, "leave it out", "a parameter of kind host is asked for when a connection is created, before anything else is known")
		return
	}
	for _, key := range slices.Sorted(maps.Keys(p.VisibleWhen)) {
		c.decides(KeyPath(at, key), p, key, before)
	}
}

// decides checks one parameter of a condition, and the values that it must have.
func (c *checker) decides(at string, p Parameter, key string, before []Parameter) {
	c.used[key] = true
	var names []string
	for _, b := range before {
		names = append(names, b.Key)
	}
	i := slices.Index(names, key)
	switch {
	case key == p.Key:
		c.fault("M314", at, "name another parameter", "the parameter %q cannot decide whether it is asked for itself", key)
	case i < 0:
		c.fault("M314", at, "declare it further up", "%q is no parameter that is asked for before %q%s", key, p.Key, meant(key, names))
	case before[i].Secret:
		c.fault("M315", at, "", "the parameter %q is secret, and what is asked for next would tell its value", key)
	case before[i].Kind == KindHost:
		c.fault("M316", at, "name another parameter", "the parameter %q is of kind host: it is asked for when a connection is created, and decides about nothing later", key)
	case len(p.VisibleWhen[key]) == 0:
		c.fault("M319", at, "write a value, or a list of values", "no value of %q is named, so %q would never be asked for", key, p.Key)
	default:
		c.decidingValues(at, before[i], p.VisibleWhen[key])
	}
}

// decidingValues wants values that the parameter can have. That none is empty
// and none stands twice is a rule of the table.
func (c *checker) decidingValues(at string, decider Parameter, values OneOf) {
	for i, value := range values {
		if err := decider.Check(value); value != "" && err != nil {
			c.fault("M317", ItemPath(at, i), "", "%v", err)
		}
	}
}

// alwaysNeeded refuses to hide a parameter without which there is no credential
// or no address: what decides would break the connection.
func (c *checker) alwaysNeeded(at string, p Parameter) {
	if len(p.VisibleWhen) > 0 && c.m.needed()[p.Key] {
		c.fault("M318", KeyPath(at, "visible_when"), "give each place of it a fallback, as in {"+p.Key+"|}, or leave the condition out",
			"the credential, a host or an authorization URL needs {%s}, and with this condition it may have no value", p.Key)
	}
}
