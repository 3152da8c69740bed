package importer

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/connhost/connhost/host"
)

// Sizes of documents in bytes. The largest that services publish, Microsoft
// Graph's, has 47 MB as JSON. YAML takes many times its size in memory.
const (
	maxJSON = 64 << 20
	maxYAML = 32 << 20
)

// MaxDocument is the size in bytes of the largest document that is read.
const MaxDocument = maxJSON

// A document is one file as a tree of what JSON has: objects, lists, texts,
// numbers with their digits, booleans and null.
type document struct {
	name   string
	tree   any
	shapes map[string]shape // of schemas that were read, by where they stand
}

// readDocument reads JSON or YAML, by what it begins with.
func readDocument(name string, data []byte) (*document, error) {
	if len(data) > maxJSON {
		return nil, tooLarge(name, maxJSON)
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	start := bytes.TrimLeft(data, " \t\r\n")
	if len(start) == 0 {
		return nil, host.Errorf(host.Failed, "%s is empty", name)
	}
	d := &document{name: name, shapes: map[string]shape{}}
	var err error
	if start[0] == '{' || start[0] == '[' {
		d.tree, err = readJSON(name, data)
		if tree, yamlErr := readFlow(name, data, err); yamlErr == nil && err != nil {
			d.tree, err = tree, nil
		}
	} else {
		d.tree, err = readYAML(name, data)
	}
	if err != nil {
		return nil, err
	}
	if _, ok := d.tree.(map[string]any); !ok {
		return nil, host.Errorf(host.Failed, "%s holds no object, so it describes nothing", name)
	}
	return d, nil
}

func tooLarge(name string, most int) error {
	return host.Errorf(host.Refused, "%s has more than %d MB, which is more than any service publishes", name, most>>20).
		WithHint("cut the document down to what you need")
}

func readJSON(name string, data []byte) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var tree any
	err := dec.Decode(&tree)
	if err == nil {
		if _, after := dec.Token(); !errors.Is(after, io.EOF) {
			err = errors.New("something follows the object")
		}
	}
	if err == nil {
		return tree, nil
	}
	offset := dec.InputOffset()
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		offset = syntax.Offset
	}
	line := bytes.Count(data[:min(max(offset, 0), int64(len(data)))], []byte("\n")) + 1
	return nil, host.Errorf(host.Failed, "%s:%d: not JSON: %v", name, line, err).WithHint("export or download the document anew")
}

// maxFlow bounds the YAML that begins with a brace as JSON does.
const maxFlow = 1 << 20

// readFlow reads what JSON refused: YAML may begin with a brace too.
func readFlow(name string, data []byte, refused error) (any, error) {
	if refused == nil || len(data) > maxFlow {
		return nil, refused
	}
	return readYAML(name, data)
}

func (d *document) root() node { return node{doc: d, value: d.tree} }

// A node is one value of a document and where it stands, as a JSON pointer. One
// that is not there, or is of another kind than asked for, is empty: what a
// document says wrong counts as not said, except where a caller looks.
type node struct {
	doc   *document
	value any
	at    string
}

func (n node) given() bool { return n.value != nil }

func (n node) get(key string) node {
	m, _ := n.value.(map[string]any)
	return node{n.doc, m[key], n.at + "/" + escapedToken(key)}
}

// escapedToken is a name within a JSON pointer (RFC 6901, section 3).
func escapedToken(name string) string {
	if strings.ContainsAny(name, "~/") {
		name = strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
	}
	return name
}

// keys are those of an object, in the order of the alphabet.
func (n node) keys() []string {
	m, _ := n.value.(map[string]any)
	return slices.Sorted(maps.Keys(m))
}

func (n node) isObject() bool {
	_, ok := n.value.(map[string]any)
	return ok
}

func (n node) isList() bool {
	_, ok := n.value.([]any)
	return ok
}

// items are those of a list.
func (n node) items() []node {
	list, _ := n.value.([]any)
	items := make([]node, len(list))
	for i, v := range list {
		items[i] = node{n.doc, v, n.at + "/" + strconv.Itoa(i)}
	}
	return items
}

// text is a text, number or boolean as a text.
func (n node) text() string {
	switch v := n.value.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}

// flag is true also where it is written as a text.
func (n node) flag() bool { return strings.EqualFold(n.text(), "true") }

// number is a whole number, 0 where there is none.
func (n node) number() int {
	f, err := strconv.ParseFloat(n.text(), 64)
	if err != nil || f != float64(int(f)) {
		return 0
	}
	return int(f)
}

// texts are the texts of a list, or the one that stands in its place.
func (n node) texts() (list []string) {
	if !n.isList() {
		if text := n.text(); text != "" {
			return []string{text}
		}
	}
	for _, item := range n.items() {
		if text := item.text(); text != "" {
			list = append(list, text)
		}
	}
	return list
}

// place is where a node stands, for people.
func (n node) place() string {
	if n.at == "" {
		return "the document"
	}
	return "#" + clip(clean(n.at), 160)
}
