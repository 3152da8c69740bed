package jwt

import (
	"crypto"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// A Verified token is what its signature vouches for.
type Verified struct {
	Header map[string]any
	Claims map[string]any
}

// leeway is how far two clocks may differ (RFC 7519 section 4.1.4).
const leeway = time.Minute

// Verify reads a token as a service does that knows the key: its signature with
// exactly this algorithm, and its times, of which exp must be there. The key is
// the one that signs, of which a private one lends its public half: those who
// verify here made it up. The errors quote nothing of the token.
func Verify(algorithm, key, text string, now time.Time) (Verified, error) {
	with, err := signingKey(algorithm, key)
	if err != nil {
		return Verified{}, err
	}
	if signer, ok := with.(crypto.Signer); ok {
		with = signer.Public()
	}
	token, err := jwt.ParseSigned(text, []jose.SignatureAlgorithm{jose.SignatureAlgorithm(algorithm)})
	if err != nil {
		return Verified{}, fmt.Errorf("it is no token that is signed with %s", algorithm)
	}
	v := Verified{Header: headerOf(token.Headers[0])}
	var times jwt.Claims
	if err := token.Claims(with, &v.Claims, &times); err != nil {
		return v, errors.New("its signature is wrong")
	}
	return v, inTime(times, now)
}

func headerOf(h jose.Header) map[string]any {
	out := map[string]any{"alg": h.Algorithm}
	if h.KeyID != "" {
		out["kid"] = h.KeyID
	}
	for name, v := range h.ExtraHeaders {
		out[string(name)] = v
	}
	return out
}

func inTime(c jwt.Claims, now time.Time) error {
	switch {
	case c.Expiry == nil:
		return errors.New("it does not say when it ends")
	case now.After(c.Expiry.Time().Add(leeway)):
		return errors.New("it has expired")
	case c.IssuedAt != nil && c.IssuedAt.Time().After(now.Add(leeway)):
		return errors.New("it is issued in the future")
	}
	return nil
}

// Verify reads a proof of possession (RFC 9449 section 4.3): that it is of this
// method, URL and token, and made now. It gives the thumbprint of its key and its
// id, which must not be used twice. Of the Proof Key and Nonce are not used.
func (p Proof) Verify(text string, now time.Time) (thumbprint, id string, err error) {
	token, err := jwt.ParseSigned(text, []jose.SignatureAlgorithm{proofAlgorithm})
	if err != nil {
		return "", "", errors.New("it is no proof")
	}
	key := token.Headers[0].JSONWebKey
	if key == nil || !key.IsPublic() || token.Headers[0].ExtraHeaders["typ"] != "dpop+jwt" {
		return "", "", errors.New("it is no proof with its public key")
	}
	var said struct {
		ID     string           `json:"jti"`
		Method string           `json:"htm"`
		URL    string           `json:"htu"`
		Issued *jwt.NumericDate `json:"iat"`
		Token  string           `json:"ath"`
	}
	if err := token.Claims(key, &said); err != nil {
		return "", "", errors.New("its signature is wrong")
	}
	switch {
	case said.Method != p.Method || said.URL != bareURL(p.URL).String():
		return "", "", errors.New("it is for another request")
	case said.ID == "" || said.Issued == nil || now.Sub(said.Issued.Time()).Abs() > 5*leeway:
		return "", "", errors.New("it is not of now")
	case p.Token != "" && said.Token != hashOf(p.Token):
		return "", "", errors.New("it is for another token")
	}
	sum, err := key.Thumbprint(crypto.SHA256)
	return base64.RawURLEncoding.EncodeToString(sum), said.ID, err
}

// bareURL is a URL as proofs name it: without query and fragment (RFC 9449
// section 4.2).
func bareURL(u *url.URL) *url.URL {
	bare := *u
	bare.RawQuery, bare.ForceQuery, bare.Fragment, bare.RawFragment = "", false, "", ""
	return &bare
}

func hashOf(token string) string {
	sum := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
