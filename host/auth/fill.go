package auth

import (
	"crypto/rand"
	"errors"
	"maps"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// presence is what a template asks of its parameters.
type presence int

const (
	needed       presence = iota // an empty value is a missing one
	mayBeEmpty                   // a value must be there, and may be empty
	mayHoldLines                 // needed, and not sent as it is: PEM has lines
)

// fill puts a credential's values into a template. It does not quote them in
// its errors, it names the parameter.
func fill(cred host.Credential, template string, p presence) (string, error) {
	text, err := abi.Expand(template, func(place abi.Place) (string, error) {
		s, ok := lookup(cred, place, p)
		if !ok {
			return "", host.Errorf(host.NeedsAuth, "the connection has no value for the parameter %q", place.Name).
				WithHint("authorize the connection")
		}
		if p != mayHoldLines && control(s) {
			return "", host.Errorf(host.Refused, "the parameter %q holds a line break or another control character", place.Name).
				WithHint("authorize the connection again and paste the value without them")
		}
		return s, nil
	})
	if _, ours := errors.AsType[*host.Error](err); err != nil && !ours {
		return "", host.Errorf(host.Failed, "the connector's auth is not a template").Because(err)
	}
	if err == nil && p != mayHoldLines && control(text) {
		return "", host.Errorf(host.Failed, "the connector's auth holds a control character")
	}
	return text, err
}

func lookup(cred host.Credential, place abi.Place, p presence) (string, bool) {
	if s := cred.Params[place.Name]; s != "" {
		return s, true
	}
	if s := cred.Secret[place.Name]; !s.Empty() {
		return s.Reveal(), true
	}
	if place.HasFall {
		return place.Fallback, true
	}
	_, param := cred.Params[place.Name]
	_, secret := cred.Secret[place.Name]
	return "", p == mayBeEmpty && (param || secret)
}

// control finds what cannot stand in a header (RFC 9110 section 5.5) or in a
// Basic pair (RFC 7617 section 2).
func control(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] == 0x7f {
			return true
		}
	}
	return false
}

// fillAll fills a map of templates. {random} is a new value of 128 bits.
func fillAll(cred host.Credential, templates map[string]string) (map[string]string, error) {
	if len(templates) == 0 {
		return nil, nil
	}
	cred.Params = maps.Clone(cred.Params)
	if cred.Params == nil {
		cred.Params = map[string]string{}
	}
	cred.Params["random"] = rand.Text()
	out := map[string]string{}
	for name, template := range templates {
		text, err := fill(cred, template, mayBeEmpty)
		if err != nil {
			return nil, err
		}
		out[name] = text
	}
	return out, nil
}
