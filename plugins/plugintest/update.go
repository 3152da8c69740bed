package plugintest

import (
	"bytes"
	"encoding/json"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/connhost/connhost/host"
)

// Updated is the file of a result's case with what the hook gave in the place of
// what the case wanted. The rest of the file stays as its author wrote it.
func (r Result) Updated() ([]byte, error) {
	key, value := "output", r.Output
	if r.Error != nil {
		key, value = "error", asJSON(*r.Error)
	}
	v, err := decode(value)
	if err != nil {
		return nil, err
	}
	written, err := yaml.Marshal(map[string]any{key: plainNumbers(v)})
	if err != nil {
		return nil, err
	}
	lines := strings.SplitAfter(strings.TrimSuffix(string(r.Case.text), "\n")+"\n", "\n")
	lines = lines[:len(lines)-1]
	from, to := r.Case.answered(lines)
	text := []byte(strings.Join(lines[:from], "") + string(written) + strings.Join(lines[to:], ""))
	again, err := ReadCase(r.Case.File, text)
	if err != nil || again.Hook != r.Case.Hook || !bytes.Equal(again.Input, r.Case.Input) {
		return nil, host.Errorf(host.Failed, "%s cannot be updated as it is written", r.Case.File).WithHint("begin each key of the case on a line of its own, at the left edge")
	}
	return text, nil
}

// answered are the lines of the key output or error: from its own line up to the
// next key, or comment, at the left edge. Without either they are the end.
func (c Case) answered(lines []string) (from, to int) {
	line := max(c.doc.Line("output"), c.doc.Line("error"))
	if line == 0 {
		return len(lines), len(lines)
	}
	to = line
	for to < len(lines) && (strings.TrimSpace(lines[to]) == "" || strings.HasPrefix(lines[to], " ") || strings.HasPrefix(lines[to], "-") || strings.HasPrefix(lines[to], "}") || strings.HasPrefix(lines[to], "]")) {
		to++
	}
	for to > line && strings.TrimSpace(lines[to-1]) == "" {
		to--
	}
	return line - 1, to
}

// plainNumbers turns the numbers of a decoded document into those that YAML
// writes without quotes.
func plainNumbers(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key, item := range v {
			v[key] = plainNumbers(item)
		}
	case []any:
		for i, item := range v {
			v[i] = plainNumbers(item)
		}
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n
		}
		f, _ := v.Float64()
		return f
	}
	return v
}
