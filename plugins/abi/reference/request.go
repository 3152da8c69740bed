package reference

import (
	"slices"

	"github.com/connhost/connhost/plugins/abi"
)

// requestKey narrows a key of a request to what it may hold at its place.
func (s *schemas) requestKey(rule abi.RequestRule, f field, schema ordered) any {
	switch {
	case rule.Path == "":
		return schema
	case f.Name == "answer" && f.of == "Answer":
		return answerSchema(s.m["Answer"], rule, schema[0])
	case rule.Flat && f.Name == "json":
		return ordered{schema[0], {"type", "object"}, {"additionalProperties", ordered{{"type", "string"}}}}
	case rule.Body:
		return schema
	case f.Name == "method":
		return ordered{schema[0], {"const", rule.Method}}
	case f.Name == "headers":
		return ordered{schema[0], {"type", "object"}, {"maxProperties", 0}}
	case f.Name == "form" || f.Name == "json":
		return false
	}
	return schema
}

// answerSchema has the pointers that mean something for a request.
func answerSchema(o objectType, rule abi.RequestRule, description member) ordered {
	properties := ordered{}
	for _, f := range o.fields {
		if slices.Contains(rule.Answer, f.Name) {
			properties = append(properties, member{f.Name, withValues(append(ordered{{"description", sentence(f)}}, textSchema(f.Key)...), f)})
		}
	}
	out := ordered{description, {"type", "object"}, {"properties", properties}, {"additionalProperties", false}}
	if rule.Reads {
		out = append(out, member{"minProperties", 1})
	}
	return out
}

// requestConditions are the rules between the keys of a request.
func requestConditions(rule abi.RequestRule) ordered {
	if rule.Path == "" {
		return nil
	}
	all := []any{ordered{{"not", required("url", "path")}}}
	if rule.Body {
		all = append(all, ordered{{"not", required("form", "json")}})
	}
	out := ordered{{"allOf", all}}
	if rule.URL {
		out = append(out, member{"anyOf", []any{required("url"), required("path")}})
	}
	if rule.Reads {
		out = append(out, member{"required", []string{"answer"}})
	}
	return out
}
