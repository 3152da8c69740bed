package main

import (
	"strings"
	"testing"
)

// A mistake in a file that people write is told with its line, and without the
// words and types of the library.
func TestYAMLFaults(t *testing.T) {
	for text, want := range map[string]string{
		"limits: {}\ntrusted_key: 1":           `line 2: unknown key "trusted_key"`,
		"smtp: {host: x, prot: 5}":             `line 1: unknown key "prot"`,
		"limits: [a":                           "line 2: it is not YAML: did not find expected ',' or ']'",
		"\tlimits: 1":                          "line 1: it is not YAML: found character that cannot start any token",
		"smtp: 5":                              "line 1: a value is of another kind than its key takes",
		"\ncallback: {port: [1]}":              "line 2: a value is of another kind than its key takes",
		"allow_cidr: [a]\nallow_cidr: [b]":     `line 2: the key "allow_cidr" stands twice`,
		"a: &x [*x]":                           `line 1: unknown key "a"`,
		"limits: {download: !!binary \"###\"}": "line 1: a value is of another kind than its key takes",
		"limits: !!float x":                    "a value is of another kind than its key takes",
	} {
		_, err := parseConfig("c.yaml", []byte(text))
		if err == nil || err.Error() != "the configuration file c.yaml is not valid: "+want {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
		_, err = parseLock("l.yaml", []byte(text))
		if err == nil || strings.Contains(err.Error(), "main.") || strings.Contains(err.Error(), "!!") || strings.Contains(err.Error(), "construct") {
			t.Errorf("%q: got %v", text, err)
		}
	}
}
