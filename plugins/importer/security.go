package importer

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// A requirement is a set of schemes that stand together: names, sorted.
type requirement []string

func (r requirement) String() string { return strings.Join(r, " and ") }

// requirements are the alternatives of a list of security requirements. Open
// says that none is needed.
func requirements(n node) (list []requirement, open bool) {
	for _, alternative := range n.items() {
		if names := alternative.keys(); len(names) > 0 {
			list = append(list, names)
		} else {
			open = true
		}
	}
	return list, open || n.isList() && len(n.items()) == 0
}

// A security is what a document says about authorization, and which of it is
// chosen.
type security struct {
	schemes map[string]scheme
	wanted  map[string]int // requirement -> operations that take it
	known   map[string]requirement
	chosen  requirement
}

func (s *security) count(list []requirement) {
	for _, r := range list {
		s.wanted[r.String()]++
		s.known[r.String()] = r
	}
}

// choose takes the best of what operations want: that of most of them, and of
// those that at least half as many want the one of the best scheme.
func (s *security) choose(asked string) error {
	if plainType(asked) && s.schemes[asked].name == "" {
		s.schemes[asked] = ofType(asked)
	}
	if asked != "" && s.schemes[asked].name == "" {
		return host.Errorf(host.NotFound, "the document has no security scheme %q", clean(asked)).WithHint("%s", s.hint())
	}
	if asked != "" && s.schemes[asked].rank == rankNone {
		return host.Errorf(host.Failed, "the security scheme %q cannot be used: %s", asked, s.schemes[asked].why).WithHint("%s", s.hint())
	}
	for name := range s.schemes {
		if _, ok := s.known[name]; !ok {
			s.known[name] = requirement{name}
		}
	}
	var usable []requirement
	most := 0
	for _, r := range s.known {
		if s.usable(r) && (asked == "" || slices.Contains(r, asked)) {
			usable = append(usable, r)
			most = max(most, s.wanted[r.String()])
		}
	}
	if len(usable) == 0 {
		return nil
	}
	s.chosen = slices.MaxFunc(usable, func(a, b requirement) int {
		often := func(r requirement) int { return min(1, s.wanted[r.String()]*2/max(most, 1)) }
		return cmp.Or(cmp.Compare(often(a), often(b)), cmp.Compare(s.rank(a), s.rank(b)), cmp.Compare(s.wanted[a.String()], s.wanted[b.String()]), cmp.Compare(len(b), len(a)), strings.Compare(b.String(), a.String()))
	})
	return nil
}

// plainType says that an auth type needs nothing that a document would tell, so
// that --auth may name it where the document has no scheme of that name.
func plainType(name string) bool {
	return name == abi.AuthBasic || name == abi.AuthBearer || name == abi.AuthDigest || name == abi.AuthNone
}

func ofType(name string) scheme {
	return scheme{name: name, auth: abi.Auth{Type: name}, rank: rankBasic, extra: scheming{notes: []string{"auth is " + name + " because it was asked for; the document has no such scheme"}}}
}

func (s *security) hint() string {
	if len(s.schemes) == 0 {
		return "it has none; these need none: --auth none, basic, bearer or digest"
	}
	return "it has: " + few(slices.Sorted(maps.Keys(s.schemes)), 20)
}

// usable says whether a connector can have all schemes of a requirement: one of
// them any, the others texts beside it.
func (s *security) usable(r requirement) bool {
	main := s.main(r)
	for _, name := range r {
		known, ok := s.schemes[name]
		if !ok || known.rank == rankNone {
			return false
		}
		if name != main && !known.beside() {
			return false
		}
	}
	return len(r) > 0 && (len(r) == 1 || s.schemes[main].auth.Type != abi.AuthDigest && s.schemes[main].auth.Type != abi.AuthSigV4)
}

// beside says whether a scheme can be one of auth.also.
func (s scheme) beside() bool { return s.auth.Type == abi.AuthAPIKey || s.auth.Type == abi.AuthBearer }

// main is the scheme of a requirement that auth is; the others stand in also.
func (s *security) main(r requirement) string {
	return slices.MaxFunc(r, func(a, b string) int {
		return cmp.Or(cmp.Compare(s.schemes[a].rank, s.schemes[b].rank), strings.Compare(b, a))
	})
}

func (s *security) rank(r requirement) int { return s.schemes[s.main(r)].rank }

// apply writes the chosen schemes into a manifest.
func (s *security) apply(m *abi.Manifest, review *Review) {
	if len(s.chosen) == 0 {
		m.Auth = abi.Auth{Type: abi.AuthNone}
		s.noneChosen(review)
		return
	}
	name := s.main(s.chosen)
	main := s.schemes[name]
	m.Auth, m.Scopes, m.Refresh = main.auth, main.scopes, main.extra.refresh
	m.Docs = first(m.Docs, main.extra.docs)
	m.Unverified = append(m.Unverified, main.extra.unverified...)
	review.check(main.extra.notes...)
	m.Parameters = append(m.Parameters, main.extra.parameters...)
	for _, other := range s.chosen {
		if other != name {
			s.also(m, s.schemes[other])
		}
	}
	s.others(review)
}

// also puts a scheme beside the one of auth.
func (s *security) also(m *abi.Manifest, other scheme) {
	key := fieldKey(other.name)
	for _, f := range m.Fields() {
		if f.Key == key {
			key = fieldKey(other.name + "_2")
		}
	}
	if reserved(*m)[key] {
		key = fieldKey(key + "_value")
	}
	value := other.auth.ValueTemplate()
	for _, own := range []string{"key", "token"} {
		value = strings.ReplaceAll(value, "{"+own+"}", "{"+key+"}")
	}
	at := other.auth.In
	m.Auth.Also = append(m.Auth.Also, abi.Placement{In: at, Name: other.auth.PlaceName(), Value: value})
	p := abi.Parameter{Key: key, Label: label(key), Secret: true}
	if len(other.extra.parameters) > 0 {
		p.Help = other.extra.parameters[0].Help
	}
	m.Parameters = append(m.Parameters, p)
}

func (s *security) noneChosen(review *Review) {
	if len(s.schemes) == 0 {
		review.check("the document says nothing about authorization, so the draft has auth: none; if the service wants a credential, say so in auth")
		return
	}
	for _, name := range slices.Sorted(maps.Keys(s.schemes)) {
		review.check(fmt.Sprintf("no credential is sent: the scheme %s cannot be used: %s", quoted(name), s.schemes[name].why))
	}
}

// others tells what was not chosen.
func (s *security) others(review *Review) {
	var rest []string
	for _, name := range slices.Sorted(maps.Keys(s.schemes)) {
		if slices.Contains(s.chosen, name) {
			continue
		}
		text := name
		if why := s.schemes[name].why; why != "" {
			text += " (" + why + ")"
		}
		rest = append(rest, text)
	}
	if len(rest) > 0 {
		review.check("auth is the security scheme " + s.chosen.String() + "; left out: " + few(rest, 8) + "; to choose another: --auth NAME")
	}
}

func quoted(text string) string { return `"` + clip(clean(text), 80) + `"` }
