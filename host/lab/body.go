package lab

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strconv"

	"github.com/connhost/connhost/plugins/abi"
)

// A bodyFit holds a JSON body against the template of one.
type bodyFit struct {
	*service
	parameters []abi.Parameter
	into       bound
}

// whole says what is wrong with a body, without anything of it, and how much of
// it is right.
func (f bodyFit) whole(template, value any) (wrong string, right int) {
	members, object := template.(map[string]any)
	if value == nil && (object && len(members) == 0 || f.missing(template)) {
		return "", 0
	}
	if _, is := value.(map[string]any); value == nil || object && !is {
		return "the body is not JSON", 0
	}
	return f.value("the body", template, value)
}

// value compares a part of a body; at is what it is called.
func (f bodyFit) value(at string, template, value any) (wrong string, right int) {
	another := at + " is another than the manifest says"
	switch template := template.(type) {
	case map[string]any:
		members, is := value.(map[string]any)
		if !is {
			return kindWrong(at), 0
		}
		return f.members(at, template, members)
	case []any:
		items, is := value.([]any)
		if !is {
			return kindWrong(at), 0
		}
		return f.items(at, template, items)
	case string:
		if !f.typed(template, value) {
			return kindWrong(at), 0
		}
		text, is := value.(string)
		if !is {
			raw, _ := json.Marshal(value)
			text = string(raw)
		}
		if text != "" && !f.match(template, text, f.into) || text == "" && !f.absent(template) {
			return another, 0
		}
		return "", 1
	}
	if !reflect.DeepEqual(template, value) {
		return another, 0
	}
	return "", 1
}

func (f bodyFit) members(at string, templates, members map[string]any) (wrong string, right int) {
	for _, name := range slices.Sorted(maps.Keys(templates)) {
		part := "the member " + name
		if at != "the body" {
			part = at + "." + name
		}
		value, given := members[name]
		if !given {
			if !f.missing(templates[name]) {
				return part + " is missing", right
			}
			continue
		}
		wrong, n := f.value(part, templates[name], value)
		if right += n; wrong != "" {
			return wrong, right
		}
	}
	return "", right
}

// items compares lists; an item that may be missing is passed over where there
// are too few.
func (f bodyFit) items(at string, templates, items []any) (wrong string, right int) {
	for i, template := range templates {
		if len(items) < len(templates)-i && f.missing(template) {
			continue
		}
		if len(items) == 0 {
			return at + " has too few items", right
		}
		wrong, n := f.value(at+"["+strconv.Itoa(i)+"]", template, items[0])
		if right += n; wrong != "" {
			return wrong, right
		}
		items = items[1:]
	}
	if len(items) > 0 {
		return at + " has more items than the manifest says", right
	}
	return "", right
}

func kindWrong(at string) string { return at + " is of another kind than the manifest says" }

// missing says whether a part of a body may be left out: a text that comes out
// empty, and what holds nothing else.
func (f bodyFit) missing(template any) bool {
	switch template := template.(type) {
	case string:
		return f.absent(template)
	case []any:
		return len(template) > 0 && !slices.ContainsFunc(template, func(item any) bool { return !f.missing(item) })
	case map[string]any:
		for _, member := range template {
			if !f.missing(member) {
				return false
			}
		}
		return len(template) > 0
	}
	return false
}

// typed says whether a value is of the kind that its parameter has, where that
// is all of its template; any other is a text.
func (f bodyFit) typed(template string, value any) bool {
	kind := abi.KindText
	for _, p := range f.parameters {
		if p.Typed() && template == "{"+p.Key+"}" {
			kind = p.Kind
		}
	}
	switch value.(type) {
	case json.Number:
		return kind == abi.KindNumber
	case bool:
		return kind == abi.KindBoolean
	case string:
		return kind == abi.KindText
	}
	return kind == abi.KindJSON
}
