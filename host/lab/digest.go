package lab

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
)

// askDigest challenges a caller with a new nonce (RFC 7616 section 3.3).
func (s *service) askDigest(v *visit) {
	s.mu.Lock()
	nonce := s.secret("nonce")
	if len(s.nonces) >= maxOnce {
		clear(s.nonces)
	}
	s.nonces[nonce] = 0
	s.mu.Unlock()
	v.w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Digest realm="lab", qop="auth", algorithm=SHA-256, nonce="%s", opaque="lab"`, nonce))
}

// digest holds the answer to a challenge against the password (section 3.4). A
// nonce is the lab's own, and its count only goes up, so that no answer is good
// twice.
func (s *service) digest(v *visit) string {
	p := parameters(v.r.Header.Get("Authorization"), "Digest")
	if p == nil {
		return "no answer to a challenge"
	}
	count, err := strconv.ParseInt(p["nc"], 16, 32)
	s.mu.Lock()
	last, ours := s.nonces[p["nonce"]]
	if ours && err == nil && int(count) > last {
		s.nonces[p["nonce"]] = int(count)
	}
	s.mu.Unlock()
	user, password := s.fill(s.m.Auth.UsernameTemplate()), s.fill(s.m.Auth.PasswordTemplate())
	switch {
	case !ours || err != nil || int(count) <= last:
		return "the nonce is not the lab's, or was used before"
	case p["uri"] != v.r.URL.RequestURI() || p["qop"] != "auth" || p["realm"] != "lab":
		return "the answer is for another request"
	}
	a1 := hexHash(user + ":lab:" + password)
	a2 := hexHash(v.r.Method + ":" + p["uri"])
	want := hexHash(a1 + ":" + p["nonce"] + ":" + p["nc"] + ":" + p["cnonce"] + ":auth:" + a2)
	if p["username"] != user || !same(p["response"], want) {
		return "wrong user name or password"
	}
	return ""
}

func hexHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
