package abi

import (
	"fmt"
	"strings"
)

// A Place is one {name} or {name|fallback} in a template.
type Place struct {
	Name     string
	Fallback string
	HasFall  bool
}

// placeName reports whether s can be the name of a place. It is asked at every
// call, so it is a loop and no regular expression.
func placeName(s string) bool {
	for i := range len(s) {
		c := s[i] | 0x20
		letter := c >= 'a' && c <= 'z'
		if !letter && (i == 0 || !(s[i] >= '0' && s[i] <= '9' || s[i] == '_' || s[i] == '.' || s[i] == '-')) {
			return false
		}
	}
	return s != ""
}

// Expand fills the places of a template with what fill answers. A brace that
// does not open a place is an error, so that a typing mistake is not sent to a
// service; "{{" and "}}" stand for single braces.
func Expand(template string, fill func(Place) (string, error)) (string, error) {
	var b strings.Builder
	for rest := template; rest != ""; {
		i := strings.IndexAny(rest, "{}")
		if i < 0 {
			b.WriteString(rest)
			break
		}
		b.WriteString(rest[:i])
		rest = rest[i:]
		if strings.HasPrefix(rest, "{{") || strings.HasPrefix(rest, "}}") {
			b.WriteByte(rest[0])
			rest = rest[2:]
			continue
		}
		end := strings.IndexByte(rest, '}')
		if rest[0] == '}' || end < 0 {
			return "", fmt.Errorf("a brace without its partner in %q", template)
		}
		name, fallback, has := strings.Cut(rest[1:end], "|")
		if !placeName(name) {
			return "", fmt.Errorf("%q is not a name in %q", name, template)
		}
		text, err := fill(Place{Name: name, Fallback: fallback, HasFall: has})
		if err != nil {
			return "", err
		}
		b.WriteString(text)
		rest = rest[end+1:]
	}
	return b.String(), nil
}

// Places lists the places of a template in order.
func Places(template string) ([]Place, error) {
	var list []Place
	_, err := Expand(template, func(p Place) (string, error) {
		list = append(list, p)
		return "", nil
	})
	return list, err
}
