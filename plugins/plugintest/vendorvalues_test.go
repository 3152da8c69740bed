package plugintest_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/connhost/connhost/host/hosttest/described"
	"github.com/connhost/connhost/plugins/abi"
)

// values makes up what an action is given, from what the description says of the
// place where each parameter goes.
type values struct {
	vendor
	d *described.Description
	m abi.Manifest
	a abi.Action
}

// of gives what must be given for 0, and for others the whole of it, with the n-th
// words.
func (v values) of(n int) map[string]any {
	given, whole := map[string]any{}, n > 0
	op, found := v.operation()
	texts := map[string]string{}
	for _, p := range v.a.Parameters {
		value, chosen := v.chosen(p.Key)
		switch {
		case !whole && !p.Required && !chosen, !visible(p, texts):
			continue
		case chosen:
		case len(p.Enum) > 0:
			value = p.Enum[max(n-1, 0)%len(p.Enum)]
		case p.Default != "":
			continue
		case found:
			value = v.sample(op, p.Key)
		}
		if given[p.Key] = ofKind(p, value); given[p.Key] == nil {
			delete(given, p.Key)
			continue
		}
		texts[p.Key] = fmt.Sprint(given[p.Key])
	}
	return given
}

// chosen is a value from vendors.yaml. Null leaves a parameter out.
func (v values) chosen(key string) (value any, ok bool) {
	for _, action := range []string{v.a.Name, "*"} {
		if value, ok = v.Values[action][key]; ok {
			return value, ok
		}
	}
	return nil, false
}

func visible(p abi.Parameter, given map[string]string) bool {
	for key, one := range p.VisibleWhen {
		if !slices.Contains(one, given[key]) {
			return false
		}
	}
	return true
}

// operation is the one that the action asks for, whatever stands in its places.
func (v values) operation() (described.Operation, bool) {
	template := v.a.URL
	if v.a.Path != "" {
		template = v.m.BaseURL + v.a.Path
	}
	text, err := abi.Expand(template, func(abi.Place) (string, error) { return "1", nil })
	if err != nil {
		return described.Operation{}, false
	}
	u, err := url.Parse(text)
	if err != nil {
		return described.Operation{}, false
	}
	method := v.a.Method
	if method == "" {
		method = "GET"
	}
	op, _, ok := v.d.Find(method, v.alike(u))
	return op, ok
}

// sample is what the description says of the place of a parameter; nil where it
// has none of its own.
func (v values) sample(op described.Operation, key string) any {
	segments := strings.Split(v.a.Path+v.a.URL, "/")
	for i, segment := range segments {
		if is(segment, key) {
			return op.SampleOf(len(segments) - 1 - i)
		}
	}
	for name, template := range v.a.Query {
		if is(template, key) {
			return op.Sample("query", name)
		}
	}
	for name, template := range v.a.Form {
		if is(template, key) {
			return op.SampleMember("application/x-www-form-urlencoded", name)
		}
	}
	if way, ok := wayTo(v.a.JSON.Value(), key); ok {
		return op.SampleMember("application/json", way...)
	}
	return nil
}

// is says whether a template is exactly one place, perhaps with something before
// or behind it, such as .json.
func is(template, key string) bool {
	places, err := abi.Places(template)
	return err == nil && len(places) == 1 && places[0].Name == key
}

// wayTo is the way through a body to where a parameter goes.
func wayTo(body any, key string) ([]string, bool) {
	switch body := body.(type) {
	case string:
		return nil, is(body, key)
	case []any:
		for _, item := range body {
			if way, ok := wayTo(item, key); ok {
				return append([]string{""}, way...), true
			}
		}
	case map[string]any:
		for name, member := range body {
			if way, ok := wayTo(member, key); ok {
				return append([]string{name}, way...), true
			}
		}
	}
	return nil, false
}

// ofKind is a value as the parameter's kind wants it; nil where it cannot be
// made.
func ofKind(p abi.Parameter, value any) any {
	switch p.Kind {
	case abi.KindNumber:
		if f, ok := value.(string); ok {
			if n, err := strconv.ParseFloat(f, 64); err == nil {
				return n
			}
			return 1
		}
		if value == nil {
			return 1
		}
		return value
	case abi.KindBoolean:
		if b, ok := value.(bool); ok {
			return b
		}
		return true
	case abi.KindJSON:
		switch value.(type) {
		case map[string]any, []any:
			return value
		}
		return nil
	}
	switch value := value.(type) {
	case nil:
		return "sample"
	case string:
		return value
	case []any:
		var texts []string
		for _, item := range value {
			texts = append(texts, fmt.Sprint(item))
		}
		return strings.Join(texts, ",")
	case float64:
		return strconv.FormatFloat(value, 'f', -1, 64)
	case map[string]any:
		text, _ := json.Marshal(value)
		return string(text)
	}
	return fmt.Sprint(value)
}
