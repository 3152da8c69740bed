package oauth_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/jwt"
	"github.com/connhost/connhost/host/oauth"
	"github.com/connhost/connhost/plugins/abi"
)

// A reply is one answer of a script of them.
type reply struct {
	status int
	header http.Header
	body   string
	lost   bool // written, and no answer
	unsent bool // nothing was written
}

// A script answers calls in turn, the last one for ever, and keeps what it was
// sent. As egress does, it lets the call sign each request.
type script struct {
	mu      sync.Mutex
	replies []reply
	forms   []string
	proofs  []map[string]any
	headers []http.Header
}

func (s *script) egress(t testing.TB) egressFunc {
	return func(call host.Call) (*http.Response, error) {
		req := &http.Request{Method: call.Method, URL: call.URL, Header: call.Header.Clone()}
		if err := call.Sign(req); err != nil {
			return nil, err
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		r := s.replies[min(len(s.headers), len(s.replies)-1)]
		s.headers = append(s.headers, req.Header)
		if call.Body != nil {
			var got sent
			last := call
			_, _ = record(&got, &last)(call)
			s.forms = append(s.forms, got.body)
		}
		if text := req.Header.Get("DPoP"); text != "" {
			s.proofs = append(s.proofs, proved(t, text))
		}
		*call.Wrote = !r.unsent
		if r.unsent || r.lost {
			return nil, errors.New("the connection broke")
		}
		return canned(r.status, r.header, r.body)(call)
	}
}

// proved is what a proof says, once it is verified.
func proved(t testing.TB, text string) (claims map[string]any) {
	t.Helper()
	signed, err := jose.ParseSigned(text, []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		t.Fatal(err)
	}
	payload, err := signed.Verify(signed.Signatures[0].Header.JSONWebKey)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(payload, &claims); err != nil {
		t.Fatal(err)
	}
	return claims
}

// boundTarget is an authorization with a key of its own.
func boundTarget(t testing.TB) host.FlowTarget {
	t.Helper()
	m := manifest("https://acme.test")
	m.Auth.Proof = abi.ProofDPoP
	to := target(m)
	key, err := jwt.NewProofKey()
	if err != nil {
		t.Fatal(err)
	}
	to.Secret = map[string]host.Secret{abi.DPoPKey: key}
	return to
}

func nonce(text string) http.Header {
	return http.Header{"Content-Type": {"application/json"}, "Dpop-Nonce": {text}}
}

const (
	wantsNonce = `{"error":"use_dpop_nonce"}`
	boundPair  = `{` + pair + `,"token_type":"DPoP"}`
)

// RFC 9449 section 8: a refusal that asks for a nonce used nothing, so the token
// is presented again at once, one time, with it; whatever comes then counts.
func TestNonceOfATokenRequest(t *testing.T) {
	asked := reply{status: 400, header: nonce("n1"), body: wantsNonce}
	for name, c := range map[string]struct {
		replies  []reply
		requests int
		class    host.TokenClass // empty: tokens
	}{
		"done":               {[]reply{{status: 200, body: boundPair}}, 1, ""},
		"asked once":         {[]reply{asked, {status: 200, body: boundPair}}, 2, ""},
		"asked for ever":     {[]reply{asked}, 2, host.TokenNotUsed},
		"another each time":  {[]reply{asked, {status: 400, header: nonce("n2"), body: wantsNonce}}, 2, host.TokenNotUsed},
		"asked by 401":       {[]reply{{status: 401, header: nonce("n1"), body: wantsNonce}, {status: 200, body: boundPair}}, 2, ""},
		"asked without one":  {[]reply{{status: 400, body: wantsNonce}}, 1, host.TokenNotUsed},
		"with quotes":        {[]reply{{status: 400, header: nonce(`n"1`), body: wantsNonce}}, 1, host.TokenNotUsed},
		"of 2 MB":            {[]reply{{status: 400, header: nonce(strings.Repeat("n", 2<<20)), body: wantsNonce}}, 1, host.TokenNotUsed},
		"with a line break":  {[]reply{{status: 400, header: nonce("n1\r\nHost: evil.test"), body: wantsNonce}}, 1, host.TokenNotUsed},
		"another refusal":    {[]reply{{status: 400, header: nonce("n1"), body: `{"error":"invalid_dpop_proof"}`}}, 1, host.TokenUnknown},
		"the grant is dead":  {[]reply{{status: 400, header: nonce("n1"), body: `{"error":"invalid_grant"}`}}, 1, host.TokenFatal},
		"then lost":          {[]reply{asked, {lost: true}}, 2, host.TokenUnknown},
		"then not sent":      {[]reply{asked, {unsent: true}}, 2, host.TokenNotUsed},
		"then broken":        {[]reply{asked, {status: 500, body: "{}"}}, 2, host.TokenUnknown},
		"then half":          {[]reply{asked, {status: 200, body: `{"access_tok`}}, 2, host.TokenUnknown},
		"then dead":          {[]reply{asked, {status: 400, body: `{"error":"invalid_grant"}`}}, 2, host.TokenFatal},
		"asked in two ways":  {[]reply{{status: 400, header: nonce("n1"), body: `{"error":"use_dpop_nonce","error":"invalid_grant"}`}}, 1, host.TokenUnknown},
		"a nonce and tokens": {[]reply{{status: 200, header: nonce("n1"), body: boundPair}}, 1, ""},
	} {
		s := &script{replies: c.replies}
		tokens, err := oauth.New(s.egress(t), nil, host.Clock{Now: clock}).Refresh(t.Context(), boundTarget(t), host.NewSecret(oldRefresh))
		if len(s.forms) != c.requests {
			t.Errorf("%s: %d requests, want %d", name, len(s.forms), c.requests)
		}
		switch {
		case c.class == "" && (err != nil || tokens.Refresh.Reveal() != "refresh-token-two"):
			t.Errorf("%s: %v", name, err)
		case c.class != "" && tokenError(t, err).Class != c.class:
			t.Errorf("%s: %s (%v), want %s", name, tokenError(t, err).Class, err, c.class)
		}
		if len(s.proofs) == 2 && (s.proofs[0]["nonce"] != nil || s.proofs[1]["nonce"] != "n1" || s.proofs[0]["jti"] == s.proofs[1]["jti"] || s.forms[0] != s.forms[1]) {
			t.Errorf("%s: proofs %v of %v", name, s.proofs, s.forms)
		}
		if p := s.proofs[0]; p["htm"] != "POST" || p["htu"] != "https://acme.test/token" || p["ath"] != nil {
			t.Errorf("%s: %v", name, p)
		}
	}
}

// Many authorizations at one service: a nonce that one of them has learned
// meanwhile does not leave the others refused. The newest serves the next
// request of all, whichever answer told it.
func TestNonceIsShared(t *testing.T) {
	var mu sync.Mutex
	current, asked := "n1", 0
	var both sync.WaitGroup
	both.Add(2)
	c := oauth.New(egressFunc(func(call host.Call) (*http.Response, error) {
		req := &http.Request{Method: call.Method, URL: call.URL, Header: call.Header.Clone()}
		if err := call.Sign(req); err != nil {
			return nil, err
		}
		said := proved(t, req.Header.Get("DPoP"))["nonce"]
		mu.Lock()
		now := current
		if said != now {
			asked++
		}
		first := said == nil && asked <= 2
		mu.Unlock()
		if first { // neither is answered before both have asked
			both.Done()
			both.Wait()
		}
		if said != now {
			return canned(400, nonce(now), wantsNonce)(call)
		}
		mu.Lock()
		defer mu.Unlock()
		current += "x"
		return canned(200, nonce(current), boundPair)(call)
	}), nil, host.Clock{Now: clock})
	var two sync.WaitGroup
	for range 2 {
		two.Go(func() {
			if _, err := c.Refresh(t.Context(), boundTarget(t), host.NewSecret(oldRefresh)); err != nil && tokenError(t, err).Class != host.TokenNotUsed {
				t.Error(err)
			}
		})
	}
	two.Wait()
	before := asked
	if _, err := c.Refresh(t.Context(), boundTarget(t), host.NewSecret(oldRefresh)); err != nil || asked != before {
		t.Errorf("the next nonce was not taken from an answer with tokens: asked %d times more, %v", asked-before, err)
	}
}

// Two that are told of the same nonce at once both go again.
func TestNonceThatAnotherLearned(t *testing.T) {
	var both sync.WaitGroup
	both.Add(2)
	c := oauth.New(egressFunc(func(call host.Call) (*http.Response, error) {
		req := &http.Request{Method: call.Method, URL: call.URL, Header: call.Header.Clone()}
		if err := call.Sign(req); err != nil {
			return nil, err
		}
		if proved(t, req.Header.Get("DPoP"))["nonce"] == nil {
			both.Done()
			both.Wait()
			return canned(400, nonce("n1"), wantsNonce)(call)
		}
		return canned(200, nil, boundPair)(call)
	}), nil, host.Clock{Now: clock})
	var two sync.WaitGroup
	for range 2 {
		two.Go(func() {
			if _, err := c.Refresh(t.Context(), boundTarget(t), host.NewSecret(oldRefresh)); err != nil {
				t.Error(err)
			}
		})
	}
	two.Wait()
}

// A token of another kind than was asked for cannot be sent, and nothing of its
// answer is lost.
func TestBearerWhereDPoPIsWanted(t *testing.T) {
	for text, ok := range map[string]bool{`"DPoP"`: true, `"dpop"`: true, `null`: true, `"Bearer"`: false, `"N_A"`: false, `7`: false} {
		s := &script{replies: []reply{{status: 200, body: `{` + pair + `,"token_type":` + text + `}`}}}
		tokens, err := oauth.New(s.egress(t), nil, host.Clock{Now: clock}).Refresh(t.Context(), boundTarget(t), host.NewSecret(oldRefresh))
		if (err == nil) != ok || tokens.Refresh.Reveal() != "refresh-token-two" || len(s.forms) != 1 {
			t.Errorf("%s: %v, refresh token kept %v", text, err, tokens.Refresh.Reveal() == "refresh-token-two")
		}
		if !ok && (tokenError(t, err).Class != host.TokenUnknown || !tokens.Access.Empty()) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// An authorization that has lost its key cannot be renewed, now or later: it
// says so, and the refresh token is not shown to anybody.
func TestTokenRequestWithoutItsKey(t *testing.T) {
	to := boundTarget(t)
	to.Secret = nil
	s := &script{replies: []reply{{status: 200, body: boundPair}}}
	_, err := oauth.New(s.egress(t), nil, host.Clock{Now: clock}).Refresh(t.Context(), to, host.NewSecret(oldRefresh))
	if e := tokenError(t, err); e.Class != host.TokenFatal || !strings.Contains(e.Msg, "has no key to prove") || len(s.headers) != 0 {
		t.Errorf("%s: %v after %d requests", e.Class, err, len(s.headers))
	}
}

// What a client gets for itself may be bound to a key too: a new one, where the
// authorization has none, is given with the tokens.
func TestMintedKeyIsGiven(t *testing.T) {
	to := boundTarget(t)
	key := to.Secret[abi.DPoPKey]
	to.Connector.Manifest.Auth.Grant = abi.GrantClient
	c := oauth.New((&script{replies: []reply{{status: 200, body: boundPair}}}).egress(t), nil, host.Clock{Now: clock})
	tokens, err := c.Refresh(t.Context(), to, host.Secret{})
	if err != nil || len(tokens.Params) != 0 {
		t.Errorf("with a key: %v, %d keys", err, len(tokens.Params))
	}
	to.Secret = map[string]host.Secret{}
	tokens, err = c.Refresh(t.Context(), to, host.Secret{})
	made := tokens.Params[abi.DPoPKey]
	if err != nil || made.Empty() || made.Reveal() == key.Reveal() || len(to.Secret) != 0 {
		t.Errorf("without: %v, %v", err, tokens.Params)
	}
	if text := fmt.Sprintf("%+v", tokens); strings.Contains(text, "PRIVATE KEY") || to.Redactor.Text(made.Reveal()) == made.Reveal() {
		t.Error("the key is printed, or not known to be secret")
	}
}
