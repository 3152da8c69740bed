package abi

import "slices"

// Which secrets go out as they are, and which only sign.

// SendsSecret says whether the client's secret itself goes to the service, and is
// not only the key of what goes there: by the way in which the client
// authenticates, or because a request names it.
func (m Manifest) SendsSecret() bool {
	switch m.Auth.Type {
	case AuthOAuth1:
		return m.Auth.SignatureMethodOr() == PlainText
	case AuthOAuth2:
		kind := m.ClientAuth()
		return m.NeedsClient() && (kind == ClientAuthBasic || kind == ClientAuthBody || m.namesClientSecret())
	}
	return false
}

func (m Manifest) namesClientSecret() bool {
	return slices.ContainsFunc(m.ownRequests(), func(r *Request) bool { return r != nil && names(r.texts(), "client_secret") })
}

// ClientKey says whether the client's secret is a private key, which nobody but
// the host has a use for.
func (m Manifest) ClientKey() bool {
	switch m.Auth.Type {
	case AuthOAuth1:
		return m.Auth.SignatureMethodOr() == RSASHA1
	case AuthOAuth2:
		return m.ClientAuth() == ClientAuthPrivateKey || m.ClientAuth() == ClientAuthMTLS
	}
	return false
}

// SentKeys are the secret parameters with which tokens are signed, and that are
// sent as they are all the same, because a request or the credential names them.
func (m Manifest) SentKeys() []string {
	requests := append(m.ownRequests(), m.Auth.Login, m.Test, m.Identity)
	if m.Choose != nil {
		requests = append(requests, &m.Choose.Request)
	}
	for i := range m.Actions {
		requests = append(requests, &m.Actions[i].Request)
	}
	sent := m.secretsIn(m.Auth.shown())
	for _, r := range requests {
		sent = append(sent, m.SecretsOf(r)...)
	}
	keys := m.secretsIn([]string{m.Auth.KeyTemplate(), m.Auth.Bearer().Key})
	return slices.DeleteFunc(keys, func(name string) bool { return !slices.Contains(sent, name) })
}

// SecretsShown are the secret parameters that each call shows, sorted.
func (m Manifest) SecretsShown() []string { return m.secretsIn(m.Auth.shown()) }

// SecretsOf are the secret parameters that a request sends, sorted; nil gives
// none.
func (m Manifest) SecretsOf(r *Request) []string {
	if r == nil {
		return nil
	}
	return m.secretsIn(r.texts())
}

func (m Manifest) secretsIn(templates []string) []string {
	var list []string
	for _, f := range m.Fields() {
		if f.Secret && names(templates, f.Key) {
			list = append(list, f.Key)
		}
	}
	slices.Sort(list)
	return list
}

// shown are the templates of what a call shows of the credential.
func (a Auth) shown() []string { return append(a.sent(), a.UsernameTemplate(), a.PasswordTemplate()) }

// ownRequests are those that get, end or ask after a token of oauth2; some are
// nil.
func (m Manifest) ownRequests() []*Request {
	requests := []*Request{m.Auth.Token, m.Auth.Device, m.Auth.PAR, m.Introspect}
	if m.Refresh != nil {
		requests = append(requests, &m.Refresh.Request)
	}
	if m.Revoke != nil {
		requests = append(requests, &m.Revoke.Request)
	}
	return requests
}
