package host

import (
	"maps"
	"math"
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
	Tokens  []string // templates of where else client secrets and refresh tokens go, to get tokens
	Sends   []string // client_secret and keys that sign, where those themselves go to the service
	Hooks   []string // what its code is called for
	Imports []string // what its code may do beyond reading its input: http, secret
	Reveals []string // the secrets that its code may read
	Shows   []string // pointers to values of token answers and callbacks that it takes for no secret: its code and people see them
	Limits  []Allowance
}

// An Allowance is a limit that the connector sets for its own code.
type Allowance struct {
	Name   string // time, memory, output, fuel, http_calls
	Value  string // as the manifest writes it
	amount int64
}

// CapabilitiesOf reads them from a manifest.
func CapabilitiesOf(m abi.Manifest) Capabilities {
	c := Capabilities{Auth: m.Auth.Type, Hosts: m.DeclaredHosts(), Tokens: m.TokenHosts(), Hooks: slices.Clone(m.Hooks), Reveals: slices.Clone(m.RevealSecrets), Shows: shown(m)}
	if m.SendsSecret() {
		c.Sends = []string{"client_secret"}
	}
	c.Sends = append(c.Sends, m.SentKeys()...)
	if place, _, ok := strings.Cut(m.BaseURL, "}"); ok && strings.HasPrefix(place, "{") {
		c.Hosts = append(c.Hosts, place+"}") // the service names it in its token answer
	}
	for _, h := range m.CentreHosts() {
		if !slices.Contains(c.Hosts, h) {
			c.Hosts = append(c.Hosts, h)
		}
	}
	if slices.Contains(m.Hooks, abi.HookAction) {
		c.Imports = append(c.Imports, abi.ImportHTTP)
	}
	if len(m.RevealSecrets) > 0 {
		c.Imports = append(c.Imports, abi.ImportSecret)
	}
	if m.Limits == nil {
		return c
	}
	for _, l := range allowances {
		if value, amount := l.of(*m.Limits); amount > 0 {
			c.Limits = append(c.Limits, Allowance{l.name, value, amount})
		}
	}
	return c
}

// shown are the pointers of a manifest's public and capture, each once.
func shown(m abi.Manifest) []string {
	list := slices.AppendSeq(slices.Clone(m.Public), maps.Values(m.Capture))
	slices.Sort(list)
	return slices.Compact(list)
}

// allowances are the limits that a manifest may set, with what the host allows
// where it sets none (design section 8). Fuel has no bound but the time then.
var allowances = []struct {
	name string
	none int64
	of   func(abi.Limits) (string, int64)
}{
	{"time", int64(2 * time.Second), func(l abi.Limits) (string, int64) { return l.Time, int64(l.Duration()) }},
	{"memory", 64 << 20, func(l abi.Limits) (string, int64) { return l.Memory, l.MemoryBytes() }},
	{"output", 8 << 20, func(l abi.Limits) (string, int64) { return l.Output, l.OutputBytes() }},
	{"fuel", math.MaxInt64, func(l abi.Limits) (string, int64) { return strconv.FormatInt(l.Fuel, 10), l.Fuel }},
	{"http_calls", 20, func(l abi.Limits) (string, int64) { return strconv.Itoa(l.HTTPCalls), int64(l.HTTPCalls) }},
}

// A Change is one line of what an upgrade changes.
type Change struct {
	Added  bool
	What   string // auth, host, token host, sent, hook, import, secret, shown, limit
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
	compare := func(what string, old, new []string, widens bool) {
		for _, v := range old {
			if !slices.Contains(new, v) {
				list = append(list, Change{What: what, Value: v})
			}
		}
		for _, v := range new {
			if !slices.Contains(old, v) {
				list = append(list, Change{Added: true, What: what, Value: v, Widens: widens})
			}
		}
	}
	compare("auth", []string{c.Auth}, []string{next.Auth}, false)
	compare("host", c.Hosts, next.Hosts, true)
	compare("token host", c.Tokens, next.Tokens, true)
	compare("sent", c.Sends, next.Sends, true)
	compare("hook", c.Hooks, next.Hooks, true)
	compare("import", c.Imports, next.Imports, true)
	compare("secret", c.Reveals, next.Reveals, true)
	compare("shown", c.Shows, next.Shows, true)
	for _, l := range allowances {
		list = append(list, c.limit(l.name, l.none).changes(next.limit(l.name, l.none))...)
	}
	return list
}

// limit is the allowance of a name, without a value where the host's own limit
// holds.
func (c Capabilities) limit(name string, none int64) Allowance {
	for _, l := range c.Limits {
		if l.Name == name {
			return l
		}
	}
	return Allowance{Name: name, amount: none}
}

// changes are the lines of a limit that changed. Taking a limit away widens too.
func (a Allowance) changes(next Allowance) (list []Change) {
	if a.Value == next.Value {
		return nil
	}
	widens := next.amount > a.amount
	if a.Value != "" {
		list = append(list, Change{What: "limit", Value: a.Name + " " + a.Value, Widens: widens && next.Value == ""})
	}
	if next.Value != "" {
		list = append(list, Change{Added: true, What: "limit", Value: next.Name + " " + next.Value, Widens: widens})
	}
	return list
}

// Widens reports whether a change lets a connector do more.
func Widens(list []Change) bool {
	return slices.ContainsFunc(list, func(c Change) bool { return c.Widens })
}
