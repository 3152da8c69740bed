package egress_test

import (
	"net/netip"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/egress"
)

func TestParseOpening(t *testing.T) {
	for in, out := range map[string]string{
		"127.0.0.1/32:9100":  "127.0.0.1/32:9100",
		"127.0.0.1:9100":     "127.0.0.1/32:9100",
		"127.0.0.1":          "127.0.0.1/32",
		"10.0.0.0/8":         "10.0.0.0/8",
		"10.0.0.0/8:443":     "10.0.0.0/8:443",
		"[::1]/128:9100":     "[::1]/128:9100",
		"[::1]:9100":         "[::1]/128:9100",
		"[::1]":              "::1/128",
		"::1":                "::1/128",
		"::1/128":            "::1/128",
		"::1/128:9100":       "[::1]/128:9100",
		"[fd00::]/8":         "fd00::/8",
		"fd00:0:0:0::/64:80": "[fd00::]/64:80",
		"0.0.0.0/0":          "0.0.0.0/0",
		"::1:9100":           "::1:9100/128", // an address: a port needs brackets
	} {
		o, err := egress.ParseOpening(in)
		if err != nil || o.String() != out {
			t.Errorf("%q: got %v, %v, want %s", in, o, err, out)
			continue
		}
		if again, err := egress.ParseOpening(o.String()); err != nil || again != o {
			t.Errorf("%q: read again as %v, %v", in, again, err)
		}
	}
}

func TestParseOpeningRefuses(t *testing.T) {
	for in, text := range map[string]string{
		"":                      "write an address",
		"localhost:9100":        "write an address",
		"127.0.0.1:0":           "from 1 to 65535",
		"127.0.0.1:70000":       "from 1 to 65535",
		"127.0.0.1:":            "from 1 to 65535",
		"127.0.0.1/33":          "write an address",
		"127.1":                 "write an address",
		"[127.0.0.1]:80":        "write an address",
		"[::1":                  "write an address",
		"fe80::1%eth0":          "write an address",
		"10.1.2.3/8":            "10.0.0.0/8 for the range, or 10.1.2.3/32",
		"::ffff:127.0.0.1/128":  "127.0.0.1",
		"127.0.0.1/32,10.0.0.1": "write an address",
		"http://127.0.0.1":      "write an address",
	} {
		_, err := egress.ParseOpening(in)
		want(t, err, host.Usage, text)
	}
}

func TestOpeningCovers(t *testing.T) {
	for _, c := range []struct {
		opening, to string
		want        bool
	}{
		{"127.0.0.1:9100", "127.0.0.1:9100", true},
		{"127.0.0.1:9100", "[::ffff:127.0.0.1]:9100", true},
		{"127.0.0.1:9100", "127.0.0.1:9101", false},
		{"127.0.0.1:9100", "127.0.0.2:9100", false},
		{"127.0.0.1", "127.0.0.1:22", true},
		{"10.0.0.0/8", "[64:ff9b::a00:1]:80", false},
		{"::1", "[::1]:80", true},
		{"::1", "127.0.0.1:80", false},
	} {
		if got := openings(t, c.opening)[0].Covers(netip.MustParseAddrPort(c.to)); got != c.want {
			t.Errorf("%s covers %s: got %v", c.opening, c.to, got)
		}
	}
}

func TestOpeningWide(t *testing.T) {
	for text, want := range map[string]string{
		"127.0.0.1/32":       "",
		"127.0.0.1/32:9100":  "",
		"10.1.2.0/24:443":    "",
		"10.1.2.0/28":        "every port of 16 addresses",
		"10.0.0.0/8":         "every port of 2^24 addresses",
		"10.1.0.0/16:443":    "2^16 addresses",
		"fd00::/64":          "every port of 2^64 addresses",
		"169.254.169.254/32": "the address at which clouds give their machines credentials is among them",
		"0.0.0.0/0:80":       "the address at which clouds give their machines credentials is among them",
	} {
		o, err := egress.ParseOpening(text)
		if err != nil || o.Wide() != want {
			t.Errorf("%s: got %q, %v; want %q", text, o.Wide(), err, want)
		}
	}
}
