package oauth

import (
	"strings"

	"github.com/connhost/connhost/plugins/abi"
)

var escapePointer = strings.NewReplacer("~", "~0", "/", "~1")

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
func (a *answer) at(pointer string) (any, bool) { return abi.At(a.tree, pointer) }

// doubtful says whether a pointer leads into a member that came twice.
func (a *answer) doubtful(pointer string) bool {
	for _, p := range a.twice {
		if pointer == p || strings.HasPrefix(pointer, p+"/") {
			return true
		}
	}
	return false
}
