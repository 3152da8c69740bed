package auth

import (
	"net/http"
	"strings"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// value sends one text in a header or in a query parameter, as the manifest's
// auth says: an API key, a bearer token (RFC 6750 section 2.1), an access
// token of OAuth 2.
type value struct{}

var _ host.Signer = value{}

// Sign sets the header or the query parameter. What a script put there goes.
func (value) Sign(req *http.Request, cred host.Credential) error {
	text, err := valueText(cred)
	if err != nil {
		return err
	}
	if cred.Auth.Place() == abi.InQuery {
		host.SetQuery(req.URL, cred.Auth.PlaceName(), text)
	} else {
		setHeader(req, cred.Auth.PlaceName(), text)
	}
	return nil
}

// Reveals lists the whole text.
func (value) Reveals(cred host.Credential) []string {
	text, err := valueText(cred)
	if err != nil {
		return nil
	}
	return []string{text}
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
