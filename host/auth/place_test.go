package auth_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/auth"
	"github.com/connhost/connhost/plugins/abi"
)

func TestPathPlacement(t *testing.T) {
	cred := host.Credential{Auth: abi.Auth{Type: abi.AuthAPIKey, In: abi.InPath, Value: "/bot{key}"}, Secret: secrets("key", "12:ab/c d")}
	for from, want := range map[string]string{
		"https://api.test/getMe":       "https://api.test/bot12:ab/c%20d/getMe",
		"https://api.test":             "https://api.test/bot12:ab/c%20d/",
		"https://api.test/a%2Fb?x=%2F": "https://api.test/bot12:ab/c%20d/a%2Fb?x=%2F",
	} {
		req, err := sign(t, cred, from)
		if err != nil || req.URL.String() != want {
			t.Errorf("%s: got %s, %v, want %s", from, req.URL, err, want)
		}
	}
	for _, bad := range []string{"a/../b", "..", "a//b", "a\nb"} {
		cred.Secret = secrets("key", "/"+bad)
		if _, err := sign(t, cred, "https://api.test/x"); host.CodeOf(err) != host.Refused {
			t.Errorf("%q: got %v", bad, err)
		}
	}
}

func TestFormPlacement(t *testing.T) {
	cred := host.Credential{Auth: abi.Auth{Type: abi.AuthAPIKey, In: abi.InForm, Name: "token"}, Secret: secrets("key", "k&1=2")}
	signer := auth.Signers(host.Clock{Now: time.Now})[abi.AuthAPIKey]
	post := func(kind, body string) (*http.Request, error) {
		req, err := http.NewRequest("POST", "https://api.test/", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", kind)
		return req, signer.Sign(req, cred)
	}
	req, err := post("application/x-www-form-urlencoded; charset=utf-8", "a=1&token=mine&b=%20")
	if err != nil {
		t.Fatal(err)
	}
	const want = "a=1&b=%20&token=k%261%3D2"
	for range 2 { // an attempt more reads it anew
		in, err := req.GetBody()
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := io.ReadAll(in); string(got) != want || req.ContentLength != int64(len(want)) {
			t.Errorf("got %s of %d bytes, want %s", got, req.ContentLength, want)
		}
	}
	if _, err := post("application/json", "{}"); host.CodeOf(err) != host.Refused || !strings.Contains(err.Error(), "goes into a form") {
		t.Errorf("got %v", err)
	}
	if _, err := sign(t, cred, "https://api.test/"); host.CodeOf(err) != host.Refused {
		t.Errorf("without a body: got %v", err)
	}
}

// An optional text that comes out empty is not sent.
func TestAlsoMayBeEmpty(t *testing.T) {
	cred := host.Credential{Auth: abi.Auth{Type: abi.AuthAPIKey, Name: "X-Key", Also: []abi.Placement{{Name: "X-Org", Value: "{org}"}, {Name: "X-Team", Value: "t-{team|none}"}}},
		Params: map[string]string{"org": ""}, Secret: secrets("key", "k-123456")}
	req, err := sign(t, cred, "https://api.test/")
	if err != nil || len(req.Header.Values("X-Org")) != 0 || req.Header.Get("X-Team") != "t-none" {
		t.Errorf("got %v, %v", req.Header, err)
	}
}
