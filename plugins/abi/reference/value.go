package reference

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"

	"github.com/connhost/connhost/plugins/abi"
)

func textSchema(k abi.Key) ordered {
	out := ordered{{"type", "string"}}
	if k.Words != nil {
		out = append(out, member{"enum", k.Words})
	}
	if k.Pattern != "" {
		out = append(out, member{"pattern", anchored(k.Pattern)})
	}
	return bound(bound(out, "minLength", k.MinLength), "maxLength", k.MaxLength)
}

func numberSchema(k abi.Key) ordered {
	if k.Min == k.Max && k.Max != 0 {
		return ordered{{"const", k.Min}}
	}
	return bound(ordered{{"type", "integer"}, {"minimum", k.Min}}, "maximum", k.Max)
}

func anchored(pattern string) string { return "^(?:" + pattern + ")$" }

func bound(s ordered, key string, n int) ordered {
	if n == 0 {
		return s
	}
	return append(s, member{key, n})
}

// withValues adds the default and the example of what is no object.
func withValues(s ordered, f field) ordered {
	if f.Default != "" {
		s = append(s, member{"default", value(f, f.Default)})
	}
	if f.kind == text || f.kind == number || f.kind == boolean {
		s = append(s, member{"examples", []any{value(f, f.Example)}})
	}
	return s
}

// value reads a default or an example as it is written in a manifest.
func value(f field, written string) any {
	switch f.kind {
	case number, boolean:
		return json.RawMessage(written)
	}
	if plain, err := strconv.Unquote(written); err == nil {
		return plain
	}
	return written
}

// sentence describes a key for an editor.
func sentence(f field) string {
	s := strings.ToUpper(f.meaning[:1]) + f.meaning[1:] + "."
	if f.For != nil {
		s += " For " + strings.Join(f.For, ", ") + "."
	}
	if f.Otherwise != "" {
		s += " Default: " + plainText(f.Otherwise) + "."
	}
	return s
}

var link = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)

// plainText is Markdown without its marks.
func plainText(s string) string { return strings.ReplaceAll(link.ReplaceAllString(s, "$1"), "`", "") }
