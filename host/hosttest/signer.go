package hosttest

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/connhost/connhost/host"
)

// Signer holds a host.Signer to its contract with a complete credential, of
// which every value is needed. Its secrets should be six bytes or longer, as
// shorter ones are masked by place only.
func Signer(t *testing.T, s host.Signer, cred host.Credential) {
	t.Run("changes nothing else", func(t *testing.T) { signsOnly(t, s, cred) })
	t.Run("replaces what a script set", func(t *testing.T) { signsOver(t, s, cred) })
	t.Run("refuses what is missing", func(t *testing.T) { signsNothingMissing(t, s, cred) })
	t.Run("refuses a line break", func(t *testing.T) { signsNoLineBreak(t, s, cred) })
	t.Run("reveals every form", func(t *testing.T) { signsNothingHidden(t, s, cred) })
	t.Run("binds what it signs", func(t *testing.T) { signsBound(t, s, cred) })
	t.Run("is safe for concurrent use", func(t *testing.T) { signsTogether(t, s, cred) })
}

func signerRequest(t *testing.T) *http.Request {
	t.Helper()
	req, err := http.NewRequest("POST", "https://api.test:8443/a%2Fb/c?z=1&a=%20+&z=2", strings.NewReader("body"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Script", "kept")
	return req
}

func mustSign(t *testing.T, s host.Signer, req *http.Request, cred host.Credential) *http.Request {
	t.Helper()
	if err := s.Sign(req, cred); err != nil {
		t.Fatalf("a complete credential: %v", err)
	}
	return req
}

// wire is everything of a request that a signer may touch.
func wire(req *http.Request) string { return fmt.Sprint(req.URL, " ", req.Header) }

func signsOnly(t *testing.T, s host.Signer, cred host.Credential) {
	req := mustSign(t, s, signerRequest(t), cred)
	u := req.URL
	if req.Method != "POST" || u.Scheme != "https" || u.Host != "api.test:8443" || req.Host != "api.test:8443" || u.User != nil ||
		u.EscapedPath() != "/a%2Fb/c" || req.Header.Get("X-Script") != "kept" {
		t.Errorf("signed into %s %s", req.Method, wire(req))
	}
	if !strings.HasPrefix(strings.ReplaceAll(u.RawQuery, "+", "%20"), "z=1&a=%20%20&z=2") {
		t.Errorf("the script's query became %q", u.RawQuery)
	}
	if b, err := io.ReadAll(req.Body); err != nil || string(b) != "body" {
		t.Errorf("the body became %q, %v", b, err)
	}
	bare := signerRequest(t)
	bare.Header = nil
	mustSign(t, s, bare, cred)
}

func signsOver(t *testing.T, s host.Signer, cred host.Credential) {
	const mine = "of-the-script"
	plain, signed := signerRequest(t), mustSign(t, s, signerRequest(t), cred)
	req := signerRequest(t)
	for name := range signed.Header {
		if plain.Header[name] == nil {
			req.Header[name] = []string{mine, mine}
			req.Header[strings.ToLower(name)] = []string{mine}
		}
	}
	for name := range signed.URL.Query() {
		if !plain.URL.Query().Has(name) {
			req.URL.RawQuery = fmt.Sprintf("%s=%s&%s&%[1]s", name, mine, req.URL.RawQuery)
		}
	}
	if mustSign(t, s, req, cred); strings.Contains(wire(req), mine) {
		t.Errorf("what the script set is still there: %s", wire(req))
	}
	mustSign(t, s, signed, cred)
	for name, values := range signed.Header {
		if len(values) != 1 {
			t.Errorf("signed twice, %s has %d values", name, len(values))
		}
	}
	for name, values := range signed.URL.Query() {
		if !plain.URL.Query().Has(name) && len(values) != 1 {
			t.Errorf("signed twice, %s has %d values", name, len(values))
		}
	}
}

func signsNothingMissing(t *testing.T, s host.Signer, cred host.Credential) {
	for name := range cred.Secret {
		less := cred
		less.Secret = maps.Clone(cred.Secret)
		delete(less.Secret, name)
		req := signerRequest(t)
		before := wire(req)
		err := s.Sign(req, less)
		if host.CodeOf(err) != host.NeedsAuth || !strings.Contains(err.Error(), name) {
			t.Errorf("without %s: got %v, want needs_auth naming it", name, err)
		}
		if wire(req) != before {
			t.Errorf("without %s the request was changed", name)
		}
		if got := s.Reveals(less); len(got) != 0 {
			t.Errorf("without %s it reveals %d forms", name, len(got))
		}
	}
}

func signsNoLineBreak(t *testing.T, s host.Signer, cred host.Credential) {
	for name, secret := range cred.Secret {
		for _, bad := range []string{"\r\nX-Evil: 1", "\n", "\x00", "\x1b[0m", "\x7f"} {
			worse := cred
			worse.Secret = maps.Clone(cred.Secret)
			worse.Secret[name] = host.NewSecret(secret.Reveal() + bad)
			req := signerRequest(t)
			before := wire(req)
			err := s.Sign(req, worse)
			if host.CodeOf(err) != host.Refused {
				t.Errorf("%s with %q: got %v, want refused", name, bad, err)
			} else if strings.Contains(err.Error(), secret.Reveal()) {
				t.Errorf("the error quotes %s", name)
			}
			if wire(req) != before {
				t.Errorf("%s with %q: the request was changed", name, bad)
			}
		}
	}
}

func signsNothingHidden(t *testing.T, s host.Signer, cred host.Credential) {
	plain, signed := signerRequest(t), mustSign(t, s, signerRequest(t), cred)
	r := host.NewRedactor(nil)
	for _, secret := range cred.Secret {
		r.LearnSecret(secret)
	}
	r.Learn(s.Reveals(cred)...)
	for name, values := range signed.Header {
		for _, v := range values {
			// A signature holds nothing of a secret, and stays as it is.
			if seen := r.Text(v); plain.Header[name] == nil && seen != host.Mask && seen != v {
				t.Errorf("the header %s is seen as %q", name, r.Text(v))
			}
		}
	}
	seen := r.Text(wire(signed))
	for name, secret := range cred.Secret {
		if strings.Contains(seen, secret.Reveal()) {
			t.Errorf("the request shows %s", name)
		}
	}
}

// signsBound holds a Binder to its Sign, also where a script has set something.
func signsBound(t *testing.T, s host.Signer, cred host.Credential) {
	b, ok := s.(host.Binder)
	if !ok {
		return
	}
	for name := range cred.Secret {
		less := cred
		less.Secret = maps.Clone(cred.Secret)
		delete(less.Secret, name)
		if b.Bind(less) != nil {
			t.Errorf("without %s it binds", name)
		}
	}
	put := b.Bind(cred)
	if put == nil { // another thing for each request
		return
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 2 {
				want, got := signerRequest(t), signerRequest(t)
				for _, req := range []*http.Request{want, got} {
					req.Header["authorization"] = []string{"of-the-script"}
				}
				mustSign(t, s, want, cred)
				if err := put(got); err != nil || wire(got) != wire(want) {
					t.Errorf("bound %s, signed %s, %v", wire(got), wire(want), err)
				}
			}
		})
	}
	wg.Wait()
}

func signsTogether(t *testing.T, s host.Signer, cred host.Credential) {
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			req := &http.Request{Method: "GET", URL: signerRequest(t).URL, Header: http.Header{}}
			for range 50 {
				if err := s.Sign(req, cred); err != nil {
					t.Error(err)
				}
				s.Reveals(cred)
			}
		})
	}
	wg.Wait()
}
