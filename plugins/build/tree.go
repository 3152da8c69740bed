package build

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/connhost/connhost/plugins/abi"
)

// A tree turns a YAML document into JSON values and remembers where each key
// and value stands. It takes the part of YAML that JSON has: one document of
// mappings with text keys, lists, texts, decimal numbers and booleans; no
// anchors, aliases, merges or tags.
type tree struct {
	kind     string // what the file is, for people: manifest or case
	told     string // where its keys are told
	file     string
	lines    []string
	places   map[string]place // by abi path
	bad      []string         // paths whose problem is told already
	anchored bool             // an anchor or alias was told; one is enough
	found    []Diagnostic
}

// A place is where a key and its value begin. An item of a list has no key.
type place struct {
	keyLine, keyColumn     int
	valueLine, valueColumn int
	scalar                 bool
}

const (
	maxDepth       = 20
	maxDiagnostics = 200
)

func newTree(kind, told, file string, data []byte) *tree {
	return &tree{kind: kind, told: told, file: file, lines: strings.Split(string(data), "\n"), places: map[string]place{}}
}

func (t *tree) line(n int) string {
	if n < 1 || n > len(t.lines) {
		return ""
	}
	return strings.TrimSuffix(t.lines[n-1], "\r")
}

func (t *tree) add(code abi.Code, line, column int, path, msg, hint string) {
	t.put(Diagnostic{Code: code, Line: line, Column: column, Path: path, Msg: msg, Hint: hint})
}

func (t *tree) put(d Diagnostic) {
	if len(t.found) < maxDiagnostics {
		d.File, d.Source = t.file, t.line(d.Line)
		t.found = append(t.found, d)
	}
}

// wrong is a problem of the YAML at a node.
func (t *tree) wrong(code abi.Code, n *yaml.Node, path, hint, format string, args ...any) {
	t.add(code, n.Line, n.Column, path, fmt.Sprintf(format, args...), hint)
	t.bad = append(t.bad, path)
}

// problem puts a problem of the manifest where it stands, or at the nearest
// key above it where nothing stands.
func (t *tree) problem(p abi.Problem) {
	if slices.ContainsFunc(t.bad, func(bad string) bool { return below(p.Path, bad) }) {
		return
	}
	line, column := t.find(p.Path, p.OnKey)
	t.put(Diagnostic{Code: p.Code, Line: line, Column: column, Severity: p.Severity, Path: p.Path, Msg: p.Msg, Hint: p.Hint})
}

func (t *tree) find(wanted string, onKey bool) (line, column int) {
	for path := wanted; path != ""; path = path[:max(strings.LastIndexAny(path, ".["), 0)] {
		at, ok := t.places[path]
		switch {
		case !ok:
		case path == wanted && at.scalar && !onKey || at.keyLine == 0:
			return at.valueLine, at.valueColumn
		default:
			return at.keyLine, at.keyColumn
		}
	}
	return 1, 1
}

func below(path, parent string) bool {
	rest, ok := strings.CutPrefix(path, parent)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

// value is a node as JSON has it.
func (t *tree) value(n *yaml.Node, path string, depth int) any {
	switch {
	case depth > maxDepth:
		t.wrong("M028", n, path, "", "the %s is nested more than %d deep", t.kind, maxDepth)
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		if !t.anchored {
			t.wrong("M023", n, path, "write the value where it is used; a text that begins with * or & stands in quotes", "a %s has no anchors (&) and no aliases (*)", t.kind)
		}
		t.anchored, t.bad = true, append(t.bad, path)
	case n.Kind == yaml.MappingNode && n.ShortTag() == "!!map":
		return t.mapping(n, path, depth)
	case n.Kind == yaml.SequenceNode && n.ShortTag() == "!!seq":
		list := make([]any, len(n.Content))
		for i, item := range n.Content {
			at := abi.ItemPath(path, i)
			t.places[at] = place{valueLine: item.Line, valueColumn: item.Column, scalar: true}
			list[i] = t.value(item, at, depth+1)
		}
		return list
	case n.Kind == yaml.ScalarNode:
		return t.scalar(n, path)
	default:
		t.wrong("M025", n, path, "leave out the tag", "a %s has no tags such as %q", t.kind, n.Tag)
	}
	return nil
}

func (t *tree) mapping(n *yaml.Node, path string, depth int) map[string]any {
	m := map[string]any{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Kind == yaml.ScalarNode && key.ShortTag() == "!!merge" {
			t.wrong("M024", key, path, "write the keys out", "a %s has no merge keys (<<)", t.kind)
			continue
		}
		if key.Kind != yaml.ScalarNode || key.ShortTag() != "!!str" || key.Anchor != "" {
			t.wrong("M026", key, abi.KeyPath(path, key.Value), "write the key in quotes", "a key must be text")
			continue
		}
		at := abi.KeyPath(path, key.Value)
		if first, twice := t.places[at]; twice {
			t.add("M005", key.Line, key.Column, at, fmt.Sprintf("the key %q stands twice, first on line %d", key.Value, first.keyLine), "")
			continue
		}
		t.places[at] = place{key.Line, key.Column, value.Line, value.Column, value.Kind == yaml.ScalarNode}
		m[key.Value] = t.value(value, at, depth+1)
	}
	return m
}

// scalar reads a text, number or boolean. A number keeps its digits: what it
// must be is known to package abi.
func (t *tree) scalar(n *yaml.Node, path string) any {
	switch n.ShortTag() {
	case "!!str", "!!timestamp":
		return n.Value
	case "!!bool":
		return strings.EqualFold(n.Value, "true")
	case "!!null":
		return nil
	case "!!int", "!!float":
		if json.Valid([]byte(n.Value)) {
			return json.Number(n.Value)
		}
		t.wrong("M027", n, path, fmt.Sprintf("as text, write it in quotes: %q", n.Value), "the number %s is not written in decimal digits", n.Value)
		return nil
	}
	t.wrong("M025", n, path, "leave out the tag", "a %s has no tags such as %q", t.kind, n.Tag)
	return nil
}
