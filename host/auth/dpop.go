package auth

import (
	"net/http"
	"strings"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/jwt"
	"github.com/connhost/connhost/plugins/abi"
)

// oauth2 sends an access token and, where the manifest asks for it, the proof
// that it is the sender's (RFC 9449 section 7).
type oauth2 struct {
	value
	clock  host.Clock
	nonces *jwt.Nonces
}

var _ host.Answerer = oauth2{}

// Sign puts the token at its place and the proof beside it.
func (s oauth2) Sign(req *http.Request, cred host.Credential) error {
	if cred.Auth.Proof != abi.ProofDPoP {
		return s.value.Sign(req, cred)
	}
	key := cred.Secret[abi.DPoPKey]
	if key.Empty() {
		return host.Errorf(host.NeedsAuth, "the connection has no key to prove that its token is its own").
			WithHint("authorize the connection again")
	}
	proof, err := jwt.Proof{
		Key: key, Method: req.Method, URL: req.URL, Token: cred.Secret["access_token"].Reveal(), Nonce: s.nonces.Get(req.URL),
	}.Sign(s.clock.At(req.URL))
	if err != nil {
		return err
	}
	if err := s.value.Sign(req, cred); err != nil {
		return err
	}
	setHeader(req, "DPoP", proof)
	return nil
}

// Bind binds a token that is sent without a proof.
func (s oauth2) Bind(cred host.Credential) func(*http.Request) error {
	if cred.Auth.Proof == abi.ProofDPoP {
		return nil
	}
	return s.value.Bind(cred)
}

// Answer takes the nonce that any answer of a service gives for the next request
// (RFC 9449 section 8.2), and the one that a refusal asks for (section 9).
func (s oauth2) Answer(resp *http.Response, cred host.Credential) host.Signer {
	if cred.Auth.Proof != abi.ProofDPoP || resp.Request == nil || !s.nonces.Learn(resp.Request.URL, resp.Header) {
		return nil
	}
	asked := strings.Contains(strings.Join(resp.Header.Values("WWW-Authenticate"), ","), "use_dpop_nonce")
	if !asked || resp.StatusCode != http.StatusUnauthorized {
		return nil
	}
	return s
}
