package host

import (
	"net/url"
	"strings"
)

// SetQuery replaces a query parameter and leaves the others as they were
// written, in their order: a service may have signed or ordered them. A space
// becomes %20, which every server reads.
func SetQuery(u *url.URL, name, text string) {
	var pairs []string
	for pair := range strings.SplitSeq(u.RawQuery, "&") {
		key, _, _ := strings.Cut(pair, "=")
		if plain, err := url.QueryUnescape(key); pair != "" && (err != nil || plain != name) {
			pairs = append(pairs, pair)
		}
	}
	u.RawQuery = strings.Join(append(pairs, queryEscape(name)+"="+queryEscape(text)), "&")
}

func queryEscape(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }
