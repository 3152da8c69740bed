package plugintest

import (
	"bytes"
	"encoding/json"

	"go.yaml.in/yaml/v4"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// Updated is the flow's file with what came of its steps in the place of what
// they wanted. What a step did not look at, it does not look at from now on.
func (r FlowResult) Updated() ([]byte, error) {
	cannot := host.Errorf(host.Failed, "%s cannot be updated as it is written", r.Flow.File)
	var doc yaml.Node
	if err := yaml.Unmarshal(r.Flow.text, &doc); err != nil || len(doc.Content) != 1 {
		return nil, cannot.Because(err)
	}
	steps := member(doc.Content[0], "flow")
	if steps == nil || len(steps.Content) < len(r.Steps) {
		return nil, cannot
	}
	for i, h := range r.Steps {
		r.Flow.Steps[i].rewrite(steps.Content[i], h)
	}
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(&doc); err != nil {
		return nil, cannot.Because(err)
	}
	_, err := ReadFlow(r.Flow.File, b.Bytes())
	return b.Bytes(), err
}

// member is the value of a key of a mapping; nil where it is not there.
func member(n *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

// rewrite changes what a step wants into what came of it.
func (s Step) rewrite(n *yaml.Node, h Happened) {
	if s.judge(h) == "" {
		return
	}
	if n.Kind == yaml.ScalarNode {
		*n = yaml.Node{Kind: yaml.MappingNode, Style: yaml.FlowStyle, Content: []*yaml.Node{scalar("do"), scalar(s.Do)}}
	}
	if s.Error != h.Error {
		put(n, "error", h.Error, h.Error != "")
	}
	if s.Status != 0 || h.Status >= 400 {
		put(n, "status", h.Status, h.Status != 0)
	}
	if s.Connection != "" {
		put(n, "connection", h.Connection, true)
	}
	if s.Saw != nil {
		names := []string{}
		for _, e := range h.Saw {
			names = append(names, e.Endpoint)
		}
		put(n, "saw", names, true)
	}
	if s.Answer != nil {
		put(n, "answer", s.answered(h), h.Answer != nil)
	}
}

// answered are the values at the pointers that a step looks at.
func (s Step) answered(h Happened) map[string]any {
	doc, _ := decode(h.Answer)
	out := map[string]any{}
	for pointer := range s.Answer {
		v, _ := abi.At(doc, pointer)
		out[pointer] = plainNumbers(v)
	}
	return out
}

func scalar(text string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Value: text} }

// put sets a key of a mapping, or takes it out.
func put(n *yaml.Node, key string, value any, keep bool) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			n.Content = append(n.Content[:i:i], n.Content[i+2:]...)
			break
		}
	}
	if !keep {
		return
	}
	text, err := json.Marshal(value)
	var doc yaml.Node
	if err == nil {
		err = yaml.Unmarshal(text, &doc) // which reads JSON
	}
	if err == nil && len(doc.Content) == 1 {
		n.Content = append(n.Content, scalar(key), plainStyle(doc.Content[0]))
	}
}

// plainStyle takes the quotes off that only JSON needs.
func plainStyle(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.ScalarNode && n.Style == yaml.DoubleQuotedStyle {
		n.Style = 0
		n.Tag = "!!str"
	}
	for _, c := range n.Content {
		plainStyle(c)
	}
	return n
}
