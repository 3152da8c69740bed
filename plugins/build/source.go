package build

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"go.yaml.in/yaml/v4"

	"github.com/connhost/connhost/plugins/abi"
)

// A Source is a connector.yaml that was read. Manifest and JSON mean nothing
// when it has failed.
type Source struct {
	File        string
	Manifest    abi.Manifest
	JSON        []byte // canonical: sorted keys, no space, nothing escaped that need not be
	Diagnostics []Diagnostic

	tree *tree
}

// Failed says whether there is a fault among the diagnostics.
func (s Source) Failed() bool {
	return slices.ContainsFunc(s.Diagnostics, func(d Diagnostic) bool { return d.Severity == abi.Fault })
}

// maxSourceFile is the size in bytes of a connector.yaml: comments are free,
// up to a point.
const maxSourceFile = 2 * abi.MaxManifest

// Read reads and validates a manifest in YAML. File is the name for messages.
func Read(file string, data []byte) Source {
	t := newTree("manifest", "plugins/MANIFEST.md", file, data)
	s := Source{File: file, tree: t}
	value, ok := t.load(data)
	if ok {
		var problems []abi.Problem
		s.JSON = canonical(value)
		s.Manifest, problems = abi.Check(s.JSON)
		for _, p := range problems {
			t.problem(p)
		}
	}
	s.Diagnostics = sorted(t.found)
	return s
}

// canonical is the one way to write a document as JSON.
func canonical(value any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(value); err != nil {
		panic(fmt.Sprintf("a tree of texts, numbers and lists is JSON: %v", err))
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// load parses the one document of a file.
func (t *tree) load(data []byte) (any, bool) {
	if len(data) > maxSourceFile {
		t.add("M029", 1, 1, "", fmt.Sprintf("the file has %d bytes; at most %d are allowed", len(data), maxSourceFile), "")
		return nil, false
	}
	loader, err := yaml.NewLoader(bytes.NewReader(data))
	if err != nil {
		t.add("M020", 1, 1, "", "the file cannot be read: "+err.Error(), "")
		return nil, false
	}
	var first, second yaml.Node
	if err := loader.Load(&first); err != nil {
		t.syntax(err, len(bytes.TrimSpace(data)) == 0)
		return nil, false
	}
	if first.Kind != yaml.DocumentNode || len(first.Content) != 1 {
		t.add("M021", 1, 1, "", "the file holds no "+t.kind, "")
		return nil, false
	}
	if err := loader.Load(&second); err == nil {
		t.add("M022", max(second.Line, 1), max(second.Column, 1), "", "a second document begins here; a "+t.kind+" is one document", `leave out "---"`)
		return nil, false
	} else if !ended(err) {
		t.syntax(err, false)
		return nil, false
	}
	return t.value(first.Content[0], "", 0), true
}
