package lab

import (
	"maps"
	"slices"

	"github.com/connhost/connhost/plugins/abi"
)

// choices puts what an account could be used with into an answer: two, where
// the manifest has a list of them. The first has the values that the lab knows.
func (s *service) choices(doc any, c *abi.Choose) any {
	switch {
	case c.Single && c.Items == "":
		return s.choice(doc, c, 1)
	case c.Single:
		return set(doc, c.Items, s.choice(map[string]any{}, c, 1))
	}
	return set(doc, c.Items, []any{s.choice(map[string]any{}, c, 1), s.choice(map[string]any{}, c, 2)})
}

// choice adds one of them to a document.
func (s *service) choice(doc any, c *abi.Choose, number int) any {
	suffix := ""
	if number > 1 {
		suffix = "-2"
	}
	if c.Label != "" {
		doc = set(doc, c.Label, "Lab "+c.What+suffix)
	}
	doc = set(doc, c.Key, "lab-"+label(c.What)+suffix)
	for _, name := range slices.Sorted(maps.Keys(c.Values)) {
		doc = set(doc, c.Values[name], s.values[name]+suffix)
	}
	for _, pointer := range slices.Sorted(maps.Keys(c.Only)) {
		doc = set(doc, pointer, c.Only[pointer])
	}
	if c.Default != "" {
		doc = set(doc, c.Default, number == 1)
	}
	return doc
}
