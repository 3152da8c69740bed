package auth_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/auth"
	"github.com/connhost/connhost/plugins/abi"
)

func TestJWT(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	text := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	signers := auth.Signers(host.Clock{Now: func() time.Time { return now }})
	cred := host.Credential{
		Auth: abi.Auth{Type: abi.AuthJWT, Algorithm: "ES256", Lifetime: 600, Header: map[string]string{"kid": "{key_id}"},
			Claims: map[string]string{"iss": "{issuer}", "aud": "acme-v1", "sub": "{user|}"}},
		Params: map[string]string{"key_id": "K1", "issuer": "me"}, Secret: secrets("private_key", text),
	}
	token := func(c host.Credential) (string, error) {
		req, err := http.NewRequest("GET", "https://api.test/", nil)
		if err != nil {
			t.Fatal(err)
		}
		err = signers[abi.AuthJWT].Sign(req, c)
		return strings.TrimPrefix(req.Header.Get("Authorization"), "Bearer "), err
	}
	first, err := token(cred)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := jwt.ParseSigned(first, []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		t.Fatal(err)
	}
	var claims map[string]json.RawMessage
	if err := parsed.Claims(key.Public(), &claims); err != nil {
		t.Fatal(err)
	}
	got, _ := json.Marshal(claims)
	if want := `{"aud":"acme-v1","exp":1767323645,"iat":1767322985,"iss":"me"}`; string(got) != want || parsed.Headers[0].KeyID != "K1" {
		t.Errorf("got %s with key %q, want %s", got, parsed.Headers[0].KeyID, want)
	}
	r := host.NewRedactor(nil)
	r.Learn(signers[abi.AuthJWT].Reveals(cred)...)
	if masked := r.Text("you sent Bearer " + first + "."); strings.Contains(masked, first[:20]) {
		t.Errorf("the token is not masked: %s", masked)
	}

	// It serves for a third of its life.
	now = now.Add(199 * time.Second)
	if again, err := token(cred); err != nil || again != first {
		t.Errorf("a living token was not used again: %v", err)
	}
	now = now.Add(2 * time.Second)
	if again, err := token(cred); err != nil || again == first {
		t.Errorf("an old token was used again: %v", err)
	}
	fresh := cred
	fresh.Auth.Claims = map[string]string{"jti": "{random}"}
	one, _ := token(fresh)
	two, _ := token(fresh)
	if one == two || one == "" {
		t.Error("{random} was the same twice")
	}
	if list := signers[abi.AuthJWT].Reveals(fresh); len(list) != 0 {
		t.Errorf("a token that was never sent is to be masked: %d texts", len(list))
	}

	// One line, as people paste it into a field.
	cred.Secret = secrets("private_key", strings.ReplaceAll(text, "\n", `\n`))
	if _, err := token(cred); err != nil {
		t.Error(err)
	}
	for name, c := range map[string]struct {
		alg, key string
		code     host.Code
		want     string
	}{
		"no key":     {"ES256", "", host.NeedsAuth, `"private_key"`},
		"not PEM":    {"ES256", "hidden-key", host.Failed, "not PEM"},
		"other kind": {"RS256", text, host.Failed, "cannot sign with RS256"},
		"garbage":    {"ES256", "-----BEGIN PRIVATE KEY-----\naGlkZGVuLWtleQ==\n-----END PRIVATE KEY-----\n", host.Failed, "cannot be read"},
	} {
		bad := cred
		bad.Auth.Algorithm, bad.Secret = c.alg, secrets("private_key", c.key)
		if _, err := token(bad); host.CodeOf(err) != c.code || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "hidden-key") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// HS256 takes any text as its key; RFC 7515 section A.1 has another header, so
// the signature is checked by the library.
func TestJWTByText(t *testing.T) {
	cred := host.Credential{Auth: abi.Auth{Type: abi.AuthJWT, Algorithm: "HS256", Key: "{secret}", In: abi.InQuery, Name: "jwt"},
		Secret: secrets("secret", "a secret of thirty-two characters")}
	req, err := sign(t, cred, "https://api.test/")
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := jwt.ParseSigned(req.URL.Query().Get("jwt"), []jose.SignatureAlgorithm{jose.HS256})
	if err != nil {
		t.Fatal(err)
	}
	if err := parsed.Claims([]byte("a secret of thirty-two characters"), &map[string]any{}); err != nil {
		t.Error(err)
	}
}

// Services whose clocks differ by minutes get tokens of their own, of which a
// few are kept; all that are in use are masked.
func TestJWTForOtherClocks(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	skews := &host.Skews{}
	signer := auth.Signers(host.Clock{Now: func() time.Time { return now }, Skews: skews})[abi.AuthJWT]
	cred := host.Credential{Auth: abi.Auth{Type: abi.AuthJWT, Algorithm: "HS256", Key: "{secret}"}, Secret: secrets("secret", "a secret of thirty-two characters")}
	token := func(u string) string {
		req, err := http.NewRequest("GET", u, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := signer.Sign(req, cred); err != nil {
			t.Fatal(err)
		}
		return strings.TrimPrefix(req.Header.Get("Authorization"), "Bearer ")
	}
	if list := signer.Reveals(cred); len(list) != 0 {
		t.Errorf("before the first call %d texts are revealed", len(list))
	}
	tell := func(u string, by time.Duration) { skews.Observe(u, now.Add(by), now, now) }
	tell("https://late.test", -10*time.Minute)
	tell("https://near.test", 20*time.Second)
	plain, late, near := token("https://right.test"), token("https://late.test"), token("https://near.test")
	if late == plain || near != plain || token("https://late.test") != late {
		t.Error("a clock that is ten minutes off shares a token, or one that is seconds off has its own")
	}
	parsed, err := jwt.ParseSigned(late, []jose.SignatureAlgorithm{jose.HS256})
	if err != nil {
		t.Fatal(err)
	}
	var claims jwt.Claims
	if err := parsed.Claims([]byte("a secret of thirty-two characters"), &claims); err != nil {
		t.Fatal(err)
	}
	if want := now.Add(-11 * time.Minute); !claims.IssuedAt.Time().Equal(want) || !claims.Expiry.Time().Equal(want.Add(6*time.Minute)) {
		t.Errorf("issued at %s, until %s", claims.IssuedAt.Time(), claims.Expiry.Time())
	}
	if list := strings.Join(signer.Reveals(cred), " "); !strings.Contains(list, late) || !strings.Contains(list, plain) {
		t.Error("not all that are in use are revealed")
	}
	for i := range 100 { // a service that says another time with each answer
		tell("https://odd.test", time.Duration(i+1)*time.Minute)
		token("https://odd.test")
	}
	if list := signer.Reveals(cred); len(list) > 2*8 {
		t.Errorf("%d texts are revealed", len(list))
	}
	now = now.Add(101 * time.Second)
	if list := signer.Reveals(cred); len(list) != 0 {
		t.Errorf("%d texts of old tokens are revealed", len(list))
	}
}
