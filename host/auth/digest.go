package auth

import (
	"net/http"
	"strings"

	"github.com/icholy/digest"

	"github.com/connhost/connhost/host"
)

// digestAuth is RFC 7616. A request goes out plain first; the service's refusal
// holds the challenge that the next attempt answers. No challenge is kept from
// one call to the next.
type digestAuth struct{}

var _ host.Answerer = digestAuth{}

// Sign takes away what a script put into the credential's header: the first
// attempt carries none.
func (digestAuth) Sign(req *http.Request, cred host.Credential) error {
	if _, _, err := digestPair(cred); err != nil {
		return err
	}
	dropHeader(req, "Authorization")
	return nil
}

// Reveals lists nothing: the password is never sent.
func (digestAuth) Reveals(host.Credential) []string { return nil }

// Answer takes the first challenge that can be answered, in the service's order
// (RFC 7616 section 3.7).
func (digestAuth) Answer(resp *http.Response, cred host.Credential) host.Signer {
	if resp.StatusCode != http.StatusUnauthorized {
		return nil
	}
	for _, text := range resp.Header.Values("WWW-Authenticate") {
		c, err := digest.ParseChallenge(text)
		if err == nil && digest.CanDigest(c) {
			return digestAnswer{challenge: *c}
		}
	}
	return nil
}

// digestAnswer signs one attempt with a challenge.
type digestAnswer struct{ challenge digest.Challenge }

func (d digestAnswer) Sign(req *http.Request, cred host.Credential) error {
	user, password, err := digestPair(cred)
	if err != nil {
		return err
	}
	c, err := digest.Digest(&d.challenge, digest.Options{
		Method: req.Method, URI: req.URL.RequestURI(), GetBody: req.GetBody, Count: 1, Username: user, Password: password,
	})
	if err != nil {
		return host.Errorf(host.Unavailable, "the service asks for a kind of digest that cannot be made").Because(err)
	}
	setHeader(req, "Authorization", c.String())
	return nil
}

func (digestAnswer) Reveals(host.Credential) []string { return nil }

func digestPair(cred host.Credential) (user, password string, err error) {
	if user, err = fill(cred, cred.Auth.UsernameTemplate(), mayBeEmpty); err != nil {
		return "", "", err
	}
	password, err = fill(cred, cred.Auth.PasswordTemplate(), mayBeEmpty)
	return user, password, err
}

// dropHeader takes a header away in whatever case it was written.
func dropHeader(req *http.Request, name string) {
	for have := range req.Header {
		if strings.EqualFold(have, name) {
			delete(req.Header, have)
		}
	}
}
