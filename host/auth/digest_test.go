package auth_test

import (
	"net/http"
	"regexp"
	"testing"
	"time"

	"github.com/icholy/digest"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/auth"
	"github.com/connhost/connhost/plugins/abi"
)

// The user, realm and nonce of RFC 7616 section 3.9.1, with the client's nonce
// that the answer holds.
func TestDigest(t *testing.T) {
	signer := auth.Signers(host.Clock{Now: time.Now})[abi.AuthDigest].(host.Answerer)
	cred := host.Credential{Auth: abi.Auth{Type: abi.AuthDigest}, Params: map[string]string{"username": "Mufasa"}, Secret: secrets("password", "Circle of Life")}
	req, err := http.NewRequest("GET", "http://api.test/dir/index.html", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "of the script")
	if err := signer.Sign(req, cred); err != nil || req.Header.Get("Authorization") != "" {
		t.Fatalf("the first attempt carries %q, %v", req.Header.Get("Authorization"), err)
	}
	refusal := &http.Response{StatusCode: 401, Header: http.Header{"Www-Authenticate": {
		"Basic realm=\"x\"",
		"Digest realm=\"r\", qop=\"auth\", algorithm=SHA3, nonce=\"n\"",
		`Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=SHA-256, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"`,
	}}}
	next := signer.Answer(refusal, cred)
	if next == nil {
		t.Fatal("no answer")
	}
	if err := next.Sign(req, cred); err != nil {
		t.Fatal(err)
	}
	got, err := digest.ParseCredentials(req.Header.Get("Authorization"))
	if err != nil {
		t.Fatal(err)
	}
	challenge, err := digest.ParseChallenge(refusal.Header["Www-Authenticate"][2])
	if err != nil {
		t.Fatal(err)
	}
	want, err := digest.Digest(challenge, digest.Options{Method: "GET", URI: "/dir/index.html", Username: "Mufasa", Password: "Circle of Life", Cnonce: got.Cnonce, Count: 1})
	if err != nil {
		t.Fatal(err)
	}
	if got.Response != want.Response || got.Algorithm != "SHA-256" || !regexp.MustCompile(`^[0-9a-f]{64}$`).MatchString(got.Response) {
		t.Errorf("got %s", req.Header.Get("Authorization"))
	}
	if signer.Answer(&http.Response{StatusCode: 401, Header: http.Header{"Www-Authenticate": {`Basic realm="x"`}}}, cred) != nil {
		t.Error("a Basic challenge was answered")
	}
}
