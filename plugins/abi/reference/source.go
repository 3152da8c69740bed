// Package reference writes what is generated about a connector's manifest: the
// JSON Schema that editors read, and the tables of MANIFEST.md. It reads the
// comments of the Go types in package abi and that package's table of keys, so
// that type, validator, schema and page are one description. Nothing imports
// it; its test writes the files and notices when they are stale:
//
//	manifest.go (types, comments) --+
//	abi.Objects, RequestRules ------+--> manifest.schema.json, MANIFEST.md
//	abi.Codes ----------------------+
package reference

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/connhost/connhost/plugins/abi"
)

// A kind is what a key holds.
type kind string

const (
	text    kind = "text"
	number  kind = "number"
	boolean kind = "true or false"
	object  kind = "object"
	list    kind = "list"
	names   kind = "names" // an object with free names
	oneOf   kind = "text or list of text"
	body    kind = "object, list or text"
)

// A field is one key of an object: its Go type, its comment and its rule.
type field struct {
	kind    kind
	of      string // the Go type of an object, of a list's items or of the values of free names
	meaning string
	abi.Key
}

// A Manifest is the description of a manifest: its objects by the names of
// their Go types.
type Manifest map[string]objectType

type objectType struct {
	fields []field // of its own, then of what it embeds
	own    int     // how many are its own
	embeds string
	abi.Object
}

// Read reads the Go files in dir, the folder of package abi. A field without a
// comment is an error, as is one that the table of keys does not have.
func Read(dir string) (Manifest, error) {
	structs, err := parse(dir)
	if err != nil {
		return nil, err
	}
	m := Manifest{}
	for _, o := range abi.Objects() {
		t, ok := structs[o.Name]
		if !ok {
			return nil, fmt.Errorf("%s has no type %s", dir, o.Name)
		}
		if m[o.Name], err = describe(o, t); err != nil {
			return nil, err
		}
	}
	for name, o := range m {
		if o.embeds != "" {
			o.fields = append(o.fields, m[o.embeds].fields...)
			m[name] = o
		}
		for _, f := range o.fields {
			_, known := m[f.of]
			if known = known || slices.Contains([]kind{text, number, oneOf}, kind(f.of)); !known && (f.of != "" || f.kind == object) {
				return nil, fmt.Errorf("%s.%s holds %s, which the table of keys does not have", name, f.Name, f.of)
			}
		}
	}
	return m, nil
}

// parse gives the struct types of a folder, but for those of tests.
func parse(dir string) (map[string]*ast.StructType, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	structs := map[string]*ast.StructType{}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		source, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, source, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.TypeSpec); ok {
				if t, ok := spec.Type.(*ast.StructType); ok {
					structs[spec.Name.Name] = t
				}
			}
			return true
		})
	}
	return structs, nil
}

// describe joins a type with its rules.
func describe(o abi.Object, t *ast.StructType) (objectType, error) {
	d := objectType{Object: o}
	for _, f := range t.Fields.List {
		if len(f.Names) == 0 {
			embedded, ok := f.Type.(*ast.Ident)
			if !ok || d.embeds != "" {
				return d, fmt.Errorf("%s embeds something that is not told", o.Name)
			}
			d.embeds = embedded.Name
			continue
		}
		if len(f.Names) > 1 || f.Tag == nil {
			return d, fmt.Errorf("%s.%s stands not alone or has no tag", o.Name, f.Names[0].Name)
		}
		tag, err := strconv.Unquote(f.Tag.Value)
		if err != nil {
			return d, err
		}
		name, _, _ := strings.Cut(reflect.StructTag(tag).Get("json"), ",")
		next := field{meaning: meaning(f)}
		if next.meaning == "" {
			return d, fmt.Errorf("%s.%s has no comment, which its description is made of", o.Name, f.Names[0].Name)
		}
		if next.kind, next.of, err = kindOf(f.Type); err != nil {
			return d, fmt.Errorf("%s.%s: %w", o.Name, f.Names[0].Name, err)
		}
		for _, k := range o.Keys {
			if k.Name == name {
				next.Key = k
			}
		}
		if next.Name == "" {
			return d, fmt.Errorf("the table of keys does not have %s.%s", o.Name, name)
		}
		d.fields = append(d.fields, next)
	}
	d.own = len(d.fields)
	return d, nil
}

// meaning is the comment above a field and the one behind it.
func meaning(f *ast.Field) string {
	var parts []string
	for _, c := range []*ast.CommentGroup{f.Doc, f.Comment} {
		if words := strings.Join(strings.Fields(c.Text()), " "); words != "" {
			parts = append(parts, strings.TrimSuffix(words, "."))
		}
	}
	return strings.Join(parts, ". ")
}

// kindOf reads a field's type. Of what it is made of, only text has no name in
// the table.
func kindOf(t ast.Expr) (kind, string, error) {
	switch t := t.(type) {
	case *ast.StarExpr:
		return kindOf(t.X)
	case *ast.ArrayType:
		of, err := part(t.Elt)
		return list, of, err
	case *ast.MapType:
		of, err := part(t.Value)
		return names, of, err
	case *ast.Ident:
		switch t.Name {
		case "string":
			return text, "", nil
		case "int", "int64":
			return number, "", nil
		case "bool":
			return boolean, "", nil
		case "OneOf":
			return oneOf, "", nil
		case "Body":
			return body, "", nil
		}
		return object, t.Name, nil
	}
	return "", "", fmt.Errorf("a type that a manifest cannot hold")
}

// part is what a list or an object with free names holds.
func part(t ast.Expr) (string, error) {
	k, of, err := kindOf(t)
	switch {
	case err != nil:
		return "", err
	case k == text || k == number || k == oneOf:
		return string(k), nil
	case k == object:
		return of, nil
	}
	return "", fmt.Errorf("it holds %s, which is not told", k)
}
