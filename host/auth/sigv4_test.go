package auth_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/auth"
	"github.com/connhost/connhost/plugins/abi"
)

// The key and the time of AWS's published suite for Signature Version 4
// (aws-sig-v4-test-suite), the same for all its cases.
const (
	suiteKey    = "AKIDEXAMPLE"
	suiteSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
	suiteToken  = "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA=="
	unreserved  = "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)

var suiteTime = time.Date(2015, 8, 30, 12, 36, 0, 0, time.UTC)

// suiteHeader is the Authorization of a case.
func suiteHeader(signed, signature string) string {
	return "AWS4-HMAC-SHA256 Credential=" + suiteKey + "/20150830/us-east-1/service/aws4_request, SignedHeaders=" + signed + ", Signature=" + signature
}

// The suite's cases that a client can send, normalize-path among them.
func TestSigV4Suite(t *testing.T) {
	const (
		plain   = "host;x-amz-date"
		typed   = "content-type;host;x-amz-date"
		session = "host;x-amz-date;x-amz-security-token"
		root    = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
		posted  = "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"
		form    = "application/x-www-form-urlencoded"
	)
	for _, c := range []struct{ name, method, path, kind, body, token, signed, signature string }{
		{"get-vanilla", "GET", "/", "", "", "", plain, root},
		{"get-vanilla-query", "GET", "/?", "", "", "", plain, root},
		{"get-vanilla-empty-query-key", "GET", "/?Param1=value1", "", "", "", plain, "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb"},
		{"get-vanilla-query-order-key", "GET", "/?Param1=value2&Param1=Value1", "", "", "", plain, "eedbc4e291e521cf13422ffca22be7d2eb8146eecf653089df300a15b2382bd1"},
		{"get-vanilla-query-order-key-case", "GET", "/?Param2=value2&Param1=value1", "", "", "", plain, "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
		{"get-vanilla-query-order-value", "GET", "/?Param1=value2&Param1=value1", "", "", "", plain, "5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c4694"},
		{"get-vanilla-query-unreserved", "GET", "/?" + unreserved + "=" + unreserved, "", "", "", plain, "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197"},
		{"get-vanilla-utf8-query", "GET", "/?\u1234=bar", "", "", "", plain, "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"},
		{"get-vanilla-with-session-token", "GET", "/", "", "", "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267", session, "07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8"},
		{"get-unreserved", "GET", "/" + unreserved, "", "", "", plain, "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"},
		{"get-relative", "GET", "/example/..", "", "", "", plain, root},
		{"get-relative-relative", "GET", "/example1/example2/../..", "", "", "", plain, root},
		{"get-slash", "GET", "//", "", "", "", plain, root},
		{"get-slash-dot-slash", "GET", "/./", "", "", "", plain, root},
		{"get-slash-pointless-dot", "GET", "/./example", "", "", "", plain, "ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5"},
		{"get-slashes", "GET", "//example//", "", "", "", plain, "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84"},
		{"post-vanilla", "POST", "/", "", "", "", plain, posted},
		{"post-vanilla-query", "POST", "/?Param1=value1", "", "", "", plain, "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11"},
		{"post-vanilla-empty-query-value", "POST", "/?Param1=value1", "", "", "", plain, "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11"},
		{"post-header-key-case", "POST", "/", "", "", "", plain, posted},
		{"post-sts-header-before", "POST", "/", "", "", suiteToken, session, "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead"},
		{"post-x-www-form-urlencoded", "POST", "/", form, "Param1=value1", "", typed, "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"},
		{"post-x-www-form-urlencoded-parameters", "POST", "/", form + "; charset=utf8", "Param1=value1", "", typed, "1a72ec8f64bd914b0e42e42607c7fbce7fb2c7465f63e3092b3b0d39fa77a6fe"},
	} {
		cred := host.Credential{
			Auth:   abi.Auth{Type: abi.AuthSigV4, Service: "service"},
			Params: map[string]string{"access_key_id": suiteKey, "region": "us-east-1"},
			Secret: secrets("secret_access_key", suiteSecret, "session_token", c.token),
		}
		req, err := http.NewRequest(c.method, "https://example.amazonaws.com"+c.path, strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		if c.kind != "" {
			req.Header.Set("Content-Type", c.kind)
		}
		sent := *req.URL
		if err := auth.Signers(host.Clock{Now: func() time.Time { return suiteTime }})[abi.AuthSigV4].Sign(req, cred); err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got, want := req.Header.Get("Authorization"), suiteHeader(c.signed, c.signature); got != want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, want)
		}
		if req.URL.EscapedPath() != sent.EscapedPath() {
			t.Errorf("%s: %s is sent in place of %s", c.name, req.URL.EscapedPath(), sent.EscapedPath())
		}
	}
}

// The suite's other cases, of headers that we leave unsigned and of paths with
// bytes that no client sends, hold for the library beneath: it is asked as
// Sign asks it.
func TestSigV4SuiteOfTheLibrary(t *testing.T) {
	for _, c := range []struct {
		name, method, path string
		header             http.Header
		signed, signature  string
	}{
		{"get-header-key-duplicate", "GET", "/", http.Header{"My-Header1": {"value2", "value2", "value1"}}, "host;my-header1;x-amz-date", "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"},
		{"get-header-value-order", "GET", "/", http.Header{"My-Header1": {"value4", "value1", "value3", "value2"}}, "host;my-header1;x-amz-date", "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01"},
		{"get-header-value-trim", "GET", "/", http.Header{"My-Header1": {" value1"}, "My-Header2": {` "a   b   c"`}}, "host;my-header1;my-header2;x-amz-date", "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"},
		{"post-header-key-sort", "POST", "/", http.Header{"My-Header1": {"value1"}}, "host;my-header1;x-amz-date", "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c"},
		{"post-header-value-case", "POST", "/", http.Header{"My-Header1": {"VALUE1"}}, "host;my-header1;x-amz-date", "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d"},
		{"get-utf8", "GET", "/\u1234", nil, "host;x-amz-date", "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"},
		{"get-space", "GET", "/example space/", nil, "host;x-amz-date", "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741"},
	} {
		req, err := http.NewRequest(c.method, "https://example.amazonaws.com"+c.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if c.header != nil {
			req.Header = c.header
		}
		keys := aws.Credentials{AccessKeyID: suiteKey, SecretAccessKey: suiteSecret}
		const empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
		err = v4.NewSigner().SignHTTP(t.Context(), keys, req, empty, "service", "us-east-1", suiteTime, func(o *v4.SignerOptions) {
			o.DisableURIPathEscaping = true // net/url has encoded the path once, as the suite does
		})
		if err != nil {
			t.Fatal(err)
		}
		if got, want := req.Header.Get("Authorization"), suiteHeader(c.signed, c.signature); got != want {
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

// One credential signs for any service: for what its parameter says, and at some
// hosts for another.
func TestSigV4Services(t *testing.T) {
	cred := host.Credential{
		Auth:   abi.Auth{Type: abi.AuthSigV4, Service: "{service}", Services: map[string]string{"sts.{region}.acme.test": "sts"}},
		Params: map[string]string{"access_key_id": "AKID", "region": "eu-1", "service": "queue"},
		Secret: secrets("secret_access_key", "sk-123456"),
	}
	signer := auth.Signers(host.Clock{Now: func() time.Time { return suiteTime }})[abi.AuthSigV4]
	for target, want := range map[string]string{
		"https://queue.eu-1.acme.test/": "/20150830/eu-1/queue/", "https://sts.eu-1.acme.test/": "/20150830/eu-1/sts/", "https://sts.eu-2.acme.test/": "/20150830/eu-1/queue/",
	} {
		req, err := http.NewRequest("GET", target, nil)
		if err == nil {
			err = signer.Sign(req, cred)
		}
		if got := req.Header.Get("Authorization"); err != nil || !strings.Contains(got, want) {
			t.Errorf("%s: %s, %v; want %s", target, got, err, want)
		}
	}
	delete(cred.Params, "service")
	req, _ := http.NewRequest("GET", "https://queue.eu-1.acme.test/", nil)
	if err := signer.Sign(req, cred); host.CodeOf(err) != host.NeedsAuth {
		t.Errorf("without a service: %v", err)
	}
}
