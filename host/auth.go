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

// A Binder is a Signer that puts the same on every request, and can work out
// once what that is.
type Binder interface {
	Signer
	// Bind gives what does to a request what Sign does with this credential; nil
	// where that is another thing for each, or an error. Safe for concurrent use.
	Bind(cred Credential) func(*http.Request) error
}

// An Answerer is a Signer whose service refuses first and says how to sign
// (RFC 7616).
type Answerer interface {
	Signer
	// Answer reads a refusal and gives the Signer of one more attempt, or nil
	// where the service asks for nothing that could be answered.
	Answer(resp *http.Response, cred Credential) Signer
}

// A Refresher renews and ends what a service gave: one for each auth type whose
// credential dies. It presents a grant once a call and stores nothing.
type Refresher interface {
	// Refresh presents a refresh token, or gets the next token as the first one
	// was got where the manifest says so. Its error is a *TokenError whose
	// Class decides what may follow. Beside an error, of a Flow's Exchange too,
	// Tokens may hold a refresh token and nothing else: it stood in an answer
	// that cannot be used otherwise, and is saved in place of the one presented.
	Refresh(ctx context.Context, t FlowTarget, refresh Secret) (Tokens, error)
	// Revoke ends a token at the service.
	Revoke(ctx context.Context, t FlowTarget, tokens Secrets) error
}

// A Flow is a Refresher whose first tokens come by a person's consent in a
// browser: one for OAuth 2, one for OAuth 1.0a.
type Flow interface {
	Refresher
	// Begin makes the URL that the person opens, with PKCE and state. The
	// Verifier is empty where the manifest turns PKCE off.
	Begin(ctx context.Context, t FlowTarget, redirectURI string, scopes []string) (Begun, error)
	// Code takes the grant out of a callback's query, or says why there is
	// none. It is called after the state was checked.
	Code(t FlowTarget, query url.Values, verifier Secret) (string, error)
	// Exchange swaps a code for tokens.
	Exchange(ctx context.Context, t FlowTarget, code, redirectURI string, verifier Secret) (Tokens, error)
}

// A DeviceFlow is a Refresher whose first tokens come by a person's consent on
// another device (RFC 8628).
type DeviceFlow interface {
	Refresher
	// Device asks for a code that the person enters.
	Device(ctx context.Context, t FlowTarget, scopes []string) (DeviceCode, error)
	// Poll asks once whether the person has consented. Its error is a
	// *TokenError; one of the class TokenNotUsed means: ask again.
	Poll(ctx context.Context, t FlowTarget, code DeviceCode) (Tokens, error)
}

// An Introspector asks a service whether a token is active, without presenting
// it as a grant (RFC 7662).
type Introspector interface {
	// Active reports whether a refresh token is. Its error says that the service
	// did not tell.
	Active(ctx context.Context, t FlowTarget, refresh Secret) (bool, error)
}

// A Discoverer reads the metadata of a service (RFC 8414).
type Discoverer interface {
	// Discover gives the endpoints of the connector's issuer, none where the
	// manifest names no issuer.
	Discover(ctx context.Context, t FlowTarget) (Endpoints, error)
}

// Endpoints are URLs of an authorization server. An empty one is taken from
// the manifest.
type Endpoints struct {
	Issuer     string `json:"issuer,omitempty"`
	Authorize  string `json:"authorize,omitempty"`
	Token      string `json:"token,omitempty"`
	Device     string `json:"device,omitempty"`
	PAR        string `json:"par,omitempty"`
	Revoke     string `json:"revoke,omitempty"`
	Introspect string `json:"introspect,omitempty"`
	// NamesIssuer says that every callback names the issuer (RFC 9207).
	NamesIssuer bool `json:"names_issuer,omitempty"`
}

// A DeviceCode is what the person enters and where. Code is the process's own.
type DeviceCode struct {
	Code     Secret
	UserCode string
	URL      string
	WholeURL string // with the code in it; empty where the service gives none
	Expires  time.Time
	Interval time.Duration     // between two polls
	Params   map[string]Secret // kept with the secret parameters
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
	Endpoints    Endpoints
	Scopes       []string          // that a client asks for itself
	Query        map[string]string // of the authorization URL, over the manifest's: what its hook gave
	Redactor     *Redactor         // learns what the flow sends and receives
}

// A Begun flow waits for its callback. Only the person's browser sees URL;
// State and Verifier, what the flow needs again at the end, are for the window.
type Begun struct {
	URL       string
	State     Secret
	Verifier  Secret
	Expires   time.Time         // of URL, where the service says so
	Endpoints Endpoints         // Authorize and Token are set
	Params    map[string]Secret // kept with the secret parameters
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
