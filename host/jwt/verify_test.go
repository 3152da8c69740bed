package jwt_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/connhost/connhost/host/jwt"
)

// What Sign makes is read by who knows the key, while it lives and unchanged.
func TestVerify(t *testing.T) {
	const secret = "a-secret-of-more-than-thirty-two-bytes"
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	token := jwt.Token{Algorithm: "HS256", Key: secret, Header: map[string]string{"kid": "k1"}, Claims: map[string]string{"iss": "ann"}, Life: 5 * time.Minute}
	text, err := jwt.Sign(token, now)
	if err != nil {
		t.Fatal(err)
	}
	got, err := jwt.Verify("HS256", secret, text, now)
	if err != nil || got.Header["kid"] != "k1" || got.Claims["iss"] != "ann" {
		t.Errorf("%+v, %v", got, err)
	}
	for name, c := range map[string]struct {
		algorithm, key, text string
		at                   time.Time
		want                 string
	}{
		"another key":       {"HS256", strings.Repeat("x", 40), text, now, "its signature is wrong"},
		"another algorithm": {"HS512", strings.Repeat("x", 64), text, now, "no token that is signed with HS512"},
		"changed":           {"HS256", secret, text[:len(text)-4] + "AAAA", now, "its signature is wrong"},
		"too late":          {"HS256", secret, text, now.Add(7 * time.Minute), "it has expired"},
		"too early":         {"HS256", secret, text, now.Add(-3 * time.Minute), "it is issued in the future"},
		"none":              {"HS256", secret, "nothing", now, "no token"},
	} {
		if _, err := jwt.Verify(c.algorithm, c.key, c.text, c.at); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestVerifyProof(t *testing.T) {
	key, err := jwt.NewProofKey()
	if err != nil {
		t.Fatal(err)
	}
	u, _ := url.Parse("https://api.acme.test/me?page=2")
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	proof := jwt.Proof{Key: key, Method: "GET", URL: u, Token: "token-of-ann"}
	text, err := proof.Sign(now)
	if err != nil {
		t.Fatal(err)
	}
	thumbprint, id, err := proof.Verify(text, now)
	want, _ := jwt.Thumbprint(key)
	if err != nil || thumbprint != want || id == "" {
		t.Errorf("%s, want %s; %q, %v", thumbprint, want, id, err)
	}
	for want, c := range map[string]jwt.Proof{
		"for another request": {Method: "POST", URL: u, Token: "token-of-ann"},
		"for another token":   {Method: "GET", URL: u, Token: "token-of-bob"},
	} {
		if _, _, err := c.Verify(text, now); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
	if _, _, err := proof.Verify(text, now.Add(time.Hour)); err == nil {
		t.Error("a proof of an hour ago is taken")
	}
}
