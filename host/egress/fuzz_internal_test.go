package egress

import (
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/connhost/connhost/host"
)

// What is taken as a URL ends no line, has one spelling, and stays that when it
// is read again; an address in it is known as one. Location is read against it.
func FuzzTarget(f *testing.F) {
	for _, seed := range []string{
		"https://a.test/x?y#z", "http://127.1/", "https://0x7f.1/", "https://[::1]:443/", "https://BÜCHER.test./", "https://a.test:080/", "//a.test",
		"https://a.test\r\nX: y/", "https://１２７.0.0.1/", "https://a。b/", "/../x", "?q= é", "https:a", "https://u:p@a/", "https://a.test/%0d%0a", "https://①.test/", "http://[64:ff9b::7f00:1]/",
	} {
		f.Add(seed, "../y?z")
		f.Add("https://a.test/b/c", seed)
	}
	f.Fuzz(func(t *testing.T, text, location string) {
		u, err := url.Parse(text)
		if err != nil {
			return
		}
		at, err := parseTarget(u)
		if err != nil {
			if e, ok := err.(*host.Error); !ok || e.Code != host.Refused {
				t.Errorf("%q: got %v", text, err)
			}
			return
		}
		checkTarget(t, at)
		to, err := resolve(at, location)
		if err != nil {
			if code := host.CodeOf(err); code != host.Refused && code != host.Unavailable {
				t.Errorf("%q: got %v", location, err)
			}
			return
		}
		checkTarget(t, to)
	})
}

func checkTarget(t *testing.T, at target) {
	t.Helper()
	whole := at.url.String()
	if strings.ContainsFunc(whole, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		t.Errorf("%q holds what ends a line or is not ASCII", whole)
	}
	again, err := url.Parse(whole)
	if err != nil {
		t.Fatalf("%q is not read again: %v", whole, err)
	}
	twice, err := parseTarget(again)
	if err != nil || twice.url.String() != whole || !twice.sameOrigin(at) || twice.addr != at.addr {
		t.Errorf("%q is read again as %q, %v", whole, twice.url, err)
	}
	if addr, err := netip.ParseAddr(at.host); (err == nil) != at.addr.IsValid() || err == nil && addr != at.addr {
		t.Errorf("%q: the address is %v", whole, at.addr)
	}
	req, err := http.NewRequest("GET", whole, nil)
	if err != nil || req.URL.Host != at.url.Host {
		t.Errorf("%q: %v", whole, err)
	}
}

// What opens is written as it is read, and opens no more than it says.
func FuzzOpening(f *testing.F) {
	for _, seed := range []string{"10.0.0.0/8", "127.0.0.1/32:9100", "::1/128", "[::1]/128:9100", "127.0.0.1:80", "[::1]:80", "1.2.3.4/33", "::ffff:1.2.3.4", "fe80::1%lo", "/", ":", "[]", "0.0.0.0/0:0"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		o, err := ParseOpening(s)
		if err != nil {
			if e, ok := err.(*host.Error); !ok || e.Code != host.Usage || e.Hint == "" {
				t.Errorf("%q: got %#v", s, err)
			}
			return
		}
		again, err := ParseOpening(o.String())
		if err != nil || again != o {
			t.Errorf("%q is written as %q and read as %v, %v", s, o, again, err)
		}
		if !o.Covers(netip.AddrPortFrom(o.Prefix.Addr(), max(o.Port, 1))) {
			t.Errorf("%q does not cover its own address", s)
		}
	})
}
