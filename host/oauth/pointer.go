package oauth

import (
	"strconv"
	"strings"
)

var (
	escapePointer   = strings.NewReplacer("~", "~0", "/", "~1")
	unescapePointer = strings.NewReplacer("~1", "/", "~0", "~")
)

// pointerTo is the JSON pointer of a path (RFC 6901).
func pointerTo(path []string) string {
	var b strings.Builder
	for _, name := range path {
		b.WriteByte('/')
		_, _ = escapePointer.WriteString(&b, name)
	}
	return b.String()
}

// at is the value that a pointer names in the answer; false where there is
// none.
func (a *answer) at(pointer string) (any, bool) {
	if pointer == "" {
		return a.tree, true
	}
	if pointer[0] != '/' {
		return nil, false
	}
	v := a.tree
	for name := range strings.SplitSeq(pointer[1:], "/") {
		name = unescapePointer.Replace(name)
		switch node := v.(type) {
		case map[string]any:
			child, ok := node[name]
			if !ok {
				return nil, false
			}
			v = child
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i < 0 || i >= len(node) || strconv.Itoa(i) != name {
				return nil, false
			}
			v = node[i]
		default:
			return nil, false
		}
	}
	return v, true
}

// doubtful says whether a pointer leads into a member that came twice.
func (a *answer) doubtful(pointer string) bool {
	for _, p := range a.twice {
		if pointer == p || strings.HasPrefix(pointer, p+"/") {
			return true
		}
	}
	return false
}
