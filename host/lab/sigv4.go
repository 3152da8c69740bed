package lab

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"
)

// maxClock is how far the time of a signature may be from the service's own.
const maxClock = 5 * time.Minute

// sigv4 makes the signature of a request again, as AWS describes Signature
// Version 4, and holds it against that which came. It shares nothing with what
// signs.
func (s *service) sigv4(v *visit) string {
	p := parameters(v.r.Header.Get("Authorization"), "AWS4-HMAC-SHA256")
	scope := strings.Split(p["credential"], "/")
	if len(scope) != 5 {
		return "no signature of AWS"
	}
	stamp := v.r.Header.Get("X-Amz-Date")
	at, err := time.Parse("20060102T150405Z", stamp)
	sum := sha256.Sum256(v.body)
	hash := hex.EncodeToString(sum[:])
	names := strings.Split(p["signedheaders"], ";")
	switch {
	case scope[0] != s.fill("{access_key_id}"):
		return "unknown access key"
	case scope[2] != s.fill(s.m.Auth.RegionTemplate()) || scope[3] != s.signedFor(v) || scope[4] != "aws4_request":
		return "signed for another region or service"
	case err != nil || !strings.HasPrefix(stamp, scope[1]) || s.at(v.r).Sub(at).Abs() > maxClock:
		return "signed at another time"
	case !slices.Contains(names, "host") || !slices.Contains(names, "x-amz-date"):
		return "host or date are not signed"
	case v.r.Header.Get("X-Amz-Security-Token") != s.fill("{session_token|}"):
		return "another session token"
	}
	if given := v.r.Header.Get("X-Amz-Content-Sha256"); given != "" && given != hash {
		return "the body is another than was signed"
	}
	canonical := strings.Join([]string{
		v.r.Method, s.canonicalPath(v), canonicalQuery(v.r.URL.RawQuery), canonicalHeaders(v.r, names), strings.Join(names, ";"), hash,
	}, "\n")
	text := strings.Join([]string{"AWS4-HMAC-SHA256", stamp, strings.Join(scope[1:], "/"), hexHash(canonical)}, "\n")
	key := []byte("AWS4" + s.fill("{secret_access_key}"))
	for _, part := range scope[1:] {
		key = mac(key, part)
	}
	if !same(hex.EncodeToString(mac(key, text)), p["signature"]) {
		return "the signature is wrong"
	}
	return ""
}

func mac(key []byte, text string) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(text))
	return m.Sum(nil)
}

// signedFor is the service of AWS that a request has to be signed for: one at its
// host, or that of all others.
func (s *service) signedFor(v *visit) string {
	for host, name := range s.m.Auth.Services {
		if strings.HasSuffix(v.origin, "://"+s.fill(host)) {
			return name
		}
	}
	return s.fill(s.m.Auth.ServiceTemplate())
}

// canonicalPath is the path as it is signed: for S3 as it was sent, for every
// other service without empty and dot segments and escaped once more.
func (s *service) canonicalPath(v *visit) string {
	escaped := v.full
	if escaped == "" {
		escaped = "/"
	}
	if s.signedFor(v) == "s3" {
		return escaped
	}
	clean := path.Clean(escaped)
	if strings.HasSuffix(escaped, "/") && clean != "/" {
		clean += "/"
	}
	segments := strings.Split(clean, "/")
	for i, segment := range segments {
		segments[i] = percent(segment)
	}
	return strings.Join(segments, "/")
}

func canonicalQuery(raw string) string {
	var pairs []string
	for name, texts := range queryOf(raw) {
		for _, text := range texts {
			pairs = append(pairs, percent(name)+"="+percent(text))
		}
	}
	slices.Sort(pairs)
	return strings.Join(pairs, "&")
}

func queryOf(raw string) url.Values {
	q, _ := url.ParseQuery(raw)
	return q
}

func canonicalHeaders(r *http.Request, names []string) string {
	var b strings.Builder
	for _, name := range names {
		value := strings.Join(r.Header.Values(name), ",")
		if name == "host" {
			value = r.Host
		}
		b.WriteString(name + ":" + strings.Join(strings.Fields(value), " ") + "\n")
	}
	return b.String()
}

// percent escapes all but the unreserved characters of RFC 3986 section 2.3, as
// AWS and RFC 5849 section 3.6 want it.
func percent(text string) string {
	return strings.NewReplacer("+", "%20", "%7E", "~", "*", "%2A").Replace(url.QueryEscape(text))
}
