package auth

import (
	"encoding/base64"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/connhost/connhost/host"
)

// basic is RFC 7617: the user name and password as UTF-8, joined by a colon,
// in base64.
type basic struct{}

var _ host.Signer = basic{}

// Sign sets Authorization.
func (basic) Sign(req *http.Request, cred host.Credential) error {
	pair, err := basicPair(cred)
	if err != nil {
		return err
	}
	list, err := texts(cred)
	if err != nil {
		return err
	}
	setHeader(req, "Authorization", basicText(pair))
	return putAll(req, cred, list)
}

// Reveals lists the pair in clear and encoded.
func (basic) Reveals(cred host.Credential) []string {
	pair, err := basicPair(cred)
	if err != nil {
		return nil
	}
	text := basicText(pair)
	return withAlso(cred, pair, strings.TrimPrefix(text, "Basic "), text)
}

// basicPair is user-id ":" password, RFC 7617 section 2. The colon that is
// first ends the user-id, so it cannot hold one.
func basicPair(cred host.Credential) (string, error) {
	user, err := fill(cred, cred.Auth.UsernameTemplate(), mayBeEmpty)
	if err != nil {
		return "", err
	}
	password, err := fill(cred, cred.Auth.PasswordTemplate(), mayBeEmpty)
	if err != nil {
		return "", err
	}
	if strings.Contains(user, ":") {
		return "", host.Errorf(host.Refused, "a user name with a colon cannot be sent as Basic").
			WithHint("authorize the connection again with another user name")
	}
	pair := user + ":" + password
	if !utf8.ValidString(pair) {
		return "", host.Errorf(host.Refused, "a user name or password that is not UTF-8 cannot be sent as Basic")
	}
	return pair, nil
}

func basicText(pair string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(pair))
}
