package broker

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// actionValues are the parameters of one action, checked: as a template of text
// takes them, and as JSON. A parameter that was not given and has no default is
// an empty text and no JSON.
type actionValues struct {
	texts map[string]string
	json  map[string]json.RawMessage
}

// document is all of them as one object, for hooks.
func (v actionValues) document() json.RawMessage {
	doc, _ := json.Marshal(v.json) // valid JSON came in
	return doc
}

// actionParameters checks what the caller gave against what the action
// declares.
func actionParameters(a abi.Action, given json.RawMessage) (actionValues, error) {
	v := actionValues{map[string]string{}, map[string]json.RawMessage{}}
	if len(given) == 0 {
		given = json.RawMessage("{}")
	}
	if err := json.Unmarshal(given, &v.json); err != nil {
		return v, host.Errorf(host.Usage, "the parameters of an action are a JSON object").Because(err)
	}
	maps.DeleteFunc(v.json, func(_ string, raw json.RawMessage) bool { return string(raw) == "null" })
	for key, raw := range v.json {
		v.texts[key] = textOf(raw)
	}
	invisible := a.Invisible(v.texts)
	clear(v.texts)
	inPath := placesOf(a.URL + a.Path)
	var missing []string
	for _, p := range a.Parameters {
		if invisible[p.Key] {
			if err := v.leave(p); err != nil {
				return v, err
			}
			continue
		}
		if err := v.take(p); err != nil {
			return v, err
		}
		if _, ok := v.json[p.Key]; !ok && p.Required || v.texts[p.Key] == "" && slices.Contains(inPath, p.Key) {
			missing = append(missing, p.Key)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(v.json)) {
		if _, known := v.texts[key]; !known {
			return v, host.Errorf(host.Usage, "the action %q has no parameter %q", a.Name, key).WithHint("%s", actionHint(a))
		}
	}
	if len(missing) > 0 {
		return v, host.Errorf(host.Usage, "the action %q needs %s", a.Name, strings.Join(missing, ", "))
	}
	return v, nil
}

// take checks one parameter and makes its text and its JSON of what was given,
// or else of its default.
func (v actionValues) take(p abi.Parameter) error {
	raw, ok := v.json[p.Key]
	text := textOf(raw)
	if !ok {
		text = p.Default
	}
	if p.Typed() && text == "" { // --param limit= says nothing
		delete(v.json, p.Key)
		ok = false
	}
	v.texts[p.Key] = text
	if holdsPlace(raw) || p.Typed() && holdsPlace(json.RawMessage(text)) {
		return foreignPlace("the parameter \"" + p.Key + "\"")
	}
	if text != "" {
		if err := p.CheckText(text); err != nil {
			return host.Errorf(host.Usage, "%v", err)
		}
	}
	switch {
	case p.Typed() && text != "":
		v.json[p.Key] = json.RawMessage(text)
	case !ok && text != "":
		v.json[p.Key], _ = json.Marshal(text)
	}
	return nil
}

// leave refuses a value of a parameter that is not asked for.
func (v actionValues) leave(p abi.Parameter) error {
	if textOf(v.json[p.Key]) != "" {
		return whileInvisible(p, "") // scripts give no flags
	}
	v.texts[p.Key] = ""
	delete(v.json, p.Key)
	return nil
}

// placesOf names the places of a template that have no fallback.
func placesOf(template string) (names []string) {
	places, _ := abi.Places(template)
	for _, p := range places {
		if !p.HasFall {
			names = append(names, p.Name)
		}
	}
	return names
}

// actionHint names the parameters that there are.
func actionHint(a abi.Action) string {
	if len(a.Parameters) == 0 {
		return "it takes none"
	}
	var keys []string
	for _, p := range a.Parameters {
		keys = append(keys, p.Key)
	}
	return "its parameters: " + join(keys)
}

// textOf is a JSON value as a template takes it: a text without its quotes,
// anything else as it is written, null as nothing.
func textOf(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	return string(raw)
}

// body is the JSON body of an action: its templates filled. A text that is one
// parameter and nothing else becomes what was given for it: of its kind, and an
// empty text too. Any other that comes out empty is left out.
func (v actionValues) body(a abi.Action, fill func(template string) (string, error)) (json.RawMessage, error) {
	doc, there, err := a.JSON.Fill(func(template string) (any, bool, error) {
		text, err := fill(template)
		i := slices.IndexFunc(a.Parameters, func(p abi.Parameter) bool { return template == "{"+p.Key+"}" })
		switch {
		case err != nil || i < 0:
			return text, text != "", err
		case a.Parameters[i].Typed():
			raw, given := v.json[a.Parameters[i].Key]
			return raw, given, nil
		}
		_, given := v.json[a.Parameters[i].Key]
		return v.texts[a.Parameters[i].Key], given, nil
	})
	if err != nil || !there {
		return nil, err
	}
	return json.Marshal(doc)
}
