package lab

import (
	"cmp"
	"crypto"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"hash"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// A token1 is a token of OAuth 1.0a with its secret (RFC 5849 section 2).
type token1 struct {
	secret   string
	callback string // of a temporary one
	verifier string // once a person has consented
	grant    *grant
}

// oauth1 are the three steps of a person's consent; none where the client signs
// for itself alone.
func (s *service) oauth1() []*endpoint {
	a := s.m.Auth
	if a.Authorize == nil {
		return nil
	}
	return []*endpoint{
		s.endpoint("request", method1(a.Request), s.url(a.Request, ""), s.temporary),
		s.endpoint("authorize", abi.Request{Method: http.MethodGet, Query: with(a.Authorize.Query, "oauth_token", "{oauth_token}")}, s.url(a.Authorize, ""), s.authorize1),
		s.endpoint("token", method1(a.Token), s.url(a.Token, ""), s.lasting),
	}
}

func method1(given *abi.Request) abi.Request {
	r := *given
	r.Method = cmp.Or(r.Method, http.MethodPost)
	return r
}

func with(texts map[string]string, name, text string) map[string]string {
	out := map[string]string{name: text}
	maps.Copy(out, texts)
	return out
}

// temporary gives a token for a person to authorize (section 2.1).
func (s *service) temporary(v *visit) {
	p, _, why := s.signature1(v)
	back, err := url.Parse(p["oauth_callback"])
	if why == "" && (err != nil || !s.ownRedirect(strings.TrimSuffix(p["oauth_callback"], "?"+back.RawQuery))) {
		why = "unknown callback"
	}
	if why != "" {
		s.challenge(v, why)
		return
	}
	s.mu.Lock()
	text, secret := s.secret("temporary"), s.secret("secret")
	s.tokens1[text] = &token1{secret: secret, callback: p["oauth_callback"]}
	s.mu.Unlock()
	s.form1(v, url.Values{"oauth_token": {text}, "oauth_token_secret": {secret}, "oauth_callback_confirmed": {"true"}})
}

// authorize1 sends the browser back with a verifier (section 2.2).
func (s *service) authorize1(v *visit) {
	s.mu.Lock()
	t := s.tokens1[v.bound["oauth_token"]]
	if t == nil || t.callback == "" || t.verifier != "" {
		s.mu.Unlock()
		fail(v.w, v.r, http.StatusBadRequest, "unknown_token")
		return
	}
	t.verifier, t.grant = s.secret("verifier"), s.begin(s.account, nil)
	callback, verifier := t.callback, t.verifier
	entry(v.r).Grant = t.grant.id
	s.mu.Unlock()
	sendBack(v.w, v.r, url.Values{"redirect_uri": {callback}}, url.Values{"oauth_token": {v.bound["oauth_token"]}, "oauth_verifier": {verifier}})
}

// lasting swaps a temporary token for a lasting one, once (section 2.3).
func (s *service) lasting(v *visit) {
	p, t, why := s.signature1(v)
	s.mu.Lock()
	if why == "" && (t == nil || t.verifier == "" || !same(p["oauth_verifier"], t.verifier)) {
		why = "wrong token or verifier"
	}
	if why != "" {
		s.mu.Unlock()
		s.challenge(v, why)
		return
	}
	delete(s.tokens1, p["oauth_token"])
	text, secret := s.secret("access"), s.secret("secret")
	s.tokens1[text] = &token1{secret: secret, grant: t.grant}
	entry(v.r).Grant = t.grant.id
	s.mu.Unlock()
	outcome(v.r, "exchanged")
	answer := url.Values{"oauth_token": {text}, "oauth_token_secret": {secret}}
	for name, pointer := range s.m.Capture {
		answer.Set(strings.TrimPrefix(pointer, "/"), s.values[name])
	}
	s.form1(v, answer)
}

func (s *service) form1(v *visit, answer url.Values) {
	v.w.Header().Set("Content-Type", "application/x-www-form-urlencoded")
	_, _ = v.w.Write([]byte(answer.Encode()))
}

// signed1 judges a call: signed with a lasting token, or by the client alone.
func (s *service) signed1(v *visit) (*grant, string) {
	_, t, why := s.signature1(v)
	switch {
	case why != "":
		return nil, why
	case s.m.Auth.Authorize == nil:
		return nil, ""
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if t == nil || t.callback != "" || t.grant == nil || t.grant.ended {
		return nil, "the token is unknown or has ended"
	}
	return t.grant, ""
}

// signature1 makes the signature of a request again (section 3.4) and gives what
// the header says and the token that it names.
func (s *service) signature1(v *visit) (map[string]string, *token1, string) {
	p := parameters(v.r.Header.Get("Authorization"), "OAuth")
	for name, text := range p {
		p[name], _ = url.PathUnescape(text)
	}
	seconds, err := strconv.ParseInt(p["oauth_timestamp"], 10, 64)
	s.mu.Lock()
	t := s.tokens1[p["oauth_token"]]
	s.mu.Unlock()
	tokenSecret := ""
	if t != nil {
		tokenSecret = t.secret
	}
	pasted := s.m.Auth.Authorize == nil && p["oauth_token"] == s.values[abi.PastedToken]
	if pasted {
		tokenSecret = s.values[abi.PastedSecret]
	}
	switch {
	case p == nil || p["oauth_consumer_key"] != s.credential.ClientID:
		return p, nil, "no signature of the client"
	case s.m.Auth.Authorize == nil && !pasted || s.m.Auth.Authorize != nil && p["oauth_token"] != "" && t == nil:
		return p, nil, "the token is unknown or has ended"
	case p["oauth_signature_method"] != s.m.Auth.SignatureMethodOr() || p["realm"] != s.fill(s.m.Auth.Realm):
		return p, nil, "another signature method or realm than the manifest says"
	case err != nil || s.at(v.r).Sub(time.Unix(seconds, 0)).Abs() > maxClock:
		return p, nil, "signed at another time"
	case !s.verify1(s.base1(v, p), p["oauth_signature"], tokenSecret):
		return p, nil, "the signature is wrong"
	case !s.fresh("nonce " + p["oauth_timestamp"] + " " + p["oauth_nonce"]):
		return p, nil, "the nonce was used before"
	}
	return p, t, ""
}

// base1 is the text that is signed (section 3.4.1).
func (s *service) base1(v *visit, header map[string]string) string {
	type pair struct{ name, text string }
	var pairs []pair
	for name, text := range header {
		if name != "realm" && name != "oauth_signature" {
			pairs = append(pairs, pair{percent(name), percent(text)})
		}
	}
	for _, values := range []url.Values{v.query, v.form} {
		for name, texts := range values {
			for _, text := range texts {
				pairs = append(pairs, pair{percent(name), percent(text)})
			}
		}
	}
	slices.SortFunc(pairs, func(a, b pair) int {
		return cmp.Or(strings.Compare(a.name, b.name), strings.Compare(a.text, b.text))
	})
	var list []string
	for _, p := range pairs {
		list = append(list, p.name+"="+p.text)
	}
	return v.r.Method + "&" + percent(v.origin+cmp.Or(v.full, "/")) + "&" + percent(strings.Join(list, "&"))
}

func (s *service) verify1(base, signature, tokenSecret string) bool {
	key := percent(s.credential.ClientSecret) + "&" + percent(tokenSecret)
	with := func(h func() hash.Hash) bool {
		m := hmac.New(h, []byte(key))
		m.Write([]byte(base))
		return same(base64.StdEncoding.EncodeToString(m.Sum(nil)), signature)
	}
	switch s.m.Auth.SignatureMethodOr() {
	case abi.PlainText:
		return same(key, signature)
	case abi.HMACSHA1:
		return with(sha1.New)
	case abi.HMACSHA256:
		return with(sha256.New)
	}
	raw, err := base64.StdEncoding.DecodeString(signature)
	parsed, keyErr := host.ParsePrivateKey([]byte(s.credential.ClientSecret))
	private, ok := parsed.(*rsa.PrivateKey)
	if err != nil || keyErr != nil || !ok {
		return false
	}
	sum := sha1.Sum([]byte(base))
	return rsa.VerifyPKCS1v15(&private.PublicKey, crypto.SHA1, sum[:], raw) == nil
}
