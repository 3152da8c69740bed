package abi

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// rules holds every value against the table of keys, so that no rule of it can
// be forgotten. It is asked last and says nothing about what has a problem
// already, whose sentence is better.
func (c *checker) rules() { c.object("", reflect.ValueOf(c.m)) }

func (c *checker) object(path string, object reflect.Value) {
	t := object.Type()
	keys := objectOf(t.Name()).Keys
	for i := range t.NumField() {
		if t.Field(i).Anonymous {
			c.object(path, object.Field(i))
			continue
		}
		k := keyOf(keys, keyName(t.Field(i)))
		c.value(KeyPath(path, k.Name), k, object.Field(i))
	}
}

func (c *checker) value(path string, k Key, v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			c.value(path, k, v.Elem())
		}
	case reflect.Struct:
		if v.Type() != bodyType {
			c.object(path, v)
		}
	case reflect.String:
		if v.Len() > 0 {
			c.text(path, k, v.String())
		}
	case reflect.Int, reflect.Int64:
		if v.Int() != 0 {
			c.number(path, k, v.Int())
		}
	case reflect.Slice:
		c.list(path, k, v)
	case reflect.Map:
		c.named(path, k, v)
	}
}

func (c *checker) number(path string, k Key, n int64) {
	if (n < int64(k.Min) || k.Max != 0 && n > int64(k.Max)) && !c.told(path) {
		c.fault("M610", path, "", "%s is %d, which is out of range", last(path), n)
	}
}

func (c *checker) list(path string, k Key, v reflect.Value) {
	c.count(path, k, v.Len())
	k.MaxLength = 0 // of a text
	seen := map[string]bool{}
	for i := range v.Len() {
		at, item := ItemPath(path, i), v.Index(i)
		if item.Kind() == reflect.Int {
			c.number(at, k, item.Int())
			if text := fmt.Sprint(item.Int()); k.Unique && seen[text] && !c.told(at) {
				c.fault("M016", at, "", "%d stands twice in %s", item.Int(), last(path))
			} else {
				seen[text] = true
			}
			continue
		}
		if item.Kind() == reflect.Slice { // OneOf
			c.list(at, k, item)
			if text := fmt.Sprint(item.Interface()); k.Unique && seen[text] && !c.told(at) {
				c.fault("M016", at, "", "%s stands twice in %s", text, last(path))
			} else {
				seen[text] = true
			}
			continue
		}
		if item.Kind() != reflect.String {
			c.object(at, item)
			continue
		}
		c.text(at, k, item.String())
		if k.Unique && seen[item.String()] && !c.told(at) {
			c.fault("M016", at, "", "%q stands twice in %s", item.String(), last(path))
		}
		seen[item.String()] = true
	}
}

// named checks an object with free names.
func (c *checker) named(path string, k Key, v reflect.Value) {
	c.count(path, k, v.Len())
	name := Key{Pattern: k.NamePattern, MaxLength: k.MaxLength}
	k.MaxLength = 0 // of the names
	for _, n := range slices.SortedFunc(slices.Values(v.MapKeys()), func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) }) {
		at := KeyPath(path, n.String())
		c.text(at, name, n.String())
		if value := v.MapIndex(n); value.Kind() == reflect.Slice {
			c.list(at, k, value)
		} else {
			c.text(at, k, value.String())
		}
	}
}

func (c *checker) count(path string, k Key, n int) {
	if k.MaxItems > 0 && n > k.MaxItems && !c.told(path) {
		c.few(path, n, k)
	}
}

func (c *checker) text(path string, k Key, text string) {
	n := utf8.RuneCountInString(text)
	switch {
	case c.told(path):
	case k.Words != nil && !slices.Contains(k.Words, text):
		c.oneOf(path, text, k)
	case n < k.MinLength:
		c.fault("M008", path, "", "%s is empty", last(path))
	case k.MaxLength > 0 && n > k.MaxLength:
		c.fault("M015", path, "", "%s has %d characters; at most %d are allowed", last(path), n, k.MaxLength)
	case k.Pattern != "" && !forms()[k.Pattern].MatchString(text):
		c.fault("M015", path, exampleHint(k), "%s has a form that is not allowed", last(path))
	}
}

func exampleHint(k Key) string {
	if k.Example == "" {
		return ""
	}
	return "write for example: " + k.Name + ": " + k.Example
}

// told says whether there is a fault at path or below it.
func (c *checker) told(path string) bool {
	return slices.ContainsFunc(c.problems, func(p Problem) bool { return p.Severity == Fault && within(p.Path, path) })
}

// forms are the patterns of the table.
var forms = sync.OnceValue(func() map[string]*regexp.Regexp {
	compiled := map[string]*regexp.Regexp{}
	for _, o := range objects {
		for _, k := range o.Keys {
			for _, pattern := range []string{k.Pattern, k.NamePattern} {
				if pattern != "" && compiled[pattern] == nil {
					compiled[pattern] = whole(pattern)
				}
			}
		}
	}
	return compiled
})
