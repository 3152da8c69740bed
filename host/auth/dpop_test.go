package auth_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/auth"
	"github.com/connhost/connhost/host/jwt"
	"github.com/connhost/connhost/plugins/abi"
)

func bound(t testing.TB, access string) host.Credential {
	t.Helper()
	key, err := jwt.NewProofKey()
	if err != nil {
		t.Fatal(err)
	}
	return host.Credential{
		Auth:   abi.Auth{Type: abi.AuthOAuth2, Proof: abi.ProofDPoP},
		Secret: map[string]host.Secret{"access_token": host.NewSecret(access), abi.DPoPKey: key},
	}
}

// proved is what the proof of a request says, once it is verified.
func proved(t testing.TB, req *http.Request) map[string]any {
	t.Helper()
	list := req.Header.Values("DPoP")
	if len(list) != 1 {
		t.Fatalf("%d proofs", len(list))
	}
	signed, err := jose.ParseSigned(list[0], []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		t.Fatal(err)
	}
	payload, err := signed.Verify(signed.Signatures[0].Header.JSONWebKey)
	if err != nil {
		t.Fatal(err)
	}
	var claims map[string]any
	if err := json.Unmarshal(payload, &claims); err != nil {
		t.Fatal(err)
	}
	return claims
}

func request(t testing.TB, method, u string) *http.Request {
	t.Helper()
	req, err := http.NewRequest(method, u, nil)
	if err != nil {
		t.Fatal(err)
	}
	return req
}

// RFC 9449 sections 4.2 and 7.1: the proof is of this method, this URL without
// query and fragment, and this token.
func TestDPoPProof(t *testing.T) {
	signers := auth.Signers(host.Clock{Now: time.Now})
	for _, c := range []struct{ method, url, htu string }{
		{"GET", "https://api.test/p", "https://api.test/p"},
		{"POST", "https://api.test:8443/p%2Fq?x=1&y=2#z", "https://api.test:8443/p%2Fq"},
		{"PATCH", "http://127.0.0.1:9100/", "http://127.0.0.1:9100/"},
	} {
		req := request(t, c.method, c.url)
		req.Header["Dpop"] = []string{"of a script", "twice"}
		if err := signers[abi.AuthOAuth2].Sign(req, bound(t, "access-token-one")); err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256([]byte("access-token-one"))
		claims := proved(t, req)
		if claims["htm"] != c.method || claims["htu"] != c.htu || claims["ath"] != base64.RawURLEncoding.EncodeToString(sum[:]) || claims["nonce"] != nil {
			t.Errorf("%s %s: %v", c.method, c.url, claims)
		}
		if req.Header.Get("Authorization") != "DPoP access-token-one" || !strings.HasPrefix(c.url, req.URL.Scheme+"://"+req.URL.Host) {
			t.Errorf("sent %s to %s", req.Header.Get("Authorization"), req.URL)
		}
	}
	// Each request has a proof of its own.
	cred, seen := bound(t, "access-token-one"), map[any]bool{}
	for range 3 {
		req := request(t, "GET", "https://api.test/p")
		if err := signers[abi.AuthOAuth2].Sign(req, cred); err != nil {
			t.Fatal(err)
		}
		seen[proved(t, req)["jti"]] = true
	}
	if len(seen) != 3 {
		t.Errorf("%d ids of 3 proofs", len(seen))
	}
}

func TestDPoPWithoutItsKey(t *testing.T) {
	cred := bound(t, "access-token-one")
	delete(cred.Secret, abi.DPoPKey)
	req := request(t, "GET", "https://api.test/p")
	err := auth.Signers(host.Clock{Now: time.Now})[abi.AuthOAuth2].Sign(req, cred)
	if host.CodeOf(err) != host.NeedsAuth || req.Header.Get("DPoP") != "" {
		t.Errorf("got %v", err)
	}
	cred.Auth.Proof = ""
	if err := auth.Signers(host.Clock{Now: time.Now})[abi.AuthOAuth2].Sign(req, cred); err != nil || req.Header.Get("DPoP") != "" {
		t.Errorf("a bearer token: %v, proof %q", err, req.Header.Get("DPoP"))
	}
}

// A refusal is answered where it asks for a nonce and gives one, and by nothing
// else; a nonce is taken from any answer, and used for its origin alone.
func TestDPoPNonce(t *testing.T) {
	const asks = `DPoP error="use_dpop_nonce", error_description="nonce", algs="ES256"`
	at, err := url.Parse("https://api.test/p")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name      string
		status    int
		challenge []string
		nonce     string
		again     bool
		next      any // the nonce of the next proof
	}{
		{"asked", 401, []string{asks}, "n1", true, "n1"},
		{"asked among others", 401, []string{`Basic realm="x"`, asks}, "n1", true, "n1"},
		{"asked without one", 401, []string{asks}, "", false, nil},
		{"asked with none that can be sent", 401, []string{asks}, `n"1`, false, nil},
		{"another refusal", 401, []string{`DPoP error="invalid_token"`}, "n1", false, "n1"},
		{"a refusal without a reason", 401, nil, "n1", false, "n1"},
		{"forbidden", 403, []string{asks}, "n1", false, "n1"},
		{"done", 200, nil, "n1", false, "n1"},
	} {
		signer := auth.Signers(host.Clock{Now: time.Now})[abi.AuthOAuth2]
		cred := bound(t, "access-token-one")
		resp := &http.Response{StatusCode: c.status, Header: http.Header{"Www-Authenticate": c.challenge}, Request: &http.Request{URL: at}}
		if c.nonce != "" {
			resp.Header.Set("DPoP-Nonce", c.nonce)
		}
		// Two calls at once are told of the same nonce: both may go again.
		for range 2 {
			if got := signer.(host.Answerer).Answer(resp, cred) != nil; got != c.again {
				t.Errorf("%s: again %v", c.name, got)
			}
		}
		for where, want := range map[string]any{"https://api.test/other?x": c.next, "https://api.test:8443/": nil, "https://other.test/": nil} {
			req := request(t, "GET", where)
			if err := signer.Sign(req, cred); err != nil || proved(t, req)["nonce"] != want {
				t.Errorf("%s: the nonce for %s is %v, %v", c.name, where, proved(t, req)["nonce"], err)
			}
		}
		cred.Auth.Proof = ""
		if signer.(host.Answerer).Answer(resp, cred) != nil {
			t.Errorf("%s: a bearer token answers", c.name)
		}
	}
}
