package abi

import (
	"strconv"
	"strings"
)

var unescapePointer = strings.NewReplacer("~1", "/", "~0", "~")

// At is the value that a JSON pointer names in a decoded document (RFC 6901),
// and whether there is one. The empty pointer names the whole.
func At(doc any, pointer string) (any, bool) {
	if pointer == "" {
		return doc, true
	}
	if pointer[0] != '/' {
		return nil, false
	}
	for name := range strings.SplitSeq(pointer[1:], "/") {
		name = unescapePointer.Replace(name)
		switch node := doc.(type) {
		case map[string]any:
			child, ok := node[name]
			if !ok {
				return nil, false
			}
			doc = child
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i < 0 || i >= len(node) || strconv.Itoa(i) != name {
				return nil, false
			}
			doc = node[i]
		default:
			return nil, false
		}
	}
	return doc, true
}
