package abi

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
)

// A Choice is one of what an authorization may be used with: a site, a tenant,
// an account.
type Choice struct {
	Key     string
	Label   string
	Values  map[string]string // of templates
	Default bool              // it is taken unless another is chosen
}

// Choices reads the answer to the request of Choose. What has no key, or lacks
// one of the values, is no choice. There is false where the answer is another
// than the manifest says.
func (c Choose) Choices(body []byte) (list []Choice, ok bool) {
	var doc any
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber() // an id of 18 digits is no float
	if dec.Decode(&doc) != nil {
		return nil, false
	}
	at, _ := At(doc, c.Items)
	items, isList := at.([]any)
	if c.Single {
		_, object := at.(map[string]any)
		items, isList = []any{at}, object
	}
	for _, item := range items {
		if choice, fits := c.choice(item); fits {
			list = append(list, choice)
		}
	}
	return list, isList
}

func (c Choose) choice(item any) (Choice, bool) {
	for pointer, want := range c.Only {
		if plainText(item, pointer) != want {
			return Choice{}, false
		}
	}
	out := Choice{Key: plainText(item, c.Key), Label: plainText(item, c.Label), Values: map[string]string{}}
	for name, pointer := range c.Values {
		if out.Values[name] = plainText(item, pointer); out.Values[name] == "" {
			return Choice{}, false
		}
	}
	out.Default = plainText(item, c.Default) == "true"
	if out.Label == "" {
		out.Label = out.Key
	}
	return out, out.Key != ""
}

// plainText is the text, the number or the truth value at a pointer, or "".
func plainText(item any, pointer string) string {
	if pointer == "" {
		return ""
	}
	value, _ := At(item, pointer)
	switch value := value.(type) {
	case string:
		return value
	case json.Number:
		return value.String()
	case bool:
		if value {
			return "true"
		}
		return "false"
	}
	return ""
}

// Unchosen are the names of values that only a choice gives and that are not
// known yet, sorted.
func (m Manifest) Unchosen(known map[string]string) []string {
	if m.Choose == nil {
		return nil
	}
	names := slices.Sorted(maps.Keys(m.Choose.Values))
	return slices.DeleteFunc(names, func(name string) bool { return known[name] != "" })
}

// NeedsChoice says whether a request of the API cannot be made before something
// is chosen.
func (m Manifest) NeedsChoice(r Request, known map[string]string) bool {
	texts := append(r.texts(), m.Auth.templates()...)
	if r.Path != "" {
		texts = append(texts, m.BaseURL)
	}
	return slices.ContainsFunc(m.Unchosen(known), func(name string) bool { return names(texts, name) })
}

// NamesAny says whether a template names one of some values.
func NamesAny(template string, values []string) bool {
	return slices.ContainsFunc(values, func(name string) bool { return names([]string{template}, name) })
}

// Captured says whether a name stands for a value that the service tells: in
// its token answer, in the callback, or by what is chosen.
func (m Manifest) Captured(name string) bool {
	_, captured := m.Capture[name]
	return captured || m.chosen(name)
}

// CapturedNames are all such names, sorted.
func (m Manifest) CapturedNames() []string {
	names := slices.Collect(maps.Keys(m.Capture))
	if m.Choose != nil {
		names = slices.AppendSeq(names, maps.Keys(m.Choose.Values))
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (m Manifest) chosen(name string) bool {
	if m.Choose == nil {
		return false
	}
	_, ok := m.Choose.Values[name]
	return ok
}

// choose checks the request whose answer holds the choices, and what is taken
// out of one.
func (c *checker) choose() {
	ch := c.m.Choose
	if ch == nil {
		return
	}
	c.request("choose", &ch.Request, chooseUse)
	c.words("choose.what", ch.What)
	if len(ch.Values) == 0 {
		c.missing("choose.values")
	}
	for _, p := range []struct{ key, pointer string }{{"items", ch.Items}, {"key", ch.Key}, {"label", ch.Label}, {"default", ch.Default}} {
		switch path := KeyPath("choose", p.key); {
		case p.pointer != "":
			c.pointer(path, p.pointer, pointerForm)
		case p.key == "key":
			c.missing(path)
		}
	}
	for _, pointer := range slices.Sorted(maps.Keys(ch.Only)) {
		c.pointer(KeyPath("choose.only", pointer), pointer, pointerForm)
	}
	for _, name := range slices.Sorted(maps.Keys(ch.Values)) {
		path := KeyPath("choose.values", name)
		c.captureName(path, name)
		if _, twice := c.m.Capture[name]; twice {
			c.fault("M505", path, "rename one of them", "%q is captured from the token answer too", name)
		}
		if p := ch.Values[name]; c.pointer(path, p, pointerForm) && tokenName(p) {
			c.fault("M510", path, "", "%q is a token by its name, which nobody may read", p)
		}
	}
	if ch.Single && ch.Default != "" {
		c.fault("M512", "choose.default", "leave it out", `"default" means nothing with "single": there is one choice`)
	}
}
