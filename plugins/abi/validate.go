package abi

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Validate lists everything that is wrong with a manifest, in the order of its
// keys, and what is probably a mistake as warnings. Unknown keys are Check's
// matter.
func Validate(m Manifest) []Problem {
	c := &checker{m: m, used: map[string]bool{}, fields: map[string]Parameter{}}
	for _, f := range m.Fields() {
		if _, twice := c.fields[f.Key]; !twice {
			c.fields[f.Key] = f
		}
	}
	c.head()
	c.auth()
	c.parameters()
	c.scopes()
	c.hosts()
	c.ownHeaders()
	c.dataCentres()
	c.request("test", m.Test, callUse)
	c.hasAnswer("identity", m.Identity)
	c.request("identity", m.Identity, callUse)
	c.choose()
	c.revoke()
	c.introspect()
	c.refresh()
	c.retry()
	c.rate()
	c.paging("page", c.m.Page)
	c.capture()
	c.public()
	c.actions()
	c.hooks()
	c.reveal()
	c.limits()
	c.unused()
	c.unusedCaptures()
	c.rules()
	return c.problems
}

// A checker gathers the problems of one manifest.
type checker struct {
	m        Manifest
	problems []Problem
	fields   map[string]Parameter
	used     map[string]bool // names that a template has named
	unsure   bool            // the auth type is wrong, so standard names are not known
}

// maxProblems is how many are listed; a file made to be wrong has no end.
const maxProblems = 200

func (c *checker) fault(code Code, path, hint, format string, args ...any) {
	if len(c.problems) <= maxProblems {
		c.problems = append(c.problems, Problem{Code: code, Path: path, Msg: sentence(format, args...), Hint: hint})
	}
}

// sentence is a message of one line that can be printed: what it quotes may
// hold anything.
func sentence(format string, args ...any) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, fmt.Sprintf(format, args...))
}

func (c *checker) warn(code Code, path, hint, format string, args ...any) {
	if len(c.problems) <= maxProblems {
		c.fault(code, path, hint, format, args...)
		c.problems[len(c.problems)-1].Severity = Warning
	}
}

func (c *checker) oneOf(path, value string, k Key) {
	if value != "" && !slices.Contains(k.Words, value) {
		c.fault("M010", path, "", "%s must be %s, not %q%s", last(path), orList(k.Words), value, meant(value, k.Words))
	}
}

// words checks a text for people.
func (c *checker) words(path, text string) {
	if i := strings.IndexFunc(text, func(r rune) bool { return !unicode.IsPrint(r) && r != '\n' }); i >= 0 {
		c.fault("M012", path, "", "%s may hold only printable characters", last(path))
	}
}

func (c *checker) head() {
	m := c.m
	if m.Connhost != Version {
		c.fault("M101", "connhost", "write: connhost: 1", `the key "connhost" must be %d, the version of the manifest's format`, Version)
	}
	switch {
	case m.ID == "":
		c.missing("id")
	case !idForm.MatchString(m.ID):
		c.fault("M102", "id", "", `the id %q must begin with a-z and hold only a-z, 0-9 and "-"`, m.ID)
	case len(m.ID) > keyOf(manifestKeys, "id").MaxLength:
		c.long("M102", "id", m.ID)
	}
	c.name()
	switch {
	case m.Version == "":
		c.missing("version")
	case !versionForm.MatchString(m.Version):
		c.fault("M104", "version", "write three numbers: 1.0.0", "the version %q is not a semantic version", m.Version)
	}
	c.long("M105", "description", m.Description)
	c.words("description", m.Description)
	c.unverified()
	c.logo()
	if u, err := url.Parse(m.Docs); m.Docs != "" && (err != nil || u.Host == "" || !docsForm.MatchString(m.Docs)) {
		c.fault("M106", "docs", "", `"docs" must be the URL of a page: https://...`)
	}
}

func (c *checker) missing(path string) {
	c.fault("M014", path, "", "the key %s is missing", last(path))
}

// long refuses a text at the top that has more characters than its key allows.
func (c *checker) long(code Code, key, text string) {
	if n, most := utf8.RuneCountInString(text), keyOf(manifestKeys, key).MaxLength; n > most {
		c.fault(code, key, "", "the %s has %d characters; at most %d are allowed", key, n, most)
	}
}

// name holds design rule 3.
func (c *checker) name() {
	name := c.m.Name
	switch n := utf8.RuneCountInString(name); {
	case n == 0:
		c.missing("name")
		return
	case n > keyOf(manifestKeys, "name").MaxLength:
		c.long("M103", "name", name)
	case strings.TrimSpace(name) != name:
		c.fault("M103", "name", "", "the name may not begin or end with a space")
	}
	if strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }) {
		c.fault("M103", "name", "", "the name may hold only printable characters")
	}
}

func (c *checker) scopes() {
	seen := map[string]bool{}
	c.few("scopes", len(c.m.Scopes), keyOf(manifestKeys, "scopes"))
	for i, s := range c.m.Scopes {
		at := ItemPath("scopes", i)
		switch {
		case s.Name == "":
			c.fault("M014", at, "", `a scope needs a "name"`)
		case seen[s.Name]:
			c.fault("M602", at, "", "the scope %q is declared twice", s.Name)
		case strings.Contains(s.Name, c.m.ScopeSeparator()):
			c.fault("M603", at, "give each scope its own item", "the scope %q holds the separator of scopes, %q", s.Name, c.m.ScopeSeparator())
		case strings.ContainsFunc(s.Name, unicode.IsControl):
			c.fault("M604", at, "", "a scope may not hold control characters")
		}
		seen[s.Name] = true
		c.words(KeyPath(at, "text"), s.Text)
	}
}

// few refuses lists that no service needs.
func (c *checker) few(path string, n int, k Key) bool {
	if n > k.MaxItems {
		c.fault("M011", path, "", "%s has %d items; at most %d are allowed", last(path), n, k.MaxItems)
	}
	return n <= k.MaxItems
}

func (c *checker) hosts() {
	if !c.few("hosts", len(c.m.Hosts), keyOf(manifestKeys, "hosts")) {
		return
	}
	for i, h := range c.m.Hosts {
		at := ItemPath("hosts", i)
		if slices.Contains(c.m.Hosts[:i], h) {
			c.fault("M109", at, "", "the host %q is declared twice", h)
			continue
		}
		c.host(at, h, hostUse)
	}
	switch {
	case c.m.BaseURL != "":
		c.url("base_url", c.m.BaseURL, hostUse)
		if strings.ContainsAny(c.m.BaseURL, "?#") {
			c.fault("M108", "base_url", "", `"base_url" may have no query and no fragment`)
		}
	case len(c.m.Hosts) == 0 && (c.m.Test == nil || c.m.Test.Path == ""):
		c.fault("M107", "base_url", "write: base_url: https://api.example.com", `the key "base_url" is missing: without it and without "hosts" nothing can be called`)
	}
}

// orList writes a, b or c.
func orList(words []string) string {
	if len(words) == 1 {
		return words[0]
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}

// andList writes a, b and c.
func andList(words []string) string {
	if len(words) == 1 {
		return words[0]
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}
