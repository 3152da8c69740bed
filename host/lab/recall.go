package lab

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// recall puts what a shape says into the query of a callback, unless that tells of
// an error. {hmac} stands for the signature of all else that is there.
func (l *Lab) recall(location string, shape any) string {
	u, err := url.Parse(location)
	parameters, ok := shape.(map[string]any)
	q := url.Values{}
	if err == nil {
		q = u.Query()
	}
	if err != nil || !ok || q.Has("error") {
		return location
	}
	told := l.told(nil, "authorize")
	put := func(signature bool) {
		for name, shape := range parameters {
			text, _ := shape.(string)
			if strings.Contains(text, "{hmac}") == signature {
				q.Set(name, fmt.Sprint(filled(text, told)))
			}
		}
	}
	put(false)
	told["hmac"] = signed(q, l.Credential().ClientSecret)
	put(true)
	u.RawQuery = q.Encode()
	return u.String()
}

// signed is how services sign a callback that do: the HMAC-SHA256, in lower-case
// hex, of its parameters in the order of their names, as they are before a URL
// escapes them.
func signed(q url.Values, secret string) string {
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(q)) {
		pairs = append(pairs, name+"="+q.Get(name))
	}
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(strings.Join(pairs, "&")))
	return hex.EncodeToString(mac.Sum(nil))
}
