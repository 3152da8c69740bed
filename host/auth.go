package host

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/connhost/connhost/plugins/abi"
)

// A Credential is what a Signer puts on a request: the manifest's auth rules
// and the values that they name. It lives for one call.
type Credential struct {
	Auth   abi.Auth
	Params map[string]string // those that are not secret
	Secret map[string]Secret // the secret ones; oauth2 adds access_token
}

// A Signer puts a connection's credential on an outgoing request. There is
// one for each auth type.
type Signer interface {
	// Sign changes the request's headers or URL. It refuses a credential that
	// is incomplete or cannot be sent as it is.
	Sign(req *http.Request, cred Credential) error
	// Reveals lists every form in which the credential goes over the wire
	// beyond its plain values, such as the Basic pair, for the redactor.
	Reveals(cred Credential) []string
}

// An Answerer is a Signer whose service refuses first and says how to sign
// (RFC 7616).
type Answerer interface {
	Signer
	// Answer reads a refusal and gives the Signer of one more attempt, or nil
	// where the service asks for nothing that could be answered.
	Answer(resp *http.Response, cred Credential) Signer
}

// A Flow gets tokens from a service: one for OAuth 2, one for OAuth 1.0a. It sends exactly one
// request a call, never repeats one, and stores nothing.
type Flow interface {
	// Begin makes the URL that the person opens, with PKCE and state. The
	// Verifier is empty where the manifest turns PKCE off.
	Begin(ctx context.Context, t FlowTarget, redirectURI string, scopes []string) (Begun, error)
	// Code takes the grant out of a callback's query, or says why there is
	// none. It is called after the state was checked.
	Code(query url.Values, verifier Secret) (string, error)
	// Exchange swaps a code for tokens.
	Exchange(ctx context.Context, t FlowTarget, code, redirectURI string, verifier Secret) (Tokens, error)
	// Refresh presents a refresh token. Its error is a *TokenError whose
	// Class decides what may follow. Beside an error, of Exchange too, Tokens
	// may hold a refresh token and nothing else: it stood in an answer that
	// cannot be used otherwise, and is saved in place of the one presented.
	Refresh(ctx context.Context, t FlowTarget, refresh Secret) (Tokens, error)
	// Revoke ends a token at the service.
	Revoke(ctx context.Context, t FlowTarget, tokens Secrets) error
}

// A FlowTarget is who a flow talks to: the connector, the client and the
// values of its templates. The endpoints are taken from the manifest, unless
// they were fixed at begin.
type FlowTarget struct {
	Connector    Connector
	ClientID     string
	ClientSecret Secret
	Params       map[string]string
	Secret       map[string]Secret
	AuthURL      string // fixed at begin; empty: from the manifest
	TokenURL     string
	Scopes       []string          // that a client asks for itself
	Query        map[string]string // of the authorization URL, over the manifest's: what its hook gave
	Redactor     *Redactor         // learns what the flow sends and receives
}

// A Begun flow waits for its callback. Only the person's browser sees URL;
// State and Verifier, what the flow needs again at the end, are for the window.
type Begun struct {
	URL      string
	State    Secret
	Verifier Secret
	AuthURL  string
	TokenURL string
}

// Tokens are what a token answer gave.
type Tokens struct {
	Access  Secret
	Refresh Secret // empty: the answer had none
	// Expires is zero when the answer does not say and the manifest assumes
	// nothing.
	Expires time.Time
	// RefreshExpires is when the refresh token dies; zero when the answer does
	// not say.
	RefreshExpires time.Time
	Scopes         []string          // nil: the answer does not say, which means as asked
	Capture        map[string]string // the manifest's capture
	Params         map[string]Secret // more that is kept with the secret parameters
	// Warning is for the record: tokens that are good although something was
	// not, such as a token hook that failed. Empty: nothing.
	Warning string
}

// A TokenClass is one of the ways in which a token request fails. What may
// follow is decided by it alone (security.md, "Refresh").
type TokenClass string

const (
	TokenFatal   TokenClass = "fatal"    // invalid_grant, invalid_client, unauthorized_client
	TokenNotUsed TokenClass = "not_used" // no byte was written, or an answer says so: may be presented again
	TokenUnknown TokenClass = "unknown"  // everything else: never again while anything is left to lose
)

// A TokenError is a failed token request. Msg never quotes the answer.
type TokenError struct {
	Class      TokenClass
	Code       string // the service's error code when it is a known one
	Msg        string
	RetryAfter time.Duration // of a 429; 0 when it does not say
	Err        error         // for the log, already redacted
}

// Error is the sentence.
func (e *TokenError) Error() string { return e.Msg }

// Unwrap gives the cause.
func (e *TokenError) Unwrap() error { return e.Err }
