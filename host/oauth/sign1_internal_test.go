package oauth

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/connhost/connhost/plugins/abi"
)

// fixed1 signs at a time and with a nonce of a published example.
func fixed1(method string, at int64, nonce string) signer1 {
	return signer1{method: method, realm: "Photos", now: func() time.Time { return time.Unix(at, 0) }, nonce: func() string { return nonce }}
}

// signatureOf is a signature over these parameters and no others: the examples
// of the RFC send no oauth_version.
func signatureOf(t *testing.T, s signer1, req *http.Request, k keys1, own map[string]string) string {
	t.Helper()
	base, err := baseString(req, own)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := s.sign(base, k)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

// RFC 5849 section 1.2: the three requests of its example.
func TestOAuth1Example(t *testing.T) {
	client := keys1{client: "dpf43f3p2l4k3l03", clientSecret: "kd94hf93k423kf44"}
	temporary, lasting := client, client
	temporary.token, temporary.tokenSecret = "hh5s93j4hdidpola", "hdhd0244k9j7ao03"
	lasting.token, lasting.tokenSecret = "nnch734d00sl2jdk", "pfkkdhi9sl3r4s00"
	for _, c := range []struct {
		method, url string
		k           keys1
		own         map[string]string
		want        string
	}{
		{"POST", "https://photos.example.net/initiate", client, map[string]string{
			"oauth_timestamp": "137131200", "oauth_nonce": "wIjqoS", "oauth_callback": "http://printer.example.com/ready"}, "74KNZJeDHnMBp0EMJ9ZHt/XKycU="},
		{"POST", "https://photos.example.net/token", temporary, map[string]string{
			"oauth_timestamp": "137131201", "oauth_nonce": "walatlh", "oauth_verifier": "hfdp7dh39dks9884"}, "gKgrFCywp7rO0OXSjdot/IHF7IU="},
		{"GET", "http://photos.example.net/photos?file=vacation.jpg&size=original", lasting, map[string]string{
			"oauth_timestamp": "137131202", "oauth_nonce": "chapoH"}, "MdpQcU8iPSUjWoN/UDMsK2sui9I="},
	} {
		req, err := http.NewRequest(c.method, c.url, nil)
		if err != nil {
			t.Fatal(err)
		}
		c.own["oauth_consumer_key"], c.own["oauth_signature_method"] = c.k.client, abi.HMACSHA1
		if c.k.token != "" {
			c.own["oauth_token"] = c.k.token
		}
		if got := signatureOf(t, fixed1(abi.HMACSHA1, 0, ""), req, c.k, c.own); got != c.want {
			t.Errorf("%s: got %s, want %s", c.url, got, c.want)
		}
	}
}

// RFC 5849 section 3.4.1.1, with the parameter a3 in the query and in the form.
func TestOAuth1BaseString(t *testing.T) {
	req, err := http.NewRequest("POST", "http://EXAMPLE.COM:80/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b", strings.NewReader("c2&a3=2+q"))
	if err != nil {
		t.Fatal(err)
	}
	own := map[string]string{
		"oauth_consumer_key": "9djdj82h48djs9d2", "oauth_token": "kkk9d7dh3k39sjv7", "oauth_signature_method": "HMAC-SHA1",
		"oauth_timestamp": "137131201", "oauth_nonce": "7d8f3e4a",
	}
	const want = "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D%26c%2540%3D%26c2%3D%26" +
		"oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7"
	for _, kind := range []string{"application/x-www-form-urlencoded", "application/x-www-form-urlencoded; charset=UTF-8"} {
		req.Header.Set("Content-Type", kind)
		if got, err := baseString(req, own); err != nil || got != want {
			t.Errorf("%s:\n got %s, %v\nwant %s", kind, got, err, want)
		}
	}
}

func TestOAuth1BaseURI(t *testing.T) {
	for from, want := range map[string]string{
		"HTTPS://Api.Test:443":        "https://api.test/",
		"https://api.test:8443/a%2Fb": "https://api.test:8443/a%2Fb",
		"http://[::1]:80/x":           "http://[::1]/x",
	} {
		u, err := url.Parse(from)
		if err != nil {
			t.Fatal(err)
		}
		if got := baseURI(u); got != want {
			t.Errorf("%s: got %s, want %s", from, got, want)
		}
	}
}

func TestOAuth1Methods(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	private := string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
	req, err := http.NewRequest("GET", "https://api.test/", nil)
	if err != nil {
		t.Fatal(err)
	}
	k := keys1{client: "c", clientSecret: "a&b", token: "t", tokenSecret: "c d"}
	plain, err := fixed1(abi.PlainText, 1, "n").header(req, k, nil)
	if want := `OAuth realm="Photos", oauth_consumer_key="c", oauth_nonce="n", oauth_signature="a%2526b%26c%2520d", oauth_signature_method="PLAINTEXT", oauth_timestamp="1", oauth_token="t", oauth_version="1.0"`; err != nil || plain != want {
		t.Errorf("got %s, %v, want %s", plain, err, want)
	}
	sha1, _ := fixed1(abi.HMACSHA1, 1, "n").header(req, k, nil)
	sha256, err := fixed1(abi.HMACSHA256, 1, "n").header(req, k, nil)
	if err != nil || sha1 == sha256 || !strings.Contains(sha256, "HMAC-SHA256") {
		t.Errorf("got %s, %v", sha256, err)
	}
	if _, err := fixed1(abi.RSASHA1, 1, "n").header(req, k, nil); err == nil || strings.Contains(err.Error(), "a&b") {
		t.Errorf("a secret that is no key: got %v", err)
	}
	k.clientSecret = private
	if signed, err := fixed1(abi.RSASHA1, 1, "n").header(req, k, nil); err != nil || !strings.Contains(signed, `oauth_signature_method="RSA-SHA1"`) {
		t.Errorf("got %s, %v", signed, err)
	}
}
