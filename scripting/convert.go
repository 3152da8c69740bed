package scripting

import (
	"fmt"
	"slices"
	"strings"

	"github.com/connhost/connhost/scripting/lib"
	"github.com/connhost/connhost/scripting/value"
)

// convert makes an argument a value of the parameter's declared type: texts
// from a command line become numbers, dates, maps. A type that is none of the
// language's own is the name of a form: see recordArgument.
func (m *machine) convert(v any, kind string) (any, error) {
	text, isText := v.(string)
	switch strings.ToLower(kind) {
	case "string", "text":
		if !isText && v != nil {
			return value.Text(m.budget, v), nil
		}
		return v, nil
	case "int", "number", "bigint", "long":
		return m.builtin("toLong", v)
	case "float", "decimal", "double":
		return m.builtin("toDecimal", v)
	case "bool", "boolean":
		switch {
		case !isText:
		case strings.EqualFold(text, "true"):
			return true, nil
		case strings.EqualFold(text, "false"):
			return false, nil
		}
		if _, ok := v.(bool); !ok && v != nil {
			return nil, fmt.Errorf("%s is not true or false", value.Clip(value.Text(m.budget, v)))
		}
		return v, nil
	case "date", "datetime", "date-time", "timestamp":
		if isText {
			return value.ParseDate(text, m.lib.Location)
		}
		return v, nil
	case "map", "list":
		if isText {
			parsed, err := value.ParseJSON(m.budget, text)
			if err != nil {
				return nil, fmt.Errorf("it is not JSON: %w", err)
			}
			v = parsed
		}
		if got := value.TypeName(v); v != nil && got != strings.ToLower(kind) {
			return nil, fmt.Errorf("it is a %s and not a %s", got, strings.ToLower(kind))
		}
		return v, nil
	}
	if kind == "" || slices.Contains(otherTypes, strings.ToLower(kind)) {
		return v, nil
	}
	return m.recordArgument(v, kind), nil
}

// otherTypes are words for types that take any value and are no forms.
var otherTypes = []string{"any", "object", "key-value", "keyvalue", "collection", "file", "time", "void", "json", "xml"}

// recordArgument is the value of a parameter whose type is a form: the record
// of that ID, or the fields that were given as a record. Where the run does not
// know the form, the value stays what it is.
func (m *machine) recordArgument(v any, form string) any {
	if fields, ok := value.Resolve(v).(*value.Map); ok {
		return &records{m: m, rows: []*value.Map{fields}, single: true}
	}
	if m.Forms == nil || v == nil {
		return v
	}
	rows, err := m.Forms.Records(m.budget.Context(), form)
	if err != nil {
		return v
	}
	for i, row := range rows {
		if m.same(readField(row, idField), v) {
			return (&records{m: m, form: form, rows: rows}).one(i)
		}
	}
	return v
}

// builtin converts by a function of the table. Null stays null.
func (m *machine) builtin(name string, v any) (any, error) {
	f, ok := lib.Lookup(name)
	if v == nil || !ok {
		return v, nil
	}
	return f.Call(m.lib, []any{v})
}
