package build

import (
	"fmt"

	"github.com/connhost/connhost/plugins/abi"
)

// A Document is a YAML file of an author, other than the manifest, with the place
// of everything in it. It takes what a manifest takes of YAML.
type Document struct {
	File string
	JSON []byte // canonical; nil where the file cannot be read

	tree *tree
}

// ReadDocument reads a file of a kind, such as "case", whose keys are told in a
// page.
func ReadDocument(kind, page, file string, data []byte) *Document {
	d := &Document{File: file, tree: newTree(kind, page, file, data)}
	if value, ok := d.tree.load(data); ok && len(d.tree.found) == 0 {
		d.JSON = canonical(value)
	}
	return d
}

// Wrong notes a mistake at a path such as error.code.
func (d *Document) Wrong(code abi.Code, path, hint, format string, args ...any) {
	line, column := d.tree.find(path, true)
	d.tree.put(Diagnostic{Code: code, Line: line, Column: column, Path: path, Msg: fmt.Sprintf(format, args...), Hint: hint})
}

// Line is where the key at a path begins, 0 where it is not there.
func (d *Document) Line(path string) int { return d.tree.places[path].keyLine }

// Err is an *Invalid with every mistake, nil where there is none.
func (d *Document) Err() error {
	if len(d.tree.found) == 0 {
		return nil
	}
	return &Invalid{Diagnostics: sorted(d.tree.found)}
}
