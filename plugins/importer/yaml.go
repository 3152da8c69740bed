package importer

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"bytes"

	"go.yaml.in/yaml/v4"

	"github.com/connhost/connhost/host"
)

// readYAML reads the first document of a file. It goes by the nodes and not by
// Go values, so that a number keeps its digits, a date stays the text that it
// was, and an alias shares what it stands for: a few lines of aliases can stand
// for more than any memory holds.
func readYAML(name string, data []byte) (any, error) {
	if len(data) > maxYAML {
		return nil, tooLarge(name, maxYAML)
	}
	var root yaml.Node
	if err := yaml.NewDecoder(bytes.NewReader(data)).Decode(&root); err != nil && !errors.Is(err, io.EOF) {
		return nil, host.Errorf(host.Failed, "%s: not YAML: %s", name, yamlSentence(err)).WithHint("export or download the document anew")
	}
	if root.Kind != yaml.DocumentNode || len(root.Content) != 1 {
		return nil, host.Errorf(host.Failed, "%s is empty", name)
	}
	c := converter{made: map[*yaml.Node]any{}}
	tree := c.value(root.Content[0])
	if c.wrong != "" {
		return nil, host.Errorf(host.Failed, "%s:%d: %s", name, c.line, c.wrong)
	}
	return tree, nil
}

// yamlSentence is the parser's complaint in one line.
func yamlSentence(err error) string {
	if e, ok := errors.AsType[*yaml.LoadError](err); ok && e.Mark.Line > 0 {
		return fmt.Sprintf("line %d: %s", e.Mark.Line, clean(e.Message))
	}
	return clip(clean(err.Error()), 200)
}

// A converter makes a tree of YAML nodes, each node once.
type converter struct {
	made  map[*yaml.Node]any // what anchors stand for
	open  []*yaml.Node       // anchors that are being made
	depth int
	wrong string // the first thing that no tree can hold
	line  int
}

// maxNesting is how deep a document may go; encoding/json stops there too.
const maxNesting = 10_000

func (c *converter) fail(n *yaml.Node, sentence string) any {
	if c.wrong == "" {
		c.wrong, c.line = sentence, n.Line
	}
	return nil
}

func (c *converter) value(n *yaml.Node) any {
	if c.depth++; c.depth > maxNesting || c.wrong != "" {
		return c.fail(n, "the document is nested too deeply")
	}
	defer func() { c.depth-- }()
	switch n.Kind {
	case yaml.AliasNode:
		return c.alias(n)
	case yaml.MappingNode:
		return c.anchored(n, func() any { return c.mapping(n) })
	case yaml.SequenceNode:
		return c.anchored(n, func() any {
			list := make([]any, len(n.Content))
			for i, item := range n.Content {
				list[i] = c.value(item)
			}
			return list
		})
	}
	return c.anchored(n, func() any { return scalar(n) })
}

// alias is what its anchor stands for, the same value and no copy.
func (c *converter) alias(n *yaml.Node) any {
	for _, open := range c.open {
		if open == n.Alias {
			return c.fail(n, fmt.Sprintf("the alias *%s stands within what it stands for", clean(n.Value)))
		}
	}
	if v, ok := c.made[n.Alias]; ok {
		return v
	}
	return c.value(n.Alias)
}

func (c *converter) anchored(n *yaml.Node, make func() any) any {
	if n.Anchor == "" {
		return make()
	}
	c.open = append(c.open, n)
	v := make()
	c.open = c.open[:len(c.open)-1]
	c.made[n] = v
	return v
}

// mapping is an object; what << merges gives way to its own keys.
func (c *converter) mapping(n *yaml.Node) any {
	m := map[string]any{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], c.value(n.Content[i+1])
		if key.ShortTag() == "!!merge" {
			merge(m, value)
			continue
		}
		if key.Kind == yaml.AliasNode && key.Alias != nil {
			key = key.Alias
		}
		if key.Kind == yaml.ScalarNode {
			m[key.Value] = value
		}
	}
	return m
}

func merge(m map[string]any, from any) {
	switch v := from.(type) {
	case map[string]any:
		for key, value := range v {
			if _, own := m[key]; !own {
				m[key] = value
			}
		}
	case []any:
		for _, item := range v {
			if _, object := item.(map[string]any); object {
				merge(m, item)
			}
		}
	}
}

var decimal = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$`)

// scalar is a text, number, boolean or null. What JSON cannot write as a
// number, a date or 0x10, stays the text that it is.
func scalar(n *yaml.Node) any {
	switch n.ShortTag() {
	case "!!null":
		return nil
	case "!!bool":
		return strings.EqualFold(n.Value, "true") || strings.EqualFold(n.Value, "yes") || strings.EqualFold(n.Value, "on")
	case "!!int", "!!float":
		if decimal.MatchString(n.Value) {
			return json.Number(n.Value)
		}
	}
	return n.Value
}
