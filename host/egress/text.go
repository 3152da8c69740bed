package egress

import "strings"

// sniffed is how many bytes of a body of unknown kind are looked at.
const sniffed = 512

// textTypes are the texts outside text/*.
var textTypes = map[string]bool{
	"application/json": true, "application/x-json": true, "application/x-ndjson": true, "application/jsonl": true,
	"application/xml": true, "application/javascript": true, "application/x-javascript": true,
	"application/ecmascript": true, "application/x-www-form-urlencoded": true, "application/csv": true,
	"application/yaml": true, "application/x-yaml": true, "application/toml": true, "application/graphql": true,
	"application/sql": true, "application/jwt": true, "application/jose": true, "application/http": true,
}

// textType reports whether a Content-Type is that of a text.
func textType(kind string) bool {
	kind, _, _ = strings.Cut(kind, ";")
	kind = strings.ToLower(strings.TrimSpace(kind))
	return strings.HasPrefix(kind, "text/") || textTypes[kind] ||
		strings.HasSuffix(kind, "+json") || strings.HasSuffix(kind, "+xml") || strings.HasSuffix(kind, "+yaml")
}

// looksText reports whether bytes begin a text: none of them is a control
// character that texts do not have (WHATWG MIME Sniffing, "binary data byte").
func looksText(head []byte) bool {
	for _, ch := range head {
		if ch <= 0x08 || ch == 0x0b || ch >= 0x0e && ch <= 0x1a || ch >= 0x1c && ch <= 0x1f {
			return false
		}
	}
	return true
}
