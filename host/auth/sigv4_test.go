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

// Cases of AWS's published suite for Signature Version 4: the same key, region,
// service and time for all. Its cases of paths that a client does not send as
// they stand, with letters beyond ASCII or //, are not among them.
func TestSigV4Suite(t *testing.T) {
	at := func() time.Time { return time.Date(2015, 8, 30, 12, 36, 0, 0, time.UTC) }
	cred := host.Credential{
		Auth:   abi.Auth{Type: abi.AuthSigV4, Service: "service"},
		Params: map[string]string{"access_key_id": "AKIDEXAMPLE", "region": "us-east-1"},
		Secret: secrets("secret_access_key", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
	}
	for _, c := range []struct{ name, method, path, signature string }{
		{"get-vanilla", "GET", "/", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
		{"post-vanilla", "POST", "/", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
		{"get-vanilla-query-order-key-case", "GET", "/?Param2=value2&Param1=value1", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
		{"get-unreserved", "GET", "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"},
		{"get-vanilla-utf8-query", "GET", "/?\u1234=bar", "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"},
		{"get-vanilla-empty-query-key", "GET", "/?Param1=value1", "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb"},
	} {
		req, err := http.NewRequest(c.method, "https://example.amazonaws.com"+c.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := auth.Signers(host.Clock{Now: at})[abi.AuthSigV4].Sign(req, cred); err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		want := "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=" + c.signature
		if got := req.Header.Get("Authorization"); got != want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, want)
		}
	}
}

// A session's token goes along, a body is hashed, and s3 gets the hash.
func TestSigV4Parts(t *testing.T) {
	cred := host.Credential{
		Auth:   abi.Auth{Type: abi.AuthSigV4, Service: "s3", Region: "eu-central-1"},
		Params: map[string]string{"access_key_id": "AKID"},
		Secret: secrets("secret_access_key", "sk-123456", "session_token", "st-123456"),
	}
	req, err := http.NewRequest("PUT", "https://bucket.test/a%20b", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Trace", "not signed: what passes on changes it")
	if err := auth.Signers(host.Clock{Now: time.Now})[abi.AuthSigV4].Sign(req, cred); err != nil {
		t.Fatal(err)
	}
	got := req.Header.Get("Authorization")
	if !strings.Contains(got, "/eu-central-1/s3/aws4_request") || !strings.Contains(got, "SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date;x-amz-security-token,") {
		t.Errorf("got %s", got)
	}
	if req.Header.Get("X-Amz-Content-Sha256") != "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a" || req.Header.Get("X-Amz-Security-Token") != "st-123456" {
		t.Errorf("got %v", req.Header)
	}
}
