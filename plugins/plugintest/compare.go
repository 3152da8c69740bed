package plugintest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"unicode/utf8"
)

// difference says in one line where two JSON documents first differ, by a JSON
// pointer; "" where they mean the same.
func difference(got, want json.RawMessage) string {
	g, gotErr := decode(got)
	w, wantErr := decode(want)
	if gotErr != nil || wantErr != nil {
		return ": it is not JSON"
	}
	return unlike("", g, w)
}

// decode keeps the digits of numbers.
func decode(text json.RawMessage) (v any, err error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return v, d.Decode(&v)
}

func unlike(at string, got, want any) string {
	switch w := want.(type) {
	case map[string]any:
		if g, ok := got.(map[string]any); ok {
			return unlikeObjects(at, g, w)
		}
	case []any:
		if g, ok := got.([]any); ok {
			return unlikeLists(at, g, w)
		}
	case json.Number:
		if g, ok := got.(json.Number); ok && sameNumber(g, w) {
			return ""
		}
	default:
		if got == want {
			return ""
		}
	}
	return fmt.Sprintf("%s: got %s, want %s", at, short(got), short(want))
}

func unlikeObjects(at string, got, want map[string]any) string {
	for _, key := range slices.Sorted(maps.Keys(want)) {
		g, ok := got[key]
		if !ok {
			return fmt.Sprintf("%s/%s: it is missing, want %s", at, key, short(want[key]))
		}
		if d := unlike(at+"/"+key, g, want[key]); d != "" {
			return d
		}
	}
	for _, key := range slices.Sorted(maps.Keys(got)) {
		if _, ok := want[key]; !ok {
			return fmt.Sprintf("%s/%s: got %s, want nothing", at, key, short(got[key]))
		}
	}
	return ""
}

func unlikeLists(at string, got, want []any) string {
	for i := range min(len(got), len(want)) {
		if d := unlike(at+"/"+strconv.Itoa(i), got[i], want[i]); d != "" {
			return d
		}
	}
	if len(got) != len(want) {
		return fmt.Sprintf("%s: got %d items, want %d", at, len(got), len(want))
	}
	return ""
}

// sameNumber takes 1, 1.0 and 1e0 for the same.
func sameNumber(a, b json.Number) bool {
	if a == b {
		return true
	}
	if _, err := a.Int64(); err == nil {
		if _, err := b.Int64(); err == nil {
			return false // two whole numbers, which a float may not tell apart
		}
	}
	x, errX := a.Float64()
	y, errY := b.Float64()
	return errX == nil && errY == nil && x == y
}

// short is a value on a line.
func short(v any) string {
	const most = 200
	text, err := marshal(v)
	if err != nil || len(text) <= most {
		return text
	}
	cut := most
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + "..."
}

// marshal writes JSON without escapes that nobody needs.
func marshal(v any) (string, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return string(bytes.TrimSpace(b.Bytes())), err
}
