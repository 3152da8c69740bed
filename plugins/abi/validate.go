package abi

import (
	"fmt"
	"net/url"
	"regexp"
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
	c.request("test", m.Test, callUse)
	c.hasAnswer("identity", m.Identity)
	c.request("identity", m.Identity, callUse)
	c.revoke()
	c.refresh()
	c.capture()
	c.public()
	c.hooks()
	c.unused()
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
		c.problems = append(c.problems, Problem{Code: code, Path: path, Msg: fmt.Sprintf(format, args...), Hint: hint})
	}
}

func (c *checker) warn(code Code, path, hint, format string, args ...any) {
	if len(c.problems) <= maxProblems {
		c.fault(code, path, hint, format, args...)
		c.problems[len(c.problems)-1].Severity = Warning
	}
}

// foreign refuses a key that is given and does not belong to what the manifest
// describes: every key that is accepted is used.
func (c *checker) foreign(path string, given bool, belongs string) {
	if given {
		c.fault("M009", path, "leave it out", "%s belongs to %s only", last(path), belongs)
		c.problems[len(c.problems)-1].OnKey = true
	}
}

func (c *checker) oneOf(path, value string, allowed ...string) {
	if value != "" && !slices.Contains(allowed, value) {
		c.fault("M010", path, "", "%s must be %s, not %q%s", last(path), orList(allowed), value, meant(value, allowed))
	}
}

// words checks a text for people.
func (c *checker) words(path, text string) {
	if i := strings.IndexFunc(text, func(r rune) bool { return !unicode.IsPrint(r) && r != '\n' }); i >= 0 {
		c.fault("M012", path, "", "%s may hold only printable characters", last(path))
	}
}

var idPattern = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)

func (c *checker) head() {
	m := c.m
	if m.Connhost != Version {
		c.fault("M101", "connhost", "write: connhost: 1", `the key "connhost" must be %d, the version of the manifest's format`, Version)
	}
	switch {
	case m.ID == "":
		c.missing("id")
	case !idPattern.MatchString(m.ID):
		c.fault("M102", "id", "", `the id %q must begin with a-z and hold only a-z, 0-9 and "-"`, m.ID)
	case len(m.ID) > 50:
		c.fault("M102", "id", "", "the id has %d characters; at most 50 are allowed", len(m.ID))
	}
	c.name()
	switch {
	case m.Version == "":
		c.missing("version")
	case !semantic(m.Version):
		c.fault("M104", "version", "write three numbers: 1.0.0", "the version %q is not a semantic version", m.Version)
	}
	if n := utf8.RuneCountInString(m.Description); n > 300 {
		c.fault("M105", "description", "it is one sentence for lists", "the description has %d characters; at most 300 are allowed", n)
	}
	c.words("description", m.Description)
	if u, err := url.Parse(m.Docs); m.Docs != "" && (err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "") {
		c.fault("M106", "docs", "", `"docs" must be the URL of a page: https://...`)
	}
}

func (c *checker) missing(path string) {
	c.fault("M014", path, "", "the key %s is missing", last(path))
}

// name holds design rule 3.
func (c *checker) name() {
	name := c.m.Name
	switch n := utf8.RuneCountInString(name); {
	case n == 0:
		c.missing("name")
		return
	case n > 50:
		c.fault("M103", "name", "", "the name has %d characters; at most 50 are allowed", n)
	case strings.TrimSpace(name) != name:
		c.fault("M103", "name", "", "the name may not begin or end with a space")
	}
	if strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }) {
		c.fault("M103", "name", "", "the name may hold only printable characters")
	}
}

// semantic says whether v is a version by semver.org 2.0.0.
func semantic(v string) bool {
	v, build, hasBuild := strings.Cut(v, "+")
	v, pre, hasPre := strings.Cut(v, "-")
	core := strings.Split(v, ".")
	return len(core) == 3 && !slices.ContainsFunc(core, func(n string) bool { return !plainNumber(n) }) &&
		(!hasPre || identifiers(pre, true)) && (!hasBuild || identifiers(build, false))
}

func plainNumber(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == "" && (s == "0" || s[0] != '0')
}

func identifiers(s string, noLeadingZero bool) bool {
	for id := range strings.SplitSeq(s, ".") {
		digits := strings.Trim(id, "0123456789") == ""
		if id == "" || noLeadingZero && digits && !plainNumber(id) || strings.ContainsFunc(id, func(r rune) bool {
			return r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
		}) {
			return false
		}
	}
	return true
}

func (c *checker) scopes() {
	c.foreign("scopes", len(c.m.Scopes) > 0 && c.m.Auth.Type != AuthOAuth2, "oauth2")
	seen := map[string]bool{}
	c.few("scopes", len(c.m.Scopes), 2000)
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
func (c *checker) few(path string, n, most int) bool {
	if n > most {
		c.fault("M011", path, "", "%s has %d items; at most %d are allowed", last(path), n, most)
	}
	return n <= most
}

func (c *checker) hosts() {
	if !c.few("hosts", len(c.m.Hosts), 200) {
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

// Hooks of the full agreement that this host does not call yet.
var laterHooks = []string{"authorize", "callback", "sign", "prepare", "page", "action"}

func (c *checker) hooks() {
	known := []string{HookToken, HookRespond, HookTest}
	if !c.few("hooks", len(c.m.Hooks), 20) {
		return
	}
	for i, h := range c.m.Hooks {
		at := ItemPath("hooks", i)
		switch {
		case slices.Contains(laterHooks, h):
			c.fault("M702", at, "", "the hook %q is not supported yet", h)
		case !slices.Contains(known, h):
			c.fault("M701", at, "a hook is named without ch_", "unknown hook %q%s", h, meant(h, known))
		case slices.Contains(c.m.Hooks[:i], h):
			c.fault("M703", at, "", "the hook %q is declared twice", h)
		case h == HookToken && c.m.Auth.Type != AuthOAuth2:
			c.fault("M704", at, "", "the hook %q reads a token answer and belongs to oauth2 only", h)
		case h == HookTest && c.m.Test == nil:
			c.fault("M705", at, "add the request: test: {path: /me}", `the hook "test" reads the answer of the key "test", which is missing`)
		}
	}
}

// orList writes a, b or c.
func orList(words []string) string {
	if len(words) == 1 {
		return words[0]
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}
