package lab

import (
	"maps"
	"slices"

	"github.com/connhost/connhost/plugins/abi"
)

// choices is the answer of a service that tells what an account could be used
// with: two, where the manifest has a list of them. The first has the values
// that the lab knows.
func (s *service) choices(c *abi.Choose) any {
	if c.Single {
		return set(map[string]any{}, c.Items, s.choice(c, 1))
	}
	return set(map[string]any{}, c.Items, []any{s.choice(c, 1), s.choice(c, 2)})
}

func (s *service) choice(c *abi.Choose, number int) any {
	suffix := ""
	if number > 1 {
		suffix = "-2"
	}
	doc := any(map[string]any{})
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
