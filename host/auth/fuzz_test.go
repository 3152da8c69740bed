package auth_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/auth"
	"github.com/connhost/connhost/plugins/abi"
)

// Whatever a service challenges with: there is no answer, or one header that
// can be sent and does not hold the password.
func FuzzChallenge(f *testing.F) {
	for _, seed := range []string{
		`Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=SHA-256, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQ"`,
		`Digest realm="r", nonce="n", algorithm=MD5-sess, qop=auth-int`, `Digest realm="a\"b", nonce="n"`, `digest nonce=n`, `Digest`, `Basic realm="x"`,
		"Digest realm=\"a\r\nX: y\", nonce=\"\x00\"", `Digest realm="é", nonce="n", userhash=true, charset=UTF-8`, `Digest realm="r",,nonce="n"`, `Digest nonce="`,
		`Digest realm="r", nonce="n", algorithm=SHA-512-256, qop="auth"`,
	} {
		f.Add(seed, "/a?b=c", "{}")
	}
	signer := auth.Signers(host.Clock{Now: time.Now})[abi.AuthDigest].(host.Answerer)
	cred := host.Credential{
		Auth: abi.Auth{Type: abi.AuthDigest}, Params: map[string]string{"username": `Mu"fa\sa`}, Secret: secrets("password", "Circle-of-Life"),
	}
	f.Fuzz(func(t *testing.T, challenge, target, body string) {
		next := signer.Answer(&http.Response{StatusCode: 401, Header: http.Header{"Www-Authenticate": {challenge, challenge}}}, cred)
		req, err := http.NewRequest("POST", "http://api.test/", strings.NewReader(body))
		if err != nil || next == nil {
			return
		}
		req.URL.Path = target
		if err := next.Sign(req, cred); err != nil {
			if host.CodeOf(err) == host.Internal || strings.Contains(err.Error(), "Circle") {
				t.Errorf("%q: %v", challenge, err)
			}
			return
		}
		got := req.Header.Get("Authorization")
		if len(req.Header) != 1 || !strings.HasPrefix(got, "Digest ") || strings.Contains(got, "Circle") {
			t.Errorf("%q: %v", challenge, req.Header)
		}
	})
}
