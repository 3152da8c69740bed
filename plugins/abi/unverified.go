package abi

import (
	"reflect"
	"strings"
)

// unverified checks that each path leads to a key that a manifest may have,
// given or not: what nobody has tried may be a default.
func (c *checker) unverified() {
	for i, path := range c.m.Unverified {
		if path == "unverified" || !leads(reflect.TypeFor[Manifest](), path) {
			c.fault("M116", ItemPath("unverified", i), "write the way to a key: refresh.lifetime, auth.pkce, test", "%q is the path of no key", path)
		}
	}
}

// leads says whether a path of keys with dots leads to something within a type.
// An item of a list is not told from the others.
func leads(t reflect.Type, path string) bool {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if path == "" || t == bodyType {
		return true
	}
	name, rest, more := strings.Cut(path, ".")
	if name == "" || more && rest == "" {
		return false
	}
	switch t.Kind() {
	case reflect.Struct:
		for _, k := range keysOf(t) {
			if k.name == name {
				return leads(k.t, rest)
			}
		}
	case reflect.Map:
		return leads(t.Elem(), rest)
	}
	return false
}
