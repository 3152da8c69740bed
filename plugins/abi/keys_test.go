package abi_test

import (
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/connhost/connhost/plugins/abi"
)

// The table of keys and the Go types name the same keys in the same order, so
// that a new field cannot be forgotten in the table.
func TestEveryKeyHasARule(t *testing.T) {
	types := map[string]reflect.Type{}
	gather(reflect.TypeFor[abi.Manifest](), types)
	for _, o := range abi.Objects() {
		typ, ok := types[o.Name]
		if !ok {
			t.Errorf("the table has %s, which no manifest holds", o.Name)
			continue
		}
		delete(types, o.Name)
		var want, got []string
		for i := range typ.NumField() {
			if f := typ.Field(i); !f.Anonymous {
				name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
				want = append(want, name)
			}
		}
		for _, k := range o.Keys {
			got = append(got, k.Name)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: the table has\n%v, the type has\n%v", o.Name, got, want)
		}
	}
	for name := range types {
		t.Errorf("the table does not have %s", name)
	}
}

// gather finds the structs of a type.
func gather(t reflect.Type, into map[string]reflect.Type) {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		gather(t.Elem(), into)
	case reflect.Struct:
		if into[t.Name()] != nil {
			return
		}
		into[t.Name()] = t
		for i := range t.NumField() {
			gather(t.Field(i).Type, into)
		}
	}
}

// A rule does not contradict itself: its default and its example are allowed by
// it, its patterns are patterns and its auth types are auth types.
func TestRulesHold(t *testing.T) {
	var types []string
	for _, o := range abi.Objects() {
		for _, k := range o.Keys {
			if o.Name == "Auth" && k.Name == "type" {
				types = k.Words
			}
		}
	}
	for _, o := range abi.Objects() {
		for _, k := range o.Keys {
			at := o.Name + "." + k.Name
			for _, pattern := range []string{k.Pattern, k.NamePattern} {
				if _, err := regexp.Compile(pattern); err != nil {
					t.Errorf("%s: %v", at, err)
				}
			}
			for _, a := range k.For {
				if !slices.Contains(types, a) {
					t.Errorf("%s: no auth type %q", at, a)
				}
			}
			if k.Default != "" && k.Words != nil && !slices.Contains(k.Words, k.Default) {
				t.Errorf("%s: the default %q is none of its words", at, k.Default)
			}
			if k.Default != "" && (k.Otherwise != "" || k.Needed) {
				t.Errorf("%s: has a default and another", at)
			}
			if k.Example == "" {
				t.Errorf("%s: has no example", at)
			}
			for _, w := range k.Later {
				if slices.Contains(k.Words, w) {
					t.Errorf("%s: %q is known and not known yet", at, w)
				}
			}
		}
	}
}

// The defaults that the table tells are those that the host uses.
func TestDefaultsOfTheTable(t *testing.T) {
	told := map[string]string{}
	for _, o := range abi.Objects() {
		for _, k := range o.Keys {
			told[o.Name+"."+k.Name] = k.Default
		}
	}
	var m abi.Manifest
	basic := abi.Auth{Type: abi.AuthBasic}
	margin, err := strconv.Atoi(told["Refresh.margin"])
	if err != nil || m.Margin() != time.Duration(margin)*time.Second {
		t.Errorf("margin %s", m.Margin())
	}
	answer := m.TokenAnswer()
	for _, c := range []struct{ key, used string }{
		{"Auth.in", abi.Auth{}.Place()}, {"Auth.client_auth", m.ClientAuth()},
		{"Auth.username", basic.UsernameTemplate()}, {"Auth.password", basic.PasswordTemplate()},
		{"Answer.access", answer.Access}, {"Answer.refresh", answer.Refresh}, {"Answer.expires_in", answer.ExpiresIn},
		{"Answer.scope", answer.Scope}, {"Answer.token_type", answer.TokenType}, {"Answer.error", answer.Error},
		{"Answer.key", answer.Key}, {"Answer.label", answer.Label},
	} {
		if told[c.key] != c.used {
			t.Errorf("%s: the table tells %q, %q is used", c.key, told[c.key], c.used)
		}
	}
	if m.PKCE() != (told["Auth.pkce"] == abi.PKCES256) {
		t.Error("pkce")
	}
}
