package abi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"iter"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// A shape compares a JSON document with the type Manifest: unknown and
// duplicate keys and values of another kind. The type is the only list of the
// keys.
type shape struct {
	problems []Problem
	silent   []string // paths about which Validate need not speak
	empty    []string // keys of auth that are given and empty
}

// kind is what a JSON value is, in words.
type kind string

const (
	isObject kind = "an object"
	isList   kind = "a list"
	isText   kind = "text"
	isNumber kind = "a number"
	isBool   kind = "true or false"
	isNull   kind = "null"
	isOneOf  kind = "text or a list"
)

func kindOf(raw json.RawMessage) kind {
	switch raw = bytes.TrimLeft(raw, " \t\r\n"); raw[0] {
	case '{':
		return isObject
	case '[':
		return isList
	case '"':
		return isText
	case 't', 'f':
		return isBool
	case 'n':
		return isNull
	}
	return isNumber
}

func (s *shape) document(data []byte) {
	s.value("", reflect.TypeFor[Manifest](), data)
}

// silences says whether a problem at path follows from one of the shape's own.
func (s *shape) silences(path string) bool {
	for _, p := range s.silent {
		// A parameter that was not read says nothing about the credential.
		if within(path, p) || within(p, "parameters") && (path == "auth" || sameItem(path, p)) {
			return true
		}
	}
	return false
}

// sameItem says whether two paths lie in the same item of a list at the top.
func sameItem(a, b string) bool {
	x, _, listed := strings.Cut(a, "]")
	y, _, _ := strings.Cut(b, "]")
	return listed && x == y
}

func (s *shape) wrong(code Code, path, hint, format string, args ...any) {
	if len(s.problems) > maxProblems {
		return
	}
	s.problems = append(s.problems, Problem{Code: code, Path: path, Msg: sentence(format, args...), Hint: hint})
	if path != "" {
		s.silent = append(s.silent, path)
	}
}

func (s *shape) wrongKey(code Code, path, format string, args ...any) {
	before := len(s.problems)
	s.wrong(code, path, "", format, args...)
	for i := range s.problems[before:] {
		s.problems[before+i].OnKey = true
	}
}

func (s *shape) value(path string, t reflect.Type, raw json.RawMessage) {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	got := kindOf(raw)
	if t == bodyType {
		s.body(path, raw)
		return
	}
	if got == isText && objectOf(t.Name()).OrText {
		return
	}
	want := wanted(t)
	switch {
	case got == isNull:
		s.wrong("M006", path, "leave the key out", "%s has no value", last(path))
	case want == isOneOf && got == isText:
	case want == isOneOf && got == isList:
		s.list(path, t.Elem(), raw)
	case got != want:
		s.wrong("M006", path, kindHint(path, t, got, raw), "%s must be %s, not %s", last(path), want, got)
	default:
		s.members(path, t, raw)
	}
}

func wanted(t reflect.Type) kind {
	if t == reflect.TypeFor[OneOf]() {
		return isOneOf
	}
	switch t.Kind() {
	case reflect.Struct, reflect.Map:
		return isObject
	case reflect.Slice:
		return isList
	case reflect.Bool:
		return isBool
	case reflect.Int, reflect.Int64:
		return isNumber
	}
	return isText
}

// kindHint helps with the commonest mistakes of a YAML author: 1.0 and true
// are no texts, {key} is an object, yes is a text, and a URL is no request.
func kindHint(path string, t reflect.Type, got kind, raw json.RawMessage) string {
	want := wanted(t)
	switch {
	case (want == isText || want == isOneOf) && (got == isNumber || got == isBool):
		return fmt.Sprintf(`write it in quotes: "%s"`, raw)
	case want == isText && got == isObject:
		return `a text that begins with a brace stands in quotes: "{key}"`
	case want == isBool:
		return "write true or false"
	case want == isList && got == isText:
		return "write it in brackets, as a list"
	case t.Kind() == reflect.Struct && got == isText && slices.ContainsFunc(keysOf(t), func(k key) bool { return k.name == "url" }):
		if bytes.HasPrefix(raw, []byte(`"/`)) {
			return fmt.Sprintf("write: {path: %s}", raw)
		}
		return fmt.Sprintf("write: {url: %s}", raw)
	}
	return ""
}

// isPlace says whether an object is what YAML makes of {key}: names without
// values.
func isPlace(raw json.RawMessage) bool {
	for _, value := range entries(raw) {
		if kindOf(value) != isNull {
			return false
		}
	}
	return true
}

func (s *shape) members(path string, t reflect.Type, raw json.RawMessage) {
	switch t.Kind() {
	case reflect.Struct:
		s.object(path, keysOf(t), t, raw)
	case reflect.Map:
		s.object(path, nil, t, raw)
	case reflect.Slice:
		s.list(path, t.Elem(), raw)
	case reflect.Int, reflect.Int64:
		if _, err := strconv.ParseInt(string(raw), 10, t.Bits()); err != nil {
			s.wrong("M006", path, "", "%s must be a whole number, not %s", last(path), raw)
		}
	}
}

// keysOf lists the keys of a struct, those of embedded structs among them, in
// order.
func keysOf(t reflect.Type) []key {
	var keys []key
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			keys = append(keys, keysOf(f.Type)...)
			continue
		}
		name := keyName(f)
		keys = append(keys, key{name, f.Type, keyOf(objectOf(t.Name()).Keys, name)})
	}
	return keys
}

// keyName is the key of a field.
func keyName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}

// A key is one that an object may have.
type key struct {
	name string
	t    reflect.Type
	rule Key
}

// object checks the keys of an object; those of a map are free.
func (s *shape) object(path string, keys []key, t reflect.Type, raw json.RawMessage) {
	for name, value := range s.unique(path, raw) {
		at := KeyPath(path, name)
		if t.Kind() == reflect.Map {
			s.value(at, t.Elem(), value)
			continue
		}
		known := false
		for _, k := range keys {
			if k.name == name {
				known = true
				s.value(at, k.t, value)
				s.nothing(at, t, k, value)
			}
		}
		if !known {
			s.unknown(path, name, keys, t)
		}
	}
}

// nothing notices a value that is given and means the same as none.
func (s *shape) nothing(path string, t reflect.Type, k key, raw json.RawMessage) {
	raw = bytes.TrimSpace(raw)
	switch {
	case string(raw) == `""` && k.t.Kind() == reflect.String && (k.rule.Words != nil || k.rule.Pattern != ""):
		s.wrong("M008", path, emptyHint(k.rule), "%s is empty", last(path))
		return
	case string(raw) == "0" && k.t.Kind() == reflect.Int && k.rule.Min > 0 && k.rule.Min < k.rule.Max:
		s.wrong("M610", path, "", "%s must be at least %d", last(path), k.rule.Min)
		return
	case string(raw) == `""`:
		if t == reflect.TypeFor[Auth]() {
			s.empty = append(s.empty, k.name)
		}
	case string(raw) == "0" && t == reflect.TypeFor[Refresh]():
	default:
		return
	}
	p := Problem{Code: "M007", Path: path, Msg: fmt.Sprintf("%s is %s, which means the same as leaving it out", last(path), raw), Severity: Warning}
	if t == reflect.TypeFor[Auth]() && (k.name == "username" || k.name == "password") {
		return
	}
	if len(s.problems) <= maxProblems {
		s.problems = append(s.problems, p)
	}
}

// emptyHint says what could stand where nothing does.
func emptyHint(k Key) string {
	switch {
	case k.Words != nil:
		return "write " + orList(k.Words)
	case k.Pattern == pointerPattern:
		return "a pointer begins with '/'"
	case k.Needed:
		return ""
	}
	return "leave the key out"
}

// readable says whether encoding/json read the whole document: a scope that is
// no scope stops it.
func (s *shape) readable() bool {
	for _, p := range s.silent {
		if within(p, "scopes") {
			return false
		}
	}
	return true
}

func (s *shape) unknown(path, name string, keys []key, t reflect.Type) {
	if len(s.problems) > maxProblems {
		return
	}
	var names []string
	for _, k := range keys {
		names = append(names, k.name)
	}
	at := KeyPath(path, name)
	for _, l := range objectOf(t.Name()).Later {
		if l == name {
			s.wrongKey("M004", at, "the key %q is not supported yet", name)
			return
		}
	}
	s.wrongKey("M003", at, "unknown key %q%s", name, meant(name, names))
	if k := nearest(name, names); k != "" {
		s.silent = append(s.silent, KeyPath(path, k))
	}
}

func (s *shape) list(path string, t reflect.Type, raw json.RawMessage) {
	var items []json.RawMessage
	if json.Unmarshal(raw, &items) != nil {
		return
	}
	for i, item := range items {
		s.value(ItemPath(path, i), t, item)
	}
}

// unique walks an object in order and reports the keys that stand twice.
func (s *shape) unique(path string, raw json.RawMessage) iter.Seq2[string, json.RawMessage] {
	return func(yield func(string, json.RawMessage) bool) {
		seen := map[string]bool{}
		for name, value := range entries(raw) {
			if seen[name] {
				s.wrongKey("M005", KeyPath(path, name), "the key %q stands twice", name)
				continue
			}
			seen[name] = true
			if !yield(name, value) {
				return
			}
		}
	}
}

// entries walks an object in order, duplicates included.
func entries(raw json.RawMessage) func(yield func(string, json.RawMessage) bool) {
	return func(yield func(string, json.RawMessage) bool) {
		d := json.NewDecoder(bytes.NewReader(raw))
		if _, err := d.Token(); err != nil {
			return
		}
		for d.More() {
			name, err := d.Token()
			text, ok := name.(string)
			var value json.RawMessage
			if err != nil || !ok || d.Decode(&value) != nil || !yield(text, value) {
				return
			}
		}
	}
}

// last is the last part of a path, in quotes, for a sentence.
func last(path string) string {
	if path == "" {
		return "the manifest"
	}
	if strings.HasSuffix(path, `"]`) {
		return path[strings.LastIndex(path, "[")+1 : len(path)-1]
	}
	return strconv.Quote(path[strings.LastIndexByte(path, '.')+1:])
}
