package oauth

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
)

// Whatever a service asks, it is waited for a day at most.
func FuzzRetryAfter(f *testing.F) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, seed := range []string{"", "7", "-7", "+7", " 7", "7.5", "1e9", "4294967296", "18446744073709551616", now.Format(http.TimeFormat), now.Format(time.RFC850), now.Format(time.ANSIC), "Sun, 00 Jan 0000 00:00:00 GMT", "\x00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		h := http.Header{"Retry-After": {text}}
		if d := retryAfter(h, now); d < 0 || d > maxRetryAfter {
			t.Errorf("%q: %v", text, d)
		}
	})
}

// Whatever a service says of a life, it is none or ends within ten years.
func FuzzLifetime(f *testing.F) {
	for _, seed := range []string{"", "3600", "3600.0", " 3600 ", "3600.5", "-2147483649", "1e999", "1e-999", "NaN", "Inf", "0x10", "1_000", ".5", "5.", "٣"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, said := range []any{text, []any{text}, map[string]any{text: text}} {
			d, ok := lifetime(said)
			if d < 0 || d > maxLifetime || !ok && d != 0 {
				t.Errorf("%#v: %v, %v", said, d, ok)
			}
		}
	})
}

// The parameters of a request are all in the base string, each with its own
// value and once more for every time that it stands there, in the order of RFC
// 5849 section 3.4.1.3.2, and nothing else is.
func FuzzBaseString(f *testing.F) {
	for _, seed := range []string{"b5=%3D%253D&a3=a&c%40=&a2=r%20b", "a=1&a=1", "&&=&a", "a;b=c", "%zz=1", "a=b=c", "a+b=c+d", "é=ü", "A=1&a=2&a-=3&a.=4&a%2F=5", "\x00"} {
		f.Add(seed, "c2&a3=2+q")
		f.Add("", seed)
	}
	f.Fuzz(func(t *testing.T, query, form string) {
		req, err := http.NewRequest("POST", "https://api.test/x", strings.NewReader(form))
		if err != nil {
			t.Fatal(err)
		}
		req.URL.RawQuery = query
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		base, err := baseString(req, map[string]string{"oauth_nonce": "n"})
		if err != nil {
			t.Fatal(err)
		}
		parts := strings.Split(base, "&")
		if len(parts) != 3 || parts[0] != "POST" || parts[1] != "https%3A%2F%2Fapi.test%2Fx" {
			t.Fatalf("got %q", base)
		}
		all, err := url.PathUnescape(parts[2])
		if err != nil {
			t.Fatal(err)
		}
		type pair struct{ name, value string }
		var got, want []pair
		for _, p := range strings.Split(all, "&") {
			name, value, _ := strings.Cut(p, "=")
			got = append(got, pair{name, value})
		}
		want = append(want, pair{"oauth_nonce", "n"})
		for _, raw := range []string{query, form} {
			for _, p := range strings.Split(raw, "&") {
				if name, value, _ := strings.Cut(p, "="); p != "" {
					want = append(want, pair{percent(decoded(name)), percent(decoded(value))})
				}
			}
		}
		order := func(a, b pair) int {
			if c := strings.Compare(a.name, b.name); c != 0 {
				return c
			}
			return strings.Compare(a.value, b.value)
		}
		if !slices.IsSortedFunc(got, order) {
			t.Errorf("%q is not sorted", all)
		}
		slices.SortFunc(want, order)
		if !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

// A callback of OAuth 1.0a gives its verifier only with the token that was
// given out, and quotes nothing of itself otherwise.
func FuzzCallback1(f *testing.F) {
	for _, seed := range []string{"oauth_token=hh5s93j4hdidpola&oauth_verifier=v", "oauth_token=x&oauth_verifier=c4n4ry", "oauth_token=hh5s93j4hdidpola", "denied=c4n4ry", "oauth_problem=c4n4ry", "oauth_token=&oauth_token=hh5s93j4hdidpola", ""} {
		f.Add(seed)
	}
	kept := host.NewSecret("token=hh5s93j4hdidpola&secret=hdhd0244k9j7ao03")
	f.Fuzz(func(t *testing.T, query string) {
		q, _ := url.ParseQuery(query)
		code, err := (&Client1{}).Code(host.FlowTarget{}, q, kept)
		if err != nil {
			if code != "" || host.CodeOf(err) == host.Internal || strings.Contains(err.Error(), "c4n4ry") {
				t.Errorf("%q: got %q, %v", query, code, err)
			}
			return
		}
		if code == "" || q.Get("oauth_token") != "hh5s93j4hdidpola" || code != q.Get("oauth_verifier") {
			t.Errorf("%q: got %q", query, code)
		}
	})
}
