package jwt_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/connhost/connhost/host/jwt"
)

func containsKey(text string) bool { return strings.Contains(text, "PRIVATE KEY") }

func given(nonces ...string) http.Header {
	h := http.Header{}
	for _, n := range nonces {
		h.Add("DPoP-Nonce", n)
	}
	return h
}

// A nonce is for the origin that gave it, however that is spelled, and the newest
// counts.
func TestNoncesAreOfAnOrigin(t *testing.T) {
	var n jwt.Nonces
	at := parse(t, "https://api.test/token?x=1")
	if n.Get(at) != "" || n.Learn(at, http.Header{}) {
		t.Error("there is one before any")
	}
	if !n.Learn(at, given("one")) || !n.Learn(at, given("one")) || n.Get(at) != "one" {
		t.Error("a nonce is not kept, or not told when another request knows it already")
	}
	n.Learn(at, given("two", "three"))
	for where, want := range map[string]string{
		"https://api.test/other": "two", "https://API.test:443/": "two",
		"http://api.test/": "", "https://api.test:8443/": "", "https://api.test.evil/": "", "https://a.api.test/": "",
	} {
		if got := n.Get(parse(t, where)); got != want {
			t.Errorf("%s: got %q, want %q", where, got, want)
		}
	}
}

// RFC 9449 section 8.1. What is no nonce is passed over, and the old one stays.
func TestNoncesThatAreNone(t *testing.T) {
	var n jwt.Nonces
	at := parse(t, "https://api.test")
	n.Learn(at, given("good"))
	for _, bad := range []string{"", `a"b`, `a\b`, "a b", "a\tb", "a\r\nX-Evil: 1", "a\x00", "a\x7f", "é", strings.Repeat("n", 2<<20), strings.Repeat("n", 2049)} {
		if n.Learn(at, given(bad)) || n.Get(at) != "good" {
			t.Errorf("taken: %.20q", bad)
		}
	}
	if long := strings.Repeat("~", 2048); !n.Learn(at, given(long)) || n.Get(at) != long {
		t.Error("a long one is not taken")
	}
}

// A service with many names, and many callers.
func TestNoncesAreBounded(t *testing.T) {
	var n jwt.Nonces
	var all sync.WaitGroup
	for k := range 4 {
		all.Go(func() {
			for i := range 5000 {
				n.Learn(parse(t, fmt.Sprintf("https://h%d-%d.test", k, i)), given("x"))
			}
		})
	}
	all.Wait()
	kept := 0
	for k := range 4 {
		for i := range 5000 {
			if n.Get(parse(t, fmt.Sprintf("https://h%d-%d.test", k, i))) != "" {
				kept++
			}
		}
	}
	if kept == 0 || kept > 4096 {
		t.Errorf("%d are kept", kept)
	}
}
