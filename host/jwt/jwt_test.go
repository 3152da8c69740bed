package jwt_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/jwt"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// pemOf is a private key as PKCS #8.
func pemOf(t testing.TB, key any) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

func ecKey(t testing.TB, c elliptic.Curve) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(c, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func rsaKey(t testing.TB) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// open verifies a token and gives its header and claims.
func open(t testing.TB, text, algorithm string, key any) (header, claims map[string]any) {
	t.Helper()
	signed, err := jose.ParseSigned(text, []jose.SignatureAlgorithm{jose.SignatureAlgorithm(algorithm)})
	if err != nil {
		t.Fatal(err)
	}
	payload, err := signed.Verify(key)
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(text, ".")
	raw, err := base64.RawURLEncoding.DecodeString(first)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &header); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(payload, &claims); err != nil {
		t.Fatal(err)
	}
	return header, claims
}

// Each algorithm of RFC 7518 section 3.1 and RFC 8037 signs with a key of its
// kind, and whoever has the public half verifies it.
func TestSignAlgorithms(t *testing.T) {
	_, edwards, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	const shared = "a shared secret of more than sixty-four bytes, so that HS512 has enough of it"
	r := rsaKey(t)
	for algorithm, key := range map[string]any{
		"HS256": shared, "HS384": shared, "HS512": shared,
		"RS256": r, "RS384": r, "RS512": r, "PS256": r, "PS384": r, "PS512": r,
		"ES256": ecKey(t, elliptic.P256()), "ES384": ecKey(t, elliptic.P384()), "ES512": ecKey(t, elliptic.P521()),
		"EdDSA": edwards,
	} {
		text, verify := shared, any([]byte(shared))
		if signer, ok := key.(crypto.Signer); ok {
			text, verify = pemOf(t, key), signer.Public()
		}
		for _, text := range []string{text, strings.ReplaceAll(text, "\n", `\n`)} {
			token, err := jwt.Sign(jwt.Token{
				Algorithm: algorithm, Key: text, Life: time.Hour,
				Header: map[string]string{"kid": "k1", "empty": ""}, Claims: map[string]string{"iss": "ann", "aud": "acme", "empty": ""},
			}, now)
			if err != nil {
				t.Fatalf("%s: %v", algorithm, err)
			}
			header, claims := open(t, token, algorithm, verify)
			wantJSON(t, algorithm, header, fmt.Sprintf(`{"alg":%q,"kid":"k1","typ":"JWT"}`, algorithm))
			wantJSON(t, algorithm, claims, fmt.Sprintf(`{"aud":"acme","exp":%d,"iat":%d,"iss":"ann"}`, now.Add(time.Hour).Unix(), now.Add(-time.Minute).Unix()))
		}
	}
}

func wantJSON(t testing.TB, what string, got any, want string) {
	t.Helper()
	text, err := json.Marshal(got)
	if err != nil || string(text) != want {
		t.Errorf("%s: got %s, %v\nwant %s", what, text, err, want)
	}
}

// What cannot sign is told in a sentence of ours, which quotes nothing of it.
func TestSignRefuses(t *testing.T) {
	ec, r := pemOf(t, ecKey(t, elliptic.P256())), pemOf(t, rsaKey(t))
	encrypted := string(pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: []byte("sealed-by-a-passphrase")}))
	for name, c := range map[string]struct{ algorithm, key, want string }{
		"an RSA key":          {"ES256", r, "the key cannot sign with ES256"},
		"an EC key":           {"RS256", ec, "the key cannot sign with RS256"},
		"an EC key for EdDSA": {"EdDSA", ec, "the key cannot sign with EdDSA"},
		"another curve":       {"ES256", pemOf(t, ecKey(t, elliptic.P384())), "the key cannot sign with ES256"},
		"no algorithm":        {"", ec, "the key cannot sign with "},
		"none":                {"none", ec, "the key cannot sign with none"},
		"an unknown one":      {"XS256", ec, "the key cannot sign with XS256"},
		"an unknown HMAC":     {"HS1", "a shared secret of its kind", "the key cannot sign with HS1"},
		"a short secret":      {"HS256", "of-twenty-four-letters--", "the key is too short for HS256: it has 24 bytes, at least 32 are needed"},
		"an empty secret":     {"HS512", "", "the key is too short for HS512: it has 0 bytes, at least 64"},
		"encrypted":           {"RS256", encrypted, "the private key cannot be read"},
		"garbage":             {"RS256", "garbage-that-is-no-key", "the private key is not PEM"},
		"a certificate":       {"RS256", strings.ReplaceAll(ec, "PRIVATE KEY", "CERTIFICATE"), "the key cannot sign with RS256"},
		"nothing":             {"RS256", "", "the private key is not PEM"},
		"half":                {"ES256", ec[:len(ec)/2], "the private key is not PEM"},
	} {
		text, err := jwt.Sign(jwt.Token{Algorithm: c.algorithm, Key: c.key, Life: time.Minute}, now)
		e, ok := err.(*host.Error)
		if !ok || e.Code != host.Failed || !strings.HasPrefix(e.Msg, c.want) || e.Hint == "" && c.want != "the private key cannot be read" || text != "" {
			t.Errorf("%s: got %q, %#v", name, text, err)
			continue
		}
		for _, line := range strings.Split(c.key, "\n") {
			if whole := fmt.Sprintf("%v %v %v", e.Msg, e.Hint, e.Unwrap()); len(line) > 8 && !strings.HasPrefix(line, "-----") && strings.Contains(whole, line) {
				t.Errorf("%s: the key stands in %s", name, whole)
			}
		}
	}
}
