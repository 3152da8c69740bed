package importer

import (
	"fmt"
	"strconv"
	"strings"
)

// A fault is why a part of a document cannot be used, and where it stands.
type fault struct{ place, why string }

func (f fault) Error() string { return f.why + " at " + f.place }

func faultAt(n node, format string, args ...any) error {
	return fault{n.place(), fmt.Sprintf(format, args...)}
}

// maxHops is how many references may lead to one value.
const maxHops = 30

// follow gives what a node refers to by $ref, or the node itself. References
// lead to another place of the same document only: another file or a URL is
// never read.
func (n node) follow() (node, error) {
	at := n
	for range maxHops {
		ref, ok := at.get("$ref").value.(string)
		if !ok {
			return at, nil
		}
		next, err := at.pointed(ref)
		if err != nil {
			return node{}, err
		}
		at = next
	}
	return node{}, faultAt(n, "a reference that leads nowhere but to itself")
}

// pointed is what a reference means (RFC 6901, section 6).
func (n node) pointed(ref string) (node, error) {
	pointer, local := strings.CutPrefix(ref, "#")
	if !local {
		return node{}, faultAt(n, "a reference to another file, %q", clip(clean(ref), 80))
	}
	if pointer != "" && pointer[0] != '/' {
		return node{}, faultAt(n, "a reference to nothing, %q", clip(clean(ref), 80))
	}
	at := n.doc.root()
	for _, token := range strings.Split(pointer, "/")[1:] {
		if at = at.step(unescaped(token)); !at.given() {
			return node{}, faultAt(n, "a reference to nothing, %q", clip(clean(ref), 80))
		}
	}
	return at, nil
}

// step is a member of an object or an item of a list.
func (n node) step(token string) node {
	if items := n.items(); len(items) > 0 {
		i, err := strconv.Atoi(token)
		if err != nil || i < 0 || i >= len(items) {
			return node{}
		}
		return items[i]
	}
	return n.get(token)
}

func unescaped(token string) string {
	if strings.Contains(token, "%") {
		token = percentDecoded(token)
	}
	return strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")
}

// percentDecoded decodes what is well formed and leaves the rest.
func percentDecoded(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '%' && i+2 < len(text) {
			if c, err := strconv.ParseUint(text[i+1:i+3], 16, 8); err == nil {
				b.WriteByte(byte(c))
				i += 2
				continue
			}
		}
		b.WriteByte(text[i])
	}
	return b.String()
}
