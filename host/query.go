package host

import (
	"net/url"
	"strings"
)

// SetQuery replaces a query parameter and leaves the others as they were
// written, in their order: a service may have signed or ordered them.
func SetQuery(u *url.URL, name, text string) { u.RawQuery = WithParameter(u.RawQuery, name, text) }

// WithParameter is SetQuery for a query or form by itself. A space becomes %20,
// which every server reads.
func WithParameter(raw, name, text string) string {
	var pairs []string
	for pair := range strings.SplitSeq(raw, "&") {
		key, _, _ := strings.Cut(pair, "=")
		if plain, err := url.QueryUnescape(key); pair != "" && (err != nil || plain != name) {
			pairs = append(pairs, pair)
		}
	}
	return strings.Join(append(pairs, queryEscape(name)+"="+queryEscape(text)), "&")
}

func queryEscape(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }
