package lab

import (
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/connhost/connhost/plugins/abi"
)

// bound are the values that a request gave to the places of a template which
// the lab does not know beforehand: a code, a token, an action's parameter.
type bound map[string]string

// A part of a template is a text, or a place that is not known.
type part struct{ text, name string }

// parts takes a template apart. What the lab knows is filled in: a value, or the
// fallback where there is none.
func (s *service) parts(template string) []part {
	const mark = "\x00"
	var open []part
	text, err := abi.Expand(template, func(p abi.Place) (string, error) {
		known, ok := s.values[p.Name]
		switch {
		case known != "":
			open = append(open, part{text: known})
		case ok || p.HasFall && !s.flows(p.Name):
			open = append(open, part{text: p.Fallback})
		default:
			open = append(open, part{name: p.Name})
		}
		return mark, nil
	})
	if err != nil {
		return []part{{text: template}} // not in a manifest that was read
	}
	var list []part
	for i, plain := range strings.Split(text, mark) {
		if plain != "" {
			list = append(list, part{text: plain})
		}
		if i < len(open) {
			list = append(list, open[i])
		}
	}
	return list
}

// match holds a text against a template and binds what is not known. A place
// that stands twice has one value.
func (s *service) match(template, text string, into bound) bool {
	return matchParts(s.parts(template), text, into, regexp.QuoteMeta, func(string) string { return `(.+?)` }, func(t string) (string, error) { return t, nil })
}

func matchParts(list []part, text string, into bound, quote, open func(string) string, read func(string) (string, error)) bool {
	var form strings.Builder
	var names []string
	for _, p := range list {
		if p.name == "" {
			form.WriteString(quote(p.text))
			continue
		}
		form.WriteString(open(p.name))
		names = append(names, p.name)
	}
	found := regexp.MustCompile(`(?s)^` + form.String() + `$`).FindStringSubmatch(text)
	if found == nil {
		return false
	}
	for i, name := range names {
		value, err := read(found[i+1])
		if had, ok := into[name]; err != nil || ok && had != value {
			return false
		}
		into[name] = value
	}
	return true
}

// matchPath holds the escaped path of a URL against a template, whose places
// stand for parts of a segment, those of kind path for several segments.
func (s *service) matchPath(template, path string, into bound) bool {
	list := s.parts(template)
	if path == "" {
		path = "/"
	}
	if len(list) == 0 {
		list = []part{{text: "/"}}
	}
	open := func(name string) string {
		if s.slashed(name) {
			return `(.*?)`
		}
		return `([^/]+?)`
	}
	return matchParts(list, path, into, quotePath, open, url.PathUnescape)
}

// quotePath is a part of a path as a client may send it: escaped as URLs are.
func quotePath(text string) string {
	u, err := url.Parse("http://a/" + text)
	if err != nil {
		return regexp.QuoteMeta(url.PathEscape(text))
	}
	return regexp.QuoteMeta(u.EscapedPath()[1:])
}

// fill is a template with what the lab knows; a place that it does not know is
// empty, or its fallback.
func (s *service) fill(template string) string {
	text, _ := abi.Expand(template, func(p abi.Place) (string, error) {
		if known := s.values[p.Name]; known != "" {
			return known, nil
		}
		return p.Fallback, nil
	})
	return text
}

// absent says whether a template may come out empty, and what does is not sent.
func (s *service) absent(template string) bool {
	for _, p := range s.parts(template) {
		if p.text != "" {
			return false
		}
	}
	return true
}

// slashed says whether a name is that of an action's parameter of kind path.
func (s *service) slashed(name string) bool {
	return slices.ContainsFunc(s.m.Actions, func(a abi.Action) bool { return a.PathKeys()[name] })
}

// flows says whether a name is one that a flow or a call fills anew each time.
func (s *service) flows(name string) bool {
	switch name {
	case "client_id", "client_secret", "redirect_uri", "scope", "code", "code_verifier", "access_token", "refresh_token",
		"token", abi.SessionName, "jwt", "random":
		return true
	}
	for _, a := range s.m.Actions {
		for _, p := range a.Parameters {
			if p.Key == name {
				return true
			}
		}
	}
	return false
}
