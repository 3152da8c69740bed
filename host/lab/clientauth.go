package lab

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/connhost/connhost/host/jwt"
	"github.com/connhost/connhost/plugins/abi"
)

// client authenticates the client of a token request as the manifest says, and
// in no other way. It has answered where it says no.
func (s *service) client(v *visit) bool {
	why := s.clientRefusal(v)
	if why == "" {
		return true
	}
	outcome(v.r, why)
	if s.m.ClientAuth() == abi.ClientAuthBasic {
		v.w.Header().Set("WWW-Authenticate", `Basic realm="lab"`)
	}
	s.refused(v, http.StatusUnauthorized, "invalid_client")
	return false
}

func (s *service) clientRefusal(v *visit) string {
	c, r := s.credential, v.endpoint.request
	if id, ok := v.bound["client_id"]; ok && id != c.ClientID {
		return "unknown client"
	}
	if secret, ok := v.bound["client_secret"]; ok && !same(secret, c.ClientSecret) || !ok && mentions(r, "client_secret") {
		return "wrong client secret"
	}
	switch kind := s.m.ClientAuth(); {
	case c.ClientSecret == "" || hasHeader(r, "Authorization"):
		return ""
	case kind == abi.ClientAuthBasic:
		user, password, _ := v.r.BasicAuth()
		// Section 2.3.1 of RFC 6749: both were form-encoded first.
		id, _ := url.QueryUnescape(user)
		secret, _ := url.QueryUnescape(password)
		if id != c.ClientID || !same(secret, c.ClientSecret) {
			return "the client does not authenticate by Basic"
		}
	case kind == abi.ClientAuthPrivateKey || kind == abi.ClientAuthSecretKey:
		return s.clientAssertion(v)
	case kind == abi.ClientAuthMTLS && !s.certified(v.r):
		return "the client does not show its certificate"
	}
	return ""
}

func hasHeader(r abi.Request, name string) bool {
	return slices.ContainsFunc(slices.Collect(maps.Keys(r.Headers)), func(have string) bool { return strings.EqualFold(have, name) })
}

// clientAssertion is RFC 7523 section 3: signed by the client, about the client,
// for this server, once.
func (s *service) clientAssertion(v *visit) string {
	rules := s.m.Auth.ClientToken()
	token, err := jwt.Verify(rules.Algorithm, s.credential.ClientSecret, v.bound["client_assertion"], s.at(v.r))
	if err != nil {
		return "the client's assertion is not taken: " + err.Error()
	}
	claims := map[string]string{"iss": s.credential.ClientID, "sub": s.credential.ClientID, "aud": s.audience(v)}
	maps.Copy(claims, rules.Claims)
	if why := s.says(token, rules.Header, claims); why != "" {
		return "the client's assertion is not taken: " + why
	}
	if id, _ := token.Claims["jti"].(string); id == "" || !s.fresh("client "+id) {
		return "the client's assertion was used before"
	}
	return ""
}

// audience is what a client's assertion names: the issuer, or the token endpoint.
func (s *service) audience(v *visit) string {
	if s.m.Auth.Issuer != "" {
		return s.fill(s.m.Auth.Issuer)
	}
	origin, tail := s.locate(s.url(s.m.Auth.Token, ""))
	path, _, _ := strings.Cut(tail, "?")
	return origin + s.fill(path)
}

// says holds what a token says against templates; the reason names the part.
func (s *service) says(token jwt.Verified, header, claims map[string]string) string {
	for _, part := range []struct {
		templates map[string]string
		said      map[string]any
	}{{header, token.Header}, {claims, token.Claims}} {
		for _, name := range slices.Sorted(maps.Keys(part.templates)) {
			got, ok := part.said[name]
			switch {
			case !ok && s.absent(part.templates[name]):
			case !ok:
				return name + " is missing"
			case !s.match(part.templates[name], fmt.Sprint(got), bound{}):
				return name + " is another than the manifest says"
			}
		}
	}
	return ""
}

// maxOnce is how many ids are kept; beyond, all are forgotten.
const maxOnce = 100_000

// fresh takes an id once.
func (s *service) fresh(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.once[id] {
		return false
	}
	if len(s.once) >= maxOnce {
		clear(s.once)
	}
	s.once[id] = true
	return true
}

// certified says whether a request came over a connection with the client's own
// certificate (RFC 8705).
func (s *service) certified(r *http.Request) bool {
	if r.TLS == nil || len(r.TLS.PeerCertificates) == 0 {
		return false
	}
	block, _ := pem.Decode([]byte(s.credential.ClientSecret))
	if block == nil {
		return false
	}
	own, err := x509.ParseCertificate(block.Bytes)
	return err == nil && own.Equal(r.TLS.PeerCertificates[0]) && time.Now().Before(own.NotAfter)
}

// refused answers a token request with an error where the manifest looks for it.
func (s *service) refused(v *visit, status int, code string) {
	v.w.Header().Set("Cache-Control", "no-store")
	doc := any(map[string]any{"error_description": entry(v.r).Outcome})
	writeJSON(v.w, status, set(doc, s.errorAt(v.endpoint), code))
}
