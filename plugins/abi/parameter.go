package abi

import (
	"encoding/json"
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
)

// Check says why value cannot be given to the parameter, or nil. The sentence
// never quotes a secret. An empty value is refused only where the parameter is
// required and has no default.
func (p Parameter) Check(value string) error {
	if strings.ContainsAny(value, "\r\n") && !p.Secret {
		return fmt.Errorf("the value of %q may not hold a line break", p.Key)
	}
	return p.CheckText(value)
}

// CheckText is Check for a text that may have several lines, as those of an
// action may.
func (p Parameter) CheckText(value string) error {
	switch {
	case value == "" && p.Required && p.Default == "":
		return fmt.Errorf("%q needs a value", p.Key)
	case value == "":
		return nil
	case strings.Contains(value, "\x00") && !p.Secret:
		return fmt.Errorf("the value of %q may not hold a NUL character", p.Key)
	case len(p.Enum) > 0 && !slices.Contains(p.Enum, value):
		return fmt.Errorf("the value of %q must be one of: %s", p.Key, strings.Join(p.Enum, ", "))
	case p.Kind == KindHost && CheckHostTemplate(strings.NewReplacer("{", "{{", "}", "}}").Replace(value)) != nil:
		return fmt.Errorf("the value of %q must be a host name, with a port or without", p.Key)
	case p.Kind == KindPath && !segments(value):
		return fmt.Errorf("the value of %q must be a path: not empty between two '/', none at its ends, and no '.' or '..' alone", p.Key)
	case !p.typeFits(value):
		return fmt.Errorf("the value of %q must be %s", p.Key, kindNames[p.Kind])
	}
	if p.Pattern == "" {
		return nil
	}
	re, err := wholePattern(p.Pattern)
	if err != nil {
		return fmt.Errorf("the pattern of %q is not a regular expression", p.Key)
	}
	if !re.MatchString(value) {
		return fmt.Errorf("the value of %q does not match %s", p.Key, p.Pattern)
	}
	return nil
}

var kindNames = map[string]string{KindNumber: "a number", KindBoolean: "true or false", KindJSON: "a JSON object or list"}

// segments says whether a text is one or more segments of a path, none of which
// leads elsewhere (RFC 3986 section 3.3).
func segments(text string) bool {
	for s := range strings.SplitSeq(text, "/") {
		if s == "" || s == "." || s == ".." {
			return false
		}
	}
	return true
}

// typeFits says whether the text of a value is one of the parameter's kind in
// JSON.
func (p Parameter) typeFits(text string) bool {
	if !p.Typed() {
		return true
	}
	var v any
	if json.Unmarshal([]byte(text), &v) != nil {
		return false
	}
	switch v.(type) {
	case float64:
		return p.Kind == KindNumber
	case bool:
		return p.Kind == KindBoolean
	case map[string]any, []any:
		return p.Kind == KindJSON
	}
	return false
}

// wholePattern compiles a pattern that must match a whole value. It is parsed
// by itself first: "a)|(b" is a pattern only between parentheses. Repetitions
// are counted before they are compiled, because a few letters can stand for
// millions.
func wholePattern(pattern string) (*regexp.Regexp, error) {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil, err
	}
	if n := patternSize(re); n > maxPattern {
		return nil, fmt.Errorf("it is too large: its repetitions make more than %d steps", maxPattern)
	}
	return regexp.Compile(`^(?:` + pattern + `)$`)
}

const maxPattern = 10_000

func patternSize(re *syntax.Regexp) int {
	n := 1 + len(re.Rune)
	for _, sub := range re.Sub {
		n += patternSize(sub)
	}
	if re.Op == syntax.OpRepeat {
		n *= max(re.Min, re.Max, 1)
	}
	return min(n, maxPattern+1)
}

func (c *checker) parameters() {
	seen := map[string]bool{}
	if !c.few("parameters", len(c.m.Parameters), keyOf(manifestKeys, "parameters")) {
		return
	}
	for i, p := range c.m.Parameters {
		at := ItemPath("parameters", i)
		c.parameterKey(at, p, seen)
		seen[p.Key] = true
		c.parameterValues(at, p)
		c.visible(at, p, c.m.Parameters[:i])
		c.alwaysNeeded(at, p)
		if p.Typed() || p.Kind == KindPath {
			c.fault("M808", KeyPath(at, "kind"), "leave it out", "a parameter of a connection is a text; the kind %s is for those of actions", p.Kind)
		}
	}
}

func (c *checker) parameterKey(at string, p Parameter, seen map[string]bool) {
	path := KeyPath(at, "key")
	switch {
	case p.Key == "":
		c.fault("M014", path, "", `a parameter needs a "key"`)
	case !nameForm.MatchString(p.Key) || len(p.Key) > keyOf(parameterKeys, "key").MaxLength:
		c.fault("M301", path, "", "the parameter key %q must begin with a letter and hold only letters, digits and '_', at most 50", p.Key)
	case seen[p.Key]:
		c.fault("M302", path, "", "the parameter %q is declared twice", p.Key)
	case p.Key == "none":
		c.fault("M303", path, "", `no parameter may be called "none"`)
	case slices.Contains(c.reserved(), p.Key):
		c.fault("M303", path, "choose another key", "%q is the host's own name with %s and cannot be a parameter", p.Key, c.m.Auth.Type)
	case slices.ContainsFunc(c.m.Auth.implied(), func(s Parameter) bool { return s.Key == p.Key && s.Secret }) && !p.Secret:
		c.fault("M304", path, "add: secret: true", "the parameter %q is the credential and must be secret", p.Key)
	}
	c.words(KeyPath(at, "label"), p.Label)
	c.words(KeyPath(at, "help"), p.Help)
}

func (c *checker) parameterValues(at string, p Parameter) {
	c.oneOf(KeyPath(at, "kind"), p.Kind, keyOf(parameterKeys, "kind"))
	host := p.Kind == KindHost
	if p.Secret && host {
		c.fault("M305", KeyPath(at, "secret"), "", "a parameter of kind host belongs to the connection and cannot be secret")
	}
	if p.Secret && p.Default != "" {
		c.fault("M306", KeyPath(at, "default"), "", "a secret parameter cannot have a default: everybody could read it in the manifest")
	}
	if host && len(p.Enum) > 0 {
		c.fault("M307", KeyPath(at, "enum"), "leave out kind: host, or the enum", "a parameter of kind host cannot have an enum")
	}
	if _, err := wholePattern(p.Pattern); err != nil {
		c.fault("M308", KeyPath(at, "pattern"), "RE2 syntax has no look-around and no back-references", "the pattern of %q is not a regular expression: %v", p.Key, err)
		return
	}
	c.enum(KeyPath(at, "enum"), p)
	if p.Default != "" && !(p.Secret || host && len(p.Enum) > 0) {
		if err := p.Check(p.Default); err != nil {
			c.fault("M309", KeyPath(at, "default"), "", "the default does not fit: %v", err)
		}
	}
}

func (c *checker) enum(at string, p Parameter) {
	if !c.few(at, len(p.Enum), keyOf(parameterKeys, "enum")) {
		return
	}
	re, _ := wholePattern(p.Pattern)
	for i, v := range p.Enum {
		switch {
		case v == "":
			c.fault("M310", ItemPath(at, i), "leave the parameter optional instead", "an enum cannot hold an empty text")
		case slices.Contains(p.Enum[:i], v):
			c.fault("M311", ItemPath(at, i), "", "%q stands twice in the enum", v)
		case p.Pattern != "" && p.Kind != KindHost && !re.MatchString(v):
			c.fault("M312", ItemPath(at, i), "", "%q in the enum does not match the pattern", v)
		}
	}
}

// unused warns of parameters that nothing names. A hook whose input has fields
// reads all of them, and every hook may sign with a secret one.
func (c *checker) unused() {
	readsFields := slices.ContainsFunc(c.m.Hooks, func(h string) bool {
		return slices.Contains([]string{HookAuthorize, HookCallback, HookSign, HookPrepare, HookAction}, h)
	})
	if c.unsure || readsFields {
		return
	}
	for i, p := range c.m.Parameters {
		if p.Secret && len(c.m.Hooks) > 0 {
			continue
		}
		if p.Kind != KindHost && p.Key != "" && !c.used[p.Key] {
			c.warn("M313", KeyPath(ItemPath("parameters", i), "key"), "write it in braces where its value belongs, or leave it out", "the parameter %q is asked for and used nowhere", p.Key)
		}
	}
}
