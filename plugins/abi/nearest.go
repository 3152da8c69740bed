package abi

import (
	"fmt"
	"slices"
	"strings"
)

// nearest is the word of known that was probably meant by word, or "": the one
// with the fewest edits, if these are at most a third of it.
func nearest(word string, known []string) string {
	best, fewest := "", len(word)
	for _, k := range known {
		if strings.EqualFold(strings.ReplaceAll(k, "_", ""), strings.NewReplacer("_", "", "-", "").Replace(word)) {
			return k
		}
		d := edits(word, k)
		if d <= max(1, max(len(k), len(word))/3) && d < fewest {
			best, fewest = k, d
		}
	}
	return best
}

// edits counts the insertions, removals, replacements and swaps of neighbours
// that turn a into b.
func edits(a, b string) int {
	if len(a) > 64 || len(b) > 64 {
		return max(len(a), len(b))
	}
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			same := 1
			if a[i-1] == b[j-1] {
				same = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+same)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}

// registered are words of the registries of OAuth, and what a manifest calls them.
var registered = map[string]string{
	"client_secret_basic": "basic", "client_secret_post": "body",
	"tls_client_auth": "mtls", "self_signed_tls_client_auth": "mtls",
	"urn:ietf:params:oauth:grant-type:device_code":    "device_code",
	"urn:ietf:params:oauth:grant-type:jwt-bearer":     "jwt_bearer",
	"urn:ietf:params:oauth:grant-type:token-exchange": "token_exchange",
}

// meant is " (did you mean ...?)" or nothing.
func meant(word string, known []string) string {
	if k := registered[word]; slices.Contains(known, k) {
		return fmt.Sprintf(" (did you mean %q?)", k)
	}
	if k := nearest(word, known); k != "" {
		return fmt.Sprintf(" (did you mean %q?)", k)
	}
	return ""
}
