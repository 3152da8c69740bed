package peers_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// A client is a plain OAuth client of one server.
type client struct {
	t    *testing.T
	http *http.Client
	base string // the issuer
	id   string
	// auth proves who the client is: by a header, or in the form.
	auth func(header http.Header, form url.Values)
	// dpop signs the proofs of RFC 9449, if any are wanted.
	dpop  *ecdsa.PrivateKey
	nonce string
}

// answer is what a server answers, with the body as JSON.
type answer struct {
	status int
	header http.Header
	body   map[string]any
}

func (a answer) text(key string) string {
	text, _ := a.body[key].(string)
	return text
}

// authorization is an authorization request and what proves it later.
type authorization struct {
	form     url.Values
	verifier string
}

func (c *client) authorization() authorization {
	verifier := rand.Text() + rand.Text()
	sum := sha256.Sum256([]byte(verifier))
	return authorization{verifier: verifier, form: url.Values{
		"client_id": {c.id}, "response_type": {"code"}, "state": {"state-1"},
		"redirect_uri": {"http://127.0.0.1:50321/callback/" + c.id},
		"scope":        {"openid profile offline_access"}, "prompt": {"consent"},
		"code_challenge": {encode(sum[:])}, "code_challenge_method": {"S256"},
	}}
}

func (a authorization) page(base string) string { return base + "/auth?" + a.form.Encode() }

// exchange gets tokens for the code of a callback.
func (c *client) exchange(a authorization, callback *url.URL) answer {
	c.t.Helper()
	code := callback.Query().Get("code")
	if code == "" {
		c.t.Fatalf("no code in %s", callback)
	}
	return c.token(url.Values{
		"grant_type": {"authorization_code"}, "code": {code},
		"redirect_uri": a.form["redirect_uri"], "code_verifier": {a.verifier},
	})
}

func (c *client) token(form url.Values) answer { return c.post("/token", form) }

func (c *client) refresh(token string) answer {
	return c.token(url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}})
}

// post sends a form as the client.
func (c *client) post(path string, form url.Values) answer {
	c.t.Helper()
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	if c.auth != nil {
		c.auth(header, form)
	} else {
		form.Set("client_id", c.id)
	}
	return c.do(http.MethodPost, path, header, form.Encode(), "")
}

// me asks for the user's claims.
func (c *client) me(accessToken string) answer {
	c.t.Helper()
	scheme := "Bearer "
	if c.dpop != nil {
		scheme = "DPoP "
	}
	return c.do(http.MethodGet, "/me", http.Header{"Authorization": {scheme + accessToken}}, "", accessToken)
}

// do sends a request, with a proof if the client has a key for that.
func (c *client) do(method, path string, header http.Header, body, accessToken string) answer {
	c.t.Helper()
	req, err := http.NewRequest(method, c.base+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header = header
	if c.dpop != nil {
		req.Header.Set("DPoP", c.proof(method, c.base+path, accessToken))
	}
	resp, err := c.http.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	if nonce := resp.Header.Get("DPoP-Nonce"); nonce != "" {
		c.nonce = nonce
	}
	a := answer{status: resp.StatusCode, header: resp.Header}
	if len(bytes.TrimSpace(data)) > 0 {
		if err := json.Unmarshal(data, &a.body); err != nil {
			c.t.Fatalf("%s %s answered %d: %s", method, path, resp.StatusCode, data)
		}
	}
	return a
}

// proof is a DPoP proof, RFC 9449 section 4.2.
func (c *client) proof(method, target, accessToken string) string {
	point, err := c.dpop.PublicKey.Bytes()
	if err != nil {
		c.t.Fatal(err)
	}
	claims := map[string]any{"jti": rand.Text(), "htm": method, "htu": target, "iat": time.Now().Unix()}
	if c.nonce != "" {
		claims["nonce"] = c.nonce
	}
	if accessToken != "" {
		sum := sha256.Sum256([]byte(accessToken))
		claims["ath"] = encode(sum[:])
	}
	return jwt(c.t, map[string]any{"typ": "dpop+jwt", "alg": "ES256", "jwk": map[string]any{
		"kty": "EC", "crv": "P-256", "x": encode(point[1:33]), "y": encode(point[33:]),
	}}, claims, c.dpop)
}

// assertion puts a client assertion into the form, RFC 7523 section 2.2.
func assertion(t *testing.T, id, audience, alg, kid string, key any) func(http.Header, url.Values) {
	return func(_ http.Header, form url.Values) {
		now, head := time.Now().Unix(), map[string]any{"alg": alg}
		if kid != "" {
			head["kid"] = kid
		}
		form.Set("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
		form.Set("client_assertion", jwt(t, head, map[string]any{
			"iss": id, "sub": id, "aud": audience, "jti": rand.Text(), "iat": now, "exp": now + 60,
		}, key))
	}
}

// basic encodes id and secret as a form does, RFC 6749 section 2.3.1.
func basic(id, secret string) func(http.Header, url.Values) {
	return func(header http.Header, _ url.Values) {
		pair := url.QueryEscape(id) + ":" + url.QueryEscape(secret)
		header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(pair)))
	}
}

// jwt signs by the kind of the key: ES256, RS256 or, with text, HS256.
func jwt(t *testing.T, header, claims map[string]any, key any) string {
	t.Helper()
	h, err := json.Marshal(header)
	if err != nil {
		t.Fatal(err)
	}
	c, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	input := encode(h) + "." + encode(c)
	sum := sha256.Sum256([]byte(input))
	var signature []byte
	switch key := key.(type) {
	case *ecdsa.PrivateKey:
		r, s, err := ecdsa.Sign(rand.Reader, key, sum[:])
		if err != nil {
			t.Fatal(err)
		}
		signature = s.FillBytes(make([]byte, 64))
		r.FillBytes(signature[:32])
	case *rsa.PrivateKey:
		if signature, err = rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:]); err != nil {
			t.Fatal(err)
		}
	case string:
		mac := hmac.New(sha256.New, []byte(key))
		mac.Write([]byte(input))
		signature = mac.Sum(nil)
	}
	return input + "." + encode(signature)
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
