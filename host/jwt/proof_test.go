package jwt_test

import (
	"crypto"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"net/url"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/jwt"
)

func parse(t testing.TB, text string) *url.URL {
	t.Helper()
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func bytesOf(t testing.TB, text string) []byte {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// RFC 7638 section 3.1, with the private key of RFC 7517 appendix A.2; and RFC
// 8037 appendix A.3.
func TestThumbprint(t *testing.T) {
	number := func(text string) *big.Int { return new(big.Int).SetBytes(bytesOf(t, text)) }
	r := &rsa.PrivateKey{
		PublicKey: rsa.PublicKey{E: 65537, N: number("0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw")},
		D:         number("X4cTteJY_gn4FYPsXB8rdXix5vwsg1FLN5E3EaG6RJoVH-HLLKD9M7dx5oo7GURknchnrRweUkC7hT5fJLM0WbFAKNLWY2vv7B6NqXSzUvxT0_YSfqijwp3RTzlBaCxWp4doFk5N2o8Gy_nHNKroADIkJ46pRUohsXywbReAdYaMwFs9tv8d_cPVY3i07a3t8MN6TNwm0dSawm9v47UiCl3Sk5ZiG7xojPLu4sbg1U2jx4IBTNBznbJSzFHK66jT8bgkuqsk0GjskDJk19Z4qwjwbsnn4j2WBii3RL-Us2lGVkY8fkFzme1z0HbIkfz0Y6mqnOYtqc0X4jfcKoAC8Q"),
		Primes: []*big.Int{
			number("83i-7IvMGXoMXCskv73TKr8637FiO7Z27zv8oj6pbWUQyLPQBQxtPVnwD20R-60eTDmD2ujnMt5PoqMrm8RfmNhVWDtjjMmCMjOpSXicFHj7XOuVIYQyqVWlWEh6dN36GVZYk93N8Bc9vY41xy8B9RzzOGVQzXvNEvn7O0nVbfs"),
			number("3dfOR9cuYq-0S-mkFLzgItgMEfFzB2q3hWehMuG0oCuqnb3vobLyumqjVZQO1dIrdwgTnCdpYzBcOfW5r370AFXjiWft_NGEiovonizhKpo9VVS78TzFgxkIdrecRezsZ-1kYd_s1qDbxtkDEgfAITAG9LUnADun4vIcb6yelxk"),
		},
	}
	if err := r.Validate(); err != nil {
		t.Fatal(err)
	}
	r.Precompute()
	for want, key := range map[string]any{
		"NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs": r,
		"kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k": ed25519.NewKeyFromSeed(bytesOf(t, "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")),
	} {
		if got, err := jwt.Thumbprint(host.NewSecret(pemOf(t, key))); got != want || err != nil {
			t.Errorf("got %s, %v, want %s", got, err, want)
		}
	}
}

// RFC 9449 sections 4.2 and 7.1: exactly these members in header and claims, and
// the key is the public half alone.
func TestProof(t *testing.T) {
	key, err := jwt.NewProofKey()
	if err != nil {
		t.Fatal(err)
	}
	thumbprint, err := jwt.Thumbprint(key)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[any]bool{}
	for _, c := range []struct {
		proof jwt.Proof
		want  string // beside jti and iat
	}{
		{jwt.Proof{Method: "POST", URL: parse(t, "https://server.example.com/token")},
			`"htm":"POST","htu":"https://server.example.com/token"`},
		{jwt.Proof{Method: "GET", URL: parse(t, "https://resource.example.org/protectedresource"), Token: "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU"},
			`"ath":"fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo","htm":"GET","htu":"https://resource.example.org/protectedresource"`},
		{jwt.Proof{Method: "DELETE", URL: parse(t, "http://127.0.0.1:9100/a%2Fb/c?x=1&y=%2F#frag"), Nonce: "eyJ7S_zG.eyJH0-Z.HX4w-7v"},
			`"htm":"DELETE","htu":"http://127.0.0.1:9100/a%2Fb/c","nonce":"eyJ7S_zG.eyJH0-Z.HX4w-7v"`},
		{jwt.Proof{Method: "GET", URL: parse(t, "https://api.test:8443/p?")}, `"htm":"GET","htu":"https://api.test:8443/p"`},
	} {
		c.proof.Key = key
		before := c.proof.URL.String()
		text, err := c.proof.Sign(now)
		if err != nil {
			t.Fatal(err)
		}
		if c.proof.URL.String() != before {
			t.Errorf("the URL was changed to %s", c.proof.URL)
		}
		signed, err := jose.ParseSigned(text, []jose.SignatureAlgorithm{jose.ES256})
		if err != nil {
			t.Fatal(err)
		}
		embedded := signed.Signatures[0].Header.JSONWebKey
		sum, err := embedded.Thumbprint(crypto.SHA256)
		if err != nil || base64.RawURLEncoding.EncodeToString(sum) != thumbprint || !embedded.IsPublic() {
			t.Errorf("another key is in the header: %v", err)
		}
		header, claims := open(t, text, "ES256", embedded)
		jwk, _ := header["jwk"].(map[string]any)
		if len(header) != 3 || header["typ"] != "dpop+jwt" || header["alg"] != "ES256" ||
			len(jwk) != 4 || jwk["kty"] != "EC" || jwk["crv"] != "P-256" || jwk["x"] == "" || jwk["y"] == "" {
			t.Errorf("header %v", header)
		}
		id, _ := claims["jti"].(string)
		if len(id) < 20 || seen[id] || claims["iat"] != float64(now.Unix()) {
			t.Errorf("jti %q, iat %v", id, claims["iat"])
		}
		seen[id] = true
		delete(claims, "jti")
		delete(claims, "iat")
		wantJSON(t, c.want, claims, "{"+c.want+"}")
	}
}

func TestProofNeedsItsKey(t *testing.T) {
	for name, key := range map[string]string{"none": "", "garbage": "no-key-at-all", "RSA": pemOf(t, rsaKey(t)), "another curve": pemOf(t, ecKey(t, elliptic.P384()))} {
		if text, err := (jwt.Proof{Key: host.NewSecret(key), Method: "GET", URL: parse(t, "https://api.test")}).Sign(now); err == nil || text != "" {
			t.Errorf("%s: signed %q", name, text)
		}
	}
	if _, err := jwt.Thumbprint(host.Secret{}); err == nil {
		t.Error("nothing has a thumbprint")
	}
	key, err := jwt.NewProofKey()
	if err != nil {
		t.Fatal(err)
	}
	out, _ := json.Marshal(jwt.Proof{Key: key, URL: parse(t, "https://api.test")})
	for _, text := range []string{string(out), fmt.Sprintf("%v %+v %#v", key, jwt.Proof{Key: key}, jwt.Proof{Key: key})} {
		if containsKey(text) {
			t.Errorf("the key is printed: %s", text)
		}
	}
}
