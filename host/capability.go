package host

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/connhost/connhost/plugins/abi"
)

// Capabilities are what a connector may do once it is installed, as far as an
// administrator has to agree to it. They are computed from its manifest, which
// the host enforces, and not from what its author says about it.
type Capabilities struct {
	Auth    string   // the auth type: what people are asked for
	Hosts   []string // templates of where credentials may go
	Hooks   []string // what its code is called for
	Imports []string // what its code may do beyond reading its input: http, secret
	Reveals []string // the secrets that its code may read
	Limits  []Allowance
}

// An Allowance is a limit that the connector asks for instead of the default.
type Allowance struct {
	Name  string // time, memory, output, fuel, http_calls
	Value string // as the manifest writes it
}

// hookAction is the one hook that may make calls of its own.
const hookAction = "action"

// CapabilitiesOf reads them from a manifest.
func CapabilitiesOf(m abi.Manifest) Capabilities {
	c := Capabilities{Auth: m.Auth.Type, Hosts: m.DeclaredHosts(), Hooks: slices.Clone(m.Hooks), Reveals: slices.Clone(m.RevealSecrets)}
	if place, _, ok := strings.Cut(m.BaseURL, "}"); ok && strings.HasPrefix(place, "{") {
		c.Hosts = append(c.Hosts, place+"}") // the service names it in its token answer
	}
	if slices.Contains(m.Hooks, hookAction) {
		c.Imports = append(c.Imports, "http")
	}
	if len(m.RevealSecrets) > 0 {
		c.Imports = append(c.Imports, "secret")
	}
	if m.Limits == nil {
		return c
	}
	for _, l := range allowances {
		if value := l.of(*m.Limits); value != "" && value != "0" {
			c.Limits = append(c.Limits, Allowance{l.name, value})
		}
	}
	return c
}

// allowances are the limits that a manifest may ask for, with the defaults of
// design section 8. Fuel has none that stands in a manifest: asking for any is
// more than asking for none.
var allowances = []struct {
	name, def string
	of        func(abi.Limits) string
}{
	{"time", "2s", func(l abi.Limits) string { return l.Time }},
	{"memory", "64MB", func(l abi.Limits) string { return l.Memory }},
	{"output", "8MB", func(l abi.Limits) string { return l.Output }},
	{"fuel", "0", func(l abi.Limits) string { return strconv.FormatInt(l.Fuel, 10) }},
	{"http_calls", "20", func(l abi.Limits) string { return strconv.Itoa(l.HTTPCalls) }},
}

// A Change is one line of what an upgrade changes.
type Change struct {
	Added  bool
	What   string // auth, host, hook, import, secret, limit
	Value  string
	Widens bool // it may do more than before
}

// String is the line with its sign: "+ host files.acme.test".
func (c Change) String() string {
	sign := "- "
	if c.Added {
		sign = "+ "
	}
	return sign + c.What + " " + c.Value
}

// Diff lists what next may do and c may not, and the other way round. An empty
// list means that both may do the same.
func (c Capabilities) Diff(next Capabilities) []Change {
	var list []Change
	compare := func(what string, old, new []string, widens func(value string) bool) {
		for _, v := range old {
			if !slices.Contains(new, v) {
				list = append(list, Change{What: what, Value: v})
			}
		}
		for _, v := range new {
			if !slices.Contains(old, v) {
				list = append(list, Change{Added: true, What: what, Value: v, Widens: widens(v)})
			}
		}
	}
	always := func(string) bool { return true }
	compare("auth", []string{c.Auth}, []string{next.Auth}, func(string) bool { return false })
	compare("host", c.Hosts, next.Hosts, always)
	compare("hook", c.Hooks, next.Hooks, always)
	compare("import", c.Imports, next.Imports, always)
	compare("secret", c.Reveals, next.Reveals, always)
	compare("limit", c.limits(), next.limits(), func(line string) bool {
		name, value, _ := strings.Cut(line, " ")
		return amount(value) > amount(c.limit(name))
	})
	return list
}

// Widens reports whether a change lets a connector do more.
func Widens(list []Change) bool {
	return slices.ContainsFunc(list, func(c Change) bool { return c.Widens })
}

// limits are the allowances as lines: "memory 128MB".
func (c Capabilities) limits() []string {
	var list []string
	for _, l := range c.Limits {
		list = append(list, l.Name+" "+l.Value)
	}
	return list
}

// limit is what is asked for, or the default.
func (c Capabilities) limit(name string) string {
	for _, l := range c.Limits {
		if l.Name == name {
			return l.Value
		}
	}
	for _, l := range allowances {
		if l.name == name {
			return l.def
		}
	}
	return ""
}

// amount makes a limit comparable: a time, a size or a number. What cannot be
// read is more than anything, so that it is never taken for harmless.
func amount(value string) float64 {
	if d, err := time.ParseDuration(value); err == nil {
		return float64(d)
	}
	text, unit := strings.ToUpper(strings.ReplaceAll(value, " ", "")), 1.0
	for suffix, n := range map[string]float64{"KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30} {
		if number, ok := strings.CutSuffix(text, suffix); ok {
			text, unit = number, n
		}
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || n != n {
		return 1e300
	}
	return n * unit
}
