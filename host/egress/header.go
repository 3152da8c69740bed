package egress

import (
	"net/http"
	"strings"

	"github.com/connhost/connhost/host"
)

// Two kinds of header are the host's own. Those that only repeat what it works
// out itself are dropped, because every copied curl line has them; those that
// would change where a request goes, or how it is framed, are refused: sending
// the call without them would not be what the caller asked for.
var (
	dropped = map[string]bool{"Content-Length": true, "Accept-Encoding": true}
	refused = map[string]bool{
		"Connection": true, "Host": true, "Http2-Settings": true, "Keep-Alive": true, "Te": true,
		"Trailer": true, "Transfer-Encoding": true, "Upgrade": true,
	}
)

// checkHeader copies a caller's header with canonical names.
func checkHeader(in http.Header) (http.Header, error) {
	out := make(http.Header, len(in)+3)
	for name, values := range in {
		if !token(name) {
			return nil, host.Errorf(host.Refused, "%q is not a header name", name)
		}
		name = http.CanonicalHeaderKey(name)
		if dropped[name] {
			continue
		}
		if refused[name] || strings.HasPrefix(name, "Proxy-") {
			return nil, host.Errorf(host.Refused, "the header %s cannot be set: the host decides it", name)
		}
		for _, v := range values {
			if err := checkValue(name, v); err != nil {
				return nil, err
			}
		}
		out[name] = append(out[name], values...)
	}
	return out, nil
}

// checkSigned looks again after the credential was put on: a connector's own
// code may have had a part in it.
func checkSigned(h http.Header) error {
	for name, values := range h {
		canonical := http.CanonicalHeaderKey(name)
		switch {
		case !token(name):
			return host.Errorf(host.Refused, "the credential's header %q is not a header name", name)
		case refused[canonical] || canonical == "Content-Length" || strings.HasPrefix(canonical, "Proxy-"):
			return host.Errorf(host.Refused, "the header %s cannot be signed with: the host decides it", canonical)
		}
		for _, v := range values {
			if err := checkValue(name, v); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkValue refuses control characters (RFC 9110 section 5.5). It does not
// quote the value, which may be secret.
func checkValue(name, v string) error {
	for i := range len(v) {
		if v[i] < ' ' && v[i] != '\t' || v[i] == 0x7f {
			return host.Errorf(host.Refused, "the header %s holds a line break or another control character", name)
		}
	}
	return nil
}

// tokenByte holds the characters of a token (RFC 9110 section 5.6.2).
var tokenByte = func() (in [256]bool) {
	for ch := '!'; ch <= '~'; ch++ {
		in[ch] = !strings.ContainsRune(`"(),/:;<=>?@[\]{}`, ch)
	}
	return in
}()

func token(s string) bool {
	for i := range len(s) {
		if !tokenByte[s[i]] {
			return false
		}
	}
	return s != ""
}

// withoutBody drops the headers that described a body which is no longer sent
// (RFC 9110 section 15.4).
func withoutBody(h http.Header) http.Header {
	h = h.Clone()
	for name := range h {
		if strings.HasPrefix(name, "Content-") || name == "Digest" || name == "Last-Modified" {
			delete(h, name)
		}
	}
	return h
}
