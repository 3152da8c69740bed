package importer

import (
	"bytes"
	"encoding/json"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/connhost/connhost/plugins/abi"
)

// heading begins a draft.
const heading = "# A draft: REVIEW.md says what to check. plugins/MANIFEST.md tells every key.\n"

// write makes connector.yaml of a manifest: its keys in the order of the page,
// what is short on one line.
func write(m abi.Manifest) ([]byte, error) {
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(m); err != nil {
		return nil, err
	}
	given := bytes.ReplaceAll(text.Bytes(), []byte(`"`+abi.EmptyText+`"`), []byte(`""`))
	var doc yaml.Node
	if err := yaml.Unmarshal(given, &doc); err != nil {
		return nil, err
	}
	lay(doc.Content[0], 0, false)
	out, err := yaml.Dump(doc.Content[0], yaml.WithV3Defaults(), yaml.WithIndent(2), yaml.WithLineWidth(-1))
	return append([]byte(heading), out...), err
}

// wide is how many characters an object or a list may have on one line.
const wide = 110

// lay chooses how a node is written: in a flow within braces, or in a block with
// a line for each of its keys.
func lay(n *yaml.Node, depth int, flow bool) {
	n.Style = 0
	switch {
	case n.Kind == yaml.ScalarNode:
		if n.Tag == "!!str" && quotes(n.Value, flow) {
			n.Style = yaml.DoubleQuotedStyle
		}
		return
	case flow || depth > 0 && !ofObjects(n) && width(n) <= wide:
		flow, n.Style = true, yaml.FlowStyle
	}
	for _, c := range n.Content {
		lay(c, depth+1, flow)
	}
}

// quotes says whether a text stands in quotes: in a flow also where it holds
// what means something there.
func quotes(text string, flow bool) bool {
	return text == "" || strings.ContainsAny(text[:1], "{[") || flow && strings.ContainsAny(text, "{}[],:#\"'?&*!|>%@`")
}

// ofObjects says whether a list has objects, which read better one a line.
func ofObjects(n *yaml.Node) bool {
	return n.Kind == yaml.SequenceNode && len(n.Content) > 0 && n.Content[0].Kind == yaml.MappingNode
}

// width is how many characters a node takes on one line; a list of several
// objects takes none.
func width(n *yaml.Node) int {
	total := len(n.Value) + 2
	if ofObjects(n) && len(n.Content) > 1 {
		total += wide
	}
	for _, c := range n.Content {
		total += width(c) + 2
	}
	return total
}
