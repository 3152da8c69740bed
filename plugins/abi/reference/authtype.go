package reference

import (
	"fmt"
	"slices"
)

// authTypes are the words of auth.type.
func (s *schemas) authTypes() []string {
	for _, f := range s.m["Auth"].fields {
		if f.Name == "type" {
			return f.Words
		}
	}
	return nil
}

// withType is an object whose type is one of those.
func withType(is any) ordered {
	return ordered{{"properties", ordered{{"type", is}}}, {"required", []string{"type"}}}
}

// forAuthTypes says which keys each auth type needs and which it may not have.
// Types with the same rules share one.
func forAuthTypes(o objectType, condition func(is any) ordered, types []string) []any {
	var rules []any
	var groups [][]string
	for _, authType := range types {
		rule := authRule(o, authType)
		i := slices.IndexFunc(rules, func(r any) bool { return fmt.Sprint(r) == fmt.Sprint(rule) })
		if i < 0 {
			i = len(rules)
			rules, groups = append(rules, rule), append(groups, nil)
		}
		groups[i] = append(groups[i], authType)
	}
	var out []any
	for i, rule := range rules {
		if len(rule.(ordered)) > 0 {
			out = append(out, ordered{{"if", condition(ordered{{"enum", groups[i]}})}, {"then", rule}})
		}
	}
	return out
}

func authRule(o objectType, authType string) ordered {
	var foreign ordered
	var needed []string
	for _, f := range o.fields {
		switch {
		case f.For != nil && !slices.Contains(f.For, authType):
			foreign = append(foreign, member{f.Name, nothing(f)})
		case f.For != nil && f.Needed:
			needed = append(needed, f.Name)
		}
	}
	var rule ordered
	if foreign != nil {
		rule = append(rule, member{"properties", foreign})
	}
	if needed != nil {
		rule = append(rule, member{"required", needed})
	}
	return rule
}

// nothing is a value that means the same as leaving the key out. A text of
// certain words or of a form is never empty, so nothing may stand there.
func nothing(f field) any {
	switch f.kind {
	case text:
		if f.Words != nil || f.Pattern != "" {
			return false
		}
		return ordered{{"maxLength", 0}}
	case list:
		return ordered{{"maxItems", 0}}
	case names:
		return ordered{{"maxProperties", 0}}
	case boolean:
		return ordered{{"const", false}}
	case number:
		return ordered{{"const", 0}}
	}
	return false
}
