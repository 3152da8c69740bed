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
		if into[t.Name()] != nil || t == reflect.TypeFor[abi.Body]() {
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

// The defaults that the table tells are those that the host uses. A default
// that this test does not hold against the code fails it.
func TestDefaultsOfTheTable(t *testing.T) {
	var m abi.Manifest
	answer, refresh := m.TokenAnswer(), abi.Manifest{Refresh: &abi.Refresh{}}
	basic, jwt, aws := abi.Auth{Type: abi.AuthBasic}, abi.Auth{Type: abi.AuthJWT}, abi.Auth{Type: abi.AuthSigV4}
	pkce := map[bool]string{true: abi.PKCES256, false: abi.PKCENone}
	seconds := func(d time.Duration) string { return strconv.Itoa(int(d / time.Second)) }
	used := map[string]string{
		"Auth.in": abi.Auth{}.Place(), "Auth.client_auth": m.ClientAuth(), "Auth.pkce": pkce[m.PKCE()],
		"Auth.username": basic.UsernameTemplate(), "Auth.password": basic.PasswordTemplate(),
		"Auth.key": jwt.KeyTemplate(), "Auth.lifetime": seconds(jwt.JWT().Life()), "Assertion.lifetime": seconds(abi.Assertion{}.Life()), "Auth.region": aws.RegionTemplate(),
		"Auth.grant":             abi.Auth{}.GrantOr(),
		"Auth.signature_method":  abi.Auth{}.SignatureMethodOr(),
		"Auth.loopback_any_port": strconv.FormatBool(abi.Auth{}.LoopbackAnyPort),
		"Placement.in":           abi.Placement{}.Place(), "Parameter.kind": abi.KindText,
		"Parameter.required": strconv.FormatBool(abi.Parameter{}.Required), "Parameter.secret": strconv.FormatBool(abi.Parameter{}.Secret),
		"Scope.required": strconv.FormatBool(abi.Scope{}.Required),
		"Answer.access":  answer.Access, "Answer.refresh": answer.Refresh, "Answer.expires_in": answer.ExpiresIn,
		"Answer.scope": answer.Scope, "Answer.token_type": answer.TokenType, "Answer.error": answer.Error,
		"Choose.single":  strconv.FormatBool(abi.Choose{}.Single),
		"Retry.attempts": strconv.Itoa(m.RetryOr().Attempts),
		"Rate.seconds":   strconv.Itoa(abi.Rate{}.Interval()), "Rate.burst": strconv.Itoa(abi.Rate{}.AtOnce()),
		"Paging.first": strconv.Itoa(abi.Paging{}.FirstNumber()), "Paging.max": strconv.Itoa(abi.Paging{}.Most()),
		"Refresh.margin": seconds(refresh.Margin()), "Refresh.grace": strconv.Itoa(refresh.Refresh.Grace),
	}
	for _, o := range abi.Objects() {
		for _, k := range o.Keys {
			got, held := used[o.Name+"."+k.Name]
			if got != k.Default || k.Default != "" && !held {
				t.Errorf("%s.%s: the table tells %q, %q is used", o.Name, k.Name, k.Default, got)
			}
		}
	}
}
