package oauth

import (
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"hash"
	"io"
	"maps"
	"mime"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// keys1 are the credentials of RFC 5849 section 3: the client's, and the
// token's where there is one. With RSA-SHA1 the client's secret is its private
// key as PEM.
type keys1 struct {
	client, clientSecret, token, tokenSecret string
}

// A signer1 makes the header of RFC 5849 section 3.5.1. Nonce and clock are
// fields, so that published signatures can be made again.
type signer1 struct {
	method, realm string
	now           func() time.Time
	nonce         func() string
}

func newSigner1(a abi.Auth, v host.Values, now func() time.Time) (signer1, error) {
	realm, err := v.Text(a.Realm)
	return signer1{method: a.SignatureMethodOr(), realm: realm, now: now, nonce: rand.Text}, err
}

// header signs a request with its query, its form and the parameters in extra.
func (s signer1) header(req *http.Request, k keys1, extra map[string]string) (string, error) {
	own := maps.Clone(extra)
	if own == nil {
		own = map[string]string{}
	}
	own["oauth_consumer_key"] = k.client
	own["oauth_signature_method"] = s.method
	own["oauth_timestamp"] = strconv.FormatInt(s.now().Unix(), 10)
	own["oauth_nonce"] = s.nonce()
	own["oauth_version"] = "1.0"
	if k.token != "" {
		own["oauth_token"] = k.token
	}
	base, err := baseString(req, own)
	if err != nil {
		return "", err
	}
	if own["oauth_signature"], err = s.sign(base, k); err != nil {
		return "", err
	}
	var parts []string
	if s.realm != "" {
		parts = append(parts, `realm="`+strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s.realm)+`"`)
	}
	for _, name := range slices.Sorted(maps.Keys(own)) {
		parts = append(parts, percent(name)+`="`+percent(own[name])+`"`)
	}
	return "OAuth " + strings.Join(parts, ", "), nil
}

// sign is RFC 5849 section 3.4.
func (s signer1) sign(base string, k keys1) (string, error) {
	key := percent(k.clientSecret) + "&" + percent(k.tokenSecret)
	mac := func(h func() hash.Hash) string {
		m := hmac.New(h, []byte(key))
		m.Write([]byte(base))
		return base64.StdEncoding.EncodeToString(m.Sum(nil))
	}
	switch s.method {
	case abi.PlainText:
		return key, nil
	case abi.HMACSHA1:
		return mac(sha1.New), nil
	case abi.HMACSHA256:
		return mac(sha256.New), nil
	}
	parsed, err := host.ParsePrivateKey([]byte(strings.ReplaceAll(k.clientSecret, `\n`, "\n")))
	if err != nil {
		return "", err
	}
	private, ok := parsed.(*rsa.PrivateKey)
	if !ok {
		return "", host.Errorf(host.Failed, "RSA-SHA1 needs an RSA key, and the client secret holds another kind")
	}
	sum := sha1.Sum([]byte(base))
	signed, err := rsa.SignPKCS1v15(nil, private, crypto.SHA1, sum[:])
	return base64.StdEncoding.EncodeToString(signed), err
}

// baseString is RFC 5849 section 3.4.1: every parameter, those that stand twice
// among them, encoded and sorted.
func baseString(req *http.Request, own map[string]string) (string, error) {
	var pairs []string
	add := func(name, value string) { pairs = append(pairs, percent(name)+"="+percent(value)) }
	for name, value := range own {
		add(name, value)
	}
	form, err := formOf(req)
	if err != nil {
		return "", err
	}
	for _, raw := range []string{req.URL.RawQuery, form} {
		for pair := range strings.SplitSeq(raw, "&") {
			if pair == "" {
				continue
			}
			name, value, _ := strings.Cut(pair, "=")
			add(decoded(name), decoded(value))
		}
	}
	// Sorted by name, then by value: "=" is below every byte of an encoded
	// name but "%", "-" and "."; so the two parts are compared apart.
	slices.SortFunc(pairs, func(a, b string) int {
		x, v, _ := strings.Cut(a, "=")
		y, w, _ := strings.Cut(b, "=")
		if c := strings.Compare(x, y); c != 0 {
			return c
		}
		return strings.Compare(v, w)
	})
	return percent(req.Method) + "&" + percent(baseURI(req.URL)) + "&" + percent(strings.Join(pairs, "&")), nil
}

// baseURI is RFC 5849 section 3.4.1.2.
func baseURI(u *url.URL) string {
	scheme, name, port := strings.ToLower(u.Scheme), strings.ToLower(u.Hostname()), u.Port()
	if port != "" && port != map[string]string{"http": "80", "https": "443"}[scheme] {
		name = net.JoinHostPort(name, port)
	} else if strings.Contains(name, ":") {
		name = "[" + name + "]"
	}
	path := u.EscapedPath()
	if path == "" {
		path = "/"
	}
	return scheme + "://" + name + path
}

// maxForm is the size in bytes up to which a form is read to be signed.
const maxForm = 10 << 20

// formOf is the request's body where it is a form (RFC 5849 section 3.4.1.3.1),
// whatever the charset that is said of it.
func formOf(req *http.Request) (string, error) {
	kind, _, _ := mime.ParseMediaType(req.Header.Get("Content-Type"))
	if req.GetBody == nil || kind != "application/x-www-form-urlencoded" {
		return "", nil
	}
	in, err := req.GetBody()
	if err != nil {
		return "", err
	}
	defer in.Close()
	form, err := io.ReadAll(io.LimitReader(in, maxForm+1))
	if err == nil && len(form) > maxForm {
		err = host.Errorf(host.Refused, "a form of more than 10 MB cannot be signed")
	}
	return string(form), err
}

// decoded reads a part of a query or form; what is not encoded right stands for
// itself, as services read it.
func decoded(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		return plain
	}
	return s
}

// percent is the encoding of RFC 5849 section 3.6: all but the unreserved
// characters, with upper-case digits.
func percent(s string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~", c) >= 0 {
			b.WriteByte(c)
		} else {
			b.WriteString(string([]byte{'%', hex[c>>4], hex[c&15]}))
		}
	}
	return b.String()
}
