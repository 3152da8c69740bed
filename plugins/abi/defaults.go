package abi

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// DPoPKey is the name under which the key of an authorization's proofs (RFC
// 9449) is kept with its secret parameters.
const DPoPKey = "dpop_key"

// The secret parameters of a connector of oauth1 without request: a token that
// the service shows to a person, and its secret.
const (
	PastedToken  = "token"
	PastedSecret = "token_secret"
)

// SessionName is what templates call the session of a log-in.
const SessionName = "session"

// EmptyText is the template of no text. It stands for a user name or password
// that a manifest gives as an empty text, because leaving them out means their
// default. No parameter may be called none.
const EmptyText = "{none|}"

// ValueTemplate is the template of an api_key, bearer or oauth2 credential.
func (a Auth) ValueTemplate() string {
	if a.Value != "" {
		return a.Value
	}
	scheme := "Bearer "
	if a.Place() != InHeader {
		scheme = ""
	}
	switch a.Type {
	case AuthAPIKey:
		return "{key}"
	case AuthBearer:
		return scheme + "{token}"
	case AuthOAuth2:
		if a.Proof == ProofDPoP && scheme != "" {
			scheme = "DPoP "
		}
		return scheme + "{access_token}"
	case AuthJWT:
		return scheme + "{jwt}"
	case AuthSession:
		return "{session}"
	}
	return ""
}

// named says whether the credential is a user name and a password.
func (a Auth) named() bool { return slices.Contains(named, a.Type) }

// KeyTemplate is the template of what signs a jwt.
func (a Auth) KeyTemplate() string {
	if a.Type != AuthJWT {
		return ""
	}
	return cmp.Or(a.Key, "{private_key}")
}

// JWT is the token that the auth type jwt sends.
func (a Auth) JWT() Assertion {
	return Assertion{Algorithm: a.Algorithm, Key: a.KeyTemplate(), Header: a.Header, Claims: a.Claims, Lifetime: a.Lifetime}
}

// Bearer is the token that the grant jwt_bearer presents.
func (a Auth) Bearer() Assertion {
	if a.Assertion == nil {
		return Assertion{}
	}
	t := *a.Assertion
	t.Algorithm, t.Key = cmp.Or(t.Algorithm, "RS256"), cmp.Or(t.Key, "{private_key}")
	return t
}

// ClientToken is the token that a client authenticates with. Its key is the
// client's secret.
func (a Auth) ClientToken() Assertion {
	var t Assertion
	if a.ClientAssertion != nil {
		t = *a.ClientAssertion
	}
	standard := "RS256"
	if a.ClientAuth == ClientAuthSecretKey {
		standard = "HS256"
	}
	t.Algorithm = cmp.Or(t.Algorithm, standard)
	return t
}

// Life is how long the token lives.
func (t Assertion) Life() time.Duration { return time.Duration(cmp.Or(t.Lifetime, 300)) * time.Second }

// Random says whether the token is another one each time, since it holds
// {random}.
func (t Assertion) Random() bool {
	return names(slices.Concat(slices.Collect(maps.Values(t.Header)), slices.Collect(maps.Values(t.Claims))), "random")
}

// RegionTemplate is the template of a sigv4 credential's region.
func (a Auth) RegionTemplate() string {
	if a.Type != AuthSigV4 {
		return ""
	}
	return cmp.Or(a.Region, "{region}")
}

// ServiceTemplate is the template of the service that a sigv4 credential signs
// requests for, at hosts that Services does not name.
func (a Auth) ServiceTemplate() string {
	if a.Type != AuthSigV4 {
		return ""
	}
	return a.Service
}

// UsernameTemplate is the template of a basic credential's user name.
func (a Auth) UsernameTemplate() string {
	if !a.named() {
		return ""
	}
	return cmp.Or(a.Username, "{username}")
}

// PasswordTemplate is the template of a basic credential's password.
func (a Auth) PasswordTemplate() string {
	if !a.named() {
		return ""
	}
	return cmp.Or(a.Password, "{password}")
}

// sendsText says whether the credential is one text that goes to In and Name.
func (a Auth) sendsText() bool {
	return slices.Contains(placed, a.Type)
}

// SignatureMethodOr is how requests of oauth1 are signed.
func (a Auth) SignatureMethodOr() string { return cmp.Or(a.SignatureMethod, HMACSHA1) }

// Place is where the credential goes: InHeader, InQuery, InForm or InPath.
func (a Auth) Place() string { return cmp.Or(a.In, InHeader) }

// Place is where the text goes: InHeader, InQuery or InForm.
func (p Placement) Place() string { return cmp.Or(p.In, InHeader) }

// PlaceName is the name of the header or parameter that the credential goes
// to.
func (a Auth) PlaceName() string {
	if a.Name == "" && a.Place() == InHeader {
		return "Authorization"
	}
	return a.Name
}

// CredentialHeaders are the headers that the credential goes to, beside those
// that a hook may add.
func (m Manifest) CredentialHeaders() []string {
	var names []string
	a := m.Auth
	switch a.Type {
	case AuthNone, AuthCustom:
	case AuthBasic, AuthDigest, AuthOAuth1, AuthSigV4:
		names = append(names, "Authorization")
	default:
		if a.Place() == InHeader {
			names = append(names, a.PlaceName())
		}
	}
	if a.Proof == ProofDPoP {
		names = append(names, "DPoP")
	}
	for _, p := range a.Also {
		if p.Place() == InHeader {
			names = append(names, p.Name)
		}
	}
	return names
}

// PKCE says whether an authorization sends a code challenge.
func (m Manifest) PKCE() bool { return m.Auth.PKCE != PKCENone }

// ClientAuth is how the client authenticates at the token endpoint.
func (m Manifest) ClientAuth() string { return cmp.Or(m.Auth.ClientAuth, ClientAuthBasic) }

// ScopeSeparator stands between two scopes.
func (m Manifest) ScopeSeparator() string { return cmp.Or(m.Auth.ScopeSeparator, " ") }

// Margin is how long before its expiry a token is renewed.
func (m Manifest) Margin() time.Duration {
	if m.Refresh == nil || m.Refresh.Margin == 0 {
		return 30 * time.Second
	}
	return time.Duration(m.Refresh.Margin) * time.Second
}

// Lifetime is how long a token lives whose answer does not say; 0 means that
// nothing is assumed.
func (m Manifest) Lifetime() time.Duration {
	if m.Refresh == nil {
		return 0
	}
	return time.Duration(m.Refresh.Lifetime) * time.Second
}

// Mints says whether the next token is got as the first one was, without a
// person and without a refresh token.
func (m Manifest) Mints() bool {
	switch m.Auth.Type {
	case AuthSession:
		return true
	case AuthOAuth2:
		return slices.Contains([]string{GrantClient, GrantJWT, GrantExchange}, m.Auth.GrantOr())
	}
	return false
}

// Renews says whether the auth type has tokens that can be renewed.
func (m Manifest) Renews() bool { return slices.Contains(renewed, m.Auth.Type) }

// NeedsClient says whether a connection has a client credential.
func (m Manifest) NeedsClient() bool {
	switch m.Auth.Type {
	case AuthOAuth1:
		return true
	case AuthOAuth2:
		return !m.Mints() || m.ClientAuth() != ClientAuthNone
	}
	return false
}

// ByBrowser says whether a person can authorize in a browser that comes back.
func (m Manifest) ByBrowser() bool {
	switch m.Auth.Type {
	case AuthOAuth1:
		return m.Auth.Authorize != nil
	case AuthOAuth2:
		return m.Auth.GrantOr() == GrantCode
	}
	return false
}

// ByDevice says whether a person can authorize on another device, by a code. An
// issuer alone may turn out to have no such way.
func (m Manifest) ByDevice() bool {
	return m.Auth.Type == AuthOAuth2 && (m.Auth.GrantOr() == GrantDevice || m.Auth.Device != nil || m.ByBrowser() && m.Auth.Issuer != "")
}

// Ended says whether the status of an answer means that the token has ended.
func (m Manifest) Ended(status int) bool {
	return status == 401 || m.Refresh != nil && m.Refresh.Status == status
}

// Idle is how long a refresh token lives that is not used; 0 means that nothing
// is known.
func (m Manifest) Idle() time.Duration {
	if m.Refresh == nil {
		return 0
	}
	return time.Duration(m.Refresh.Idle) * time.Second
}

// Life is how long an authorization lives at most, from the person's consent,
// where the answer does not say; 0 means that nothing is known.
func (m Manifest) Life() time.Duration {
	if m.Refresh == nil {
		return 0
	}
	return time.Duration(m.Refresh.Life) * time.Second
}

// Grace is how long a replaced refresh token still works.
func (m Manifest) Grace() time.Duration {
	if m.Refresh == nil {
		return 0
	}
	return time.Duration(m.Refresh.Grace) * time.Second
}

// refreshExpiresIn is where services write how long a refresh token lives. RFC
// 6749 has no word for it.
var refreshExpiresIn = []string{"/refresh_token_expires_in", "/refresh_expires_in", "/x_refresh_token_expires_in"}

// RefreshExpiresPointers are where an answer may say how long its refresh token
// lives: the first that is there counts.
func (a Answer) RefreshExpiresPointers() []string {
	if a.RefreshExpiresIn != "" {
		return []string{a.RefreshExpiresIn}
	}
	return slices.Clone(refreshExpiresIn)
}

// GrantOr is how a token is got.
func (a Auth) GrantOr() string { return cmp.Or(a.Grant, GrantCode) }

// Rotates says whether a refresh token must never be presented twice. Where
// there is none, nothing is lost by asking twice.
func (m Manifest) Rotates() bool {
	if m.Mints() {
		return false
	}
	return m.Refresh == nil || m.Refresh.Rotation != RotationNone
}

// TokenAnswer has the pointers into the answer of the token request.
func (m Manifest) TokenAnswer() Answer {
	var given Answer
	for _, r := range []*Request{m.Auth.Token, m.Auth.Login} {
		if r != nil && r.Answer != nil {
			given = *r.Answer
		}
	}
	return given.or(Answer{
		Access: "/access_token", Refresh: "/refresh_token", ExpiresIn: "/expires_in",
		Scope: "/scope", TokenType: "/token_type", Error: "/error",
	})
}

// RefreshAnswer has the pointers into the answer of a refresh: those of the
// token request, unless the manifest gives others.
func (m Manifest) RefreshAnswer() Answer {
	var given Answer
	if m.Refresh != nil && m.Refresh.Answer != nil {
		given = *m.Refresh.Answer
	}
	return given.or(m.TokenAnswer())
}

// or fills the empty pointers of a with those of b.
func (a Answer) or(b Answer) Answer {
	return Answer{
		Access: cmp.Or(a.Access, b.Access), Refresh: cmp.Or(a.Refresh, b.Refresh),
		ExpiresIn: cmp.Or(a.ExpiresIn, b.ExpiresIn), Scope: cmp.Or(a.Scope, b.Scope),
		TokenType: cmp.Or(a.TokenType, b.TokenType), RefreshExpiresIn: cmp.Or(a.RefreshExpiresIn, b.RefreshExpiresIn), Error: cmp.Or(a.Error, b.Error),
		Key: cmp.Or(a.Key, b.Key), Label: cmp.Or(a.Label, b.Label),
	}
}
