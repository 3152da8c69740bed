package auth

import (
	"net/http"
	"strings"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// value sends one text where the manifest's auth says, and the texts that go
// beside it: an API key, a bearer token (RFC 6750 section 2.1), an access token
// of OAuth 2.
type value struct{}

var _ host.Binder = value{}

// Sign puts each text at its place. What a script put there goes.
func (value) Sign(req *http.Request, cred host.Credential) error {
	put, err := putter(cred)
	if err != nil {
		return err
	}
	return put(req)
}

// Bind fills the texts.
func (value) Bind(cred host.Credential) func(*http.Request) error {
	put, err := putter(cred)
	if err != nil {
		return nil
	}
	return put
}

// putter gives what puts the texts of a credential at their places.
func putter(cred host.Credential) (func(*http.Request) error, error) {
	text, err := valueText(cred)
	if err != nil {
		return nil, err
	}
	list, err := texts(cred)
	if err != nil {
		return nil, err
	}
	place, name := cred.Auth.Place(), cred.Auth.PlaceName()
	return func(req *http.Request) error {
		if err := put(req, place, name, text); err != nil {
			return err
		}
		return putAll(req, cred, list)
	}, nil
}

// Reveals lists the whole texts.
func (value) Reveals(cred host.Credential) []string {
	text, err := valueText(cred)
	if err != nil {
		return nil
	}
	return withAlso(cred, text)
}

// withAlso adds the texts beside the main one that hold a secret; nothing where
// one of them cannot be filled.
func withAlso(cred host.Credential, list ...string) []string {
	all, err := texts(cred)
	if err != nil {
		return nil
	}
	for i, text := range all {
		places, _ := abi.Places(cred.Auth.Also[i].Value)
		for _, p := range places {
			if !cred.Secret[p.Name].Empty() {
				list = append(list, text)
				break
			}
		}
	}
	return list
}

func valueText(cred host.Credential) (string, error) {
	text, err := fill(cred, cred.Auth.ValueTemplate(), needed)
	if err == nil && text == "" {
		err = host.Errorf(host.NeedsAuth, "the connection has no credential to send")
	}
	return text, err
}

// setHeader replaces a header in whatever case it was written.
func setHeader(req *http.Request, name, text string) {
	for have := range req.Header {
		if strings.EqualFold(have, name) {
			delete(req.Header, have)
		}
	}
	if req.Header == nil {
		req.Header = http.Header{}
	}
	req.Header.Set(name, text)
}
