package oauth

import (
	"net/http"
	"net/url"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/jwt"
	"github.com/connhost/connhost/plugins/abi"
)

// newProof makes the key of an authorization's proofs (RFC 9449) and its
// thumbprint.
func newProof(t host.FlowTarget) (host.Secret, string, error) {
	key, err := jwt.NewProofKey()
	if err != nil {
		return key, "", err
	}
	t.Redactor.LearnSecret(key)
	thumbprint, err := jwt.Thumbprint(key)
	return key, thumbprint, err
}

// prove signs the proof of a token request.
func (c *Client) prove(key host.Secret) func(*http.Request) error {
	return func(req *http.Request) error {
		proof, err := jwt.Proof{Key: key, Method: req.Method, URL: req.URL, Nonce: c.nonces.Get(req.URL)}.Sign(c.clock.At(req.URL))
		req.Header.Set("DPoP", proof)
		return err
	}
}

// wantsNonce keeps the nonce of an answer and says whether the answer asks for
// nothing but that (RFC 9449 section 8): the grant was not used.
func (c *Client) wantsNonce(t host.FlowTarget, u *url.URL, code string, h http.Header) bool {
	return t.Connector.Manifest.Auth.Proof == abi.ProofDPoP && c.nonces.Learn(u, h) && code == "use_dpop_nonce"
}
