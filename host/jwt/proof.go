package jwt

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"net/url"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/connhost/connhost/host"
)

// proofAlgorithm is one that every service with DPoP knows.
const proofAlgorithm = "ES256"

// NewProofKey makes a key for the proofs of one authorization, as PEM.
func NewProofKey() (host.Secret, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return host.Secret{}, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return host.Secret{}, err
	}
	return host.NewSecret(string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))), nil
}

// A Proof says what a request proves (RFC 9449 section 4.2).
type Proof struct {
	Key    host.Secret // of NewProofKey
	Method string
	URL    *url.URL // its query and fragment are left out
	Token  string   // the access token that is sent with it; empty for a token request
	Nonce  string   // that the service gave; may be empty
}

// Sign gives the proof as text.
func (p Proof) Sign(now time.Time) (string, error) {
	key, err := signingKey(proofAlgorithm, p.Key.Reveal())
	if err != nil {
		return "", err
	}
	claims := map[string]any{"jti": rand.Text(), "htm": p.Method, "htu": bareURL(p.URL).String(), "iat": now.Unix()}
	if p.Token != "" {
		claims["ath"] = hashOf(p.Token)
	}
	if p.Nonce != "" {
		claims["nonce"] = p.Nonce
	}
	return sign(proofAlgorithm, key, (&jose.SignerOptions{EmbedJWK: true}).WithType("dpop+jwt"), claims)
}

// Thumbprint names the key of proofs (RFC 7638), as dpop_jkt wants it.
func Thumbprint(key host.Secret) (string, error) {
	signer, err := host.ParsePrivateKey([]byte(key.Reveal()))
	if err != nil {
		return "", err
	}
	sum, err := (&jose.JSONWebKey{Key: signer.Public()}).Thumbprint(crypto.SHA256)
	return base64.RawURLEncoding.EncodeToString(sum), err
}
