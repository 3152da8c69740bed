package abi

// A Manifest is everything a connector declares. Unknown keys are refused when
// it is read, and every key that is accepted is used by the host.
type Manifest struct {
	Connhost    int               `json:"connhost"`              // the version of this agreement
	ID          string            `json:"id"`                    // begins with a-z, then a-z, 0-9 and "-"; the name of the file and of the callback's path
	Name        string            `json:"name"`                  // the service's name, for people; printable, no space at its ends
	Version     string            `json:"version"`               // of the connector, as semver.org 2.0.0 says
	Description string            `json:"description,omitempty"` // one sentence for lists
	Category    string            `json:"category,omitempty"`    // what the service is about, one word for lists and searches
	Docs        string            `json:"docs,omitempty"`        // URL of the vendor's page, shown when a credential is asked for
	Logo        *Logo             `json:"logo,omitempty"`        // the letters that stand for the service in lists and on pages
	Auth        Auth              `json:"auth"`                  // how the service is authorized
	Parameters  []Parameter       `json:"parameters,omitempty"`  // what is asked for when a connection is authorized
	Scopes      []Scope           `json:"scopes,omitempty"`      // the permissions that the service offers
	Hosts       []string          `json:"hosts,omitempty"`       // where the credential may go, beside the host of base_url: host or host:port, no wildcards
	BaseURL     string            `json:"base_url,omitempty"`    // an absolute URL without a query; its own host is declared by standing here
	Headers     map[string]string `json:"headers,omitempty"`     // name -> template of what every call carries, unless the call gives that header itself; none is secret
	Test        *Request          `json:"test,omitempty"`        // tells whether a connection works, and by its answer whose it is
	Identity    *Request          `json:"identity,omitempty"`    // tells whose an authorization is
	Choose      *Choose           `json:"choose,omitempty"`      // what an authorization is used with, where its account has several: a site, a tenant
	Revoke      *Revoke           `json:"revoke,omitempty"`      // ends an authorization at the service
	Introspect  *Request          `json:"introspect,omitempty"`  // asks whether a refresh token is active (RFC 7662)
	Refresh     *Refresh          `json:"refresh,omitempty"`     // renews a token
	Retry       *Retry            `json:"retry,omitempty"`       // when a call is sent again
	Rate        *Rate             `json:"rate,omitempty"`        // how fast a connection may call
	Page        *Paging           `json:"page,omitempty"`        // which request brings the next page, for calls and for actions that do not say
	Capture     map[string]string `json:"capture,omitempty"`     // name -> JSON pointer into the token answer, or with the prefix "callback:" into the callback's query; the values are no secrets
	Public      []string          `json:"public,omitempty"`      // pointers, as in capture, that a hook may read
	Actions     []Action          `json:"actions,omitempty"`     // named operations of the service
	Hooks       []string          `json:"hooks,omitempty"`       // the exported ch_ functions, no others

	DataCentres []DataCentre `json:"data_centres,omitempty"` // where the service keeps what it is given; a connection is made for one of them

	RevealSecrets []string `json:"reveal_secrets,omitempty"` // secret parameters, or client_secret, that the code may read when an administrator grants it
	Limits        *Limits  `json:"limits,omitempty"`         // of each hook call, where it needs less than the host allows

	Unverified []string `json:"unverified,omitempty"` // paths of keys, such as auth.pkce, whose values nobody has tried at the service; shown to whoever uses it
}

// Auth types that the host knows.
const (
	AuthNone    = "none"
	AuthBasic   = "basic"
	AuthAPIKey  = "api_key"
	AuthBearer  = "bearer"
	AuthDigest  = "digest"  // RFC 7616
	AuthJWT     = "jwt"     // a JSON Web Token signed for each call, RFC 7519
	AuthSession = "session" // a log-in gives a session, which each call shows
	AuthSigV4   = "sigv4"   // AWS Signature Version 4
	AuthOAuth1  = "oauth1"  // OAuth 1.0a, RFC 5849
	AuthOAuth2  = "oauth2"
	AuthCustom  = "custom" // by the sign hook alone
)

// Auth says how a service is authorized.
//
// An api_key, bearer, oauth2 or jwt credential is one text, put where In and
// Name say. Value is the template of that text: {key} for api_key, "Bearer
// {token}" for bearer, "Bearer {access_token}" for oauth2, "Bearer {jwt}" for
// jwt, unless given; outside of a header they stand without their scheme. A
// basic or digest credential is the templates Username and Password ({username},
// {password} unless given); one that is given as an empty text is empty. See
// ValueTemplate and its neighbours.
type Auth struct {
	Type     string `json:"type"`               // how the credential is made and where it goes
	In       string `json:"in,omitempty"`       // where the credential goes
	Name     string `json:"name,omitempty"`     // of the header or query parameter
	Value    string `json:"value,omitempty"`    // the template of the credential
	Username string `json:"username,omitempty"` // the template of the user name; given as "" it is empty
	Password string `json:"password,omitempty"` // the template of the password; given as "" it is empty

	Also []Placement `json:"also,omitempty"` // more texts of the credential, each at its place

	Algorithm string            `json:"algorithm,omitempty"` // what a token is signed with (RFC 7518 section 3.1)
	Key       string            `json:"key,omitempty"`       // the template of the key: PEM, or any text for HS256 and its kind
	KeyCode   string            `json:"key_code,omitempty"`  // what the key's bytes are written in, for HS256 and its kind
	Header    map[string]string `json:"header,omitempty"`    // name -> template of the token's header, beside alg and typ
	Claims    map[string]string `json:"claims,omitempty"`    // name -> template of the token's claims; iat and exp are the host's, {random} is new each time
	Lifetime  int               `json:"lifetime,omitempty"`  // seconds that a token lives
	Service   string            `json:"service,omitempty"`   // the template of the AWS service that requests are signed for
	Services  map[string]string `json:"services,omitempty"`  // host -> the AWS service that requests to it are signed for, where that is another
	Region    string            `json:"region,omitempty"`    // the template of the AWS region

	Request         *Request `json:"request,omitempty"`          // the request for a temporary token (RFC 5849 section 2.1); without it the client signs for itself alone
	SignatureMethod string   `json:"signature_method,omitempty"` // how requests are signed (RFC 5849 section 3.4); with RSA-SHA1 the client secret is a private key as PEM
	Realm           string   `json:"realm,omitempty"`            // the template of what is named in the header of each request
	Login           *Request `json:"login,omitempty"`            // the request that gives a session; its answer's access names where that stands

	Grant           string   `json:"grant,omitempty"`             // how a token is got: by a person's consent, in a browser (RFC 6749 section 4.1) or on another device (RFC 8628), or without a person
	Issuer          string   `json:"issuer,omitempty"`            // the authorization server, whose metadata tells the URLs that are not given here (RFC 8414)
	Authorize       *Request `json:"authorize,omitempty"`         // where the person is sent (RFC 6749 section 4.1.1); state and PKCE are the host's
	Token           *Request `json:"token,omitempty"`             // the token request (RFC 6749 section 4.1.3)
	Device          *Request `json:"device,omitempty"`            // the request for a code that the person enters on another device (RFC 8628 section 3.1)
	PAR             *Request `json:"par,omitempty"`               // the request that takes the parameters of authorize before the browser comes (RFC 9126)
	ClientAuth      string   `json:"client_auth,omitempty"`       // how the client authenticates at the token endpoint; none is a public client
	Proof           string   `json:"proof,omitempty"`             // how whoever sends a token proves that it is theirs: by a key (RFC 9449), or by the client's certificate (RFC 8705 section 3)
	PKCE            string   `json:"pkce,omitempty"`              // none where the service refuses it (RFC 7636)
	ScopeSeparator  string   `json:"scope_separator,omitempty"`   // what stands between two scopes
	ClientIDPattern string   `json:"client_id_pattern,omitempty"` // RE2, against the whole client id
	LoopbackAnyPort bool     `json:"loopback_any_port,omitempty"` // the service takes any port of 127.0.0.1 (RFC 8252 section 7.3)

	Assertion       *Assertion `json:"assertion,omitempty"`        // what the grant jwt_bearer presents
	ClientAssertion *Assertion `json:"client_assertion,omitempty"` // what a client_auth of a JWT says beyond RFC 7523 section 3, or another algorithm
}

// An Assertion is a JSON Web Token that the host signs for a token request (RFC
// 7523). That of a client is signed with its secret.
type Assertion struct {
	Algorithm string            `json:"algorithm,omitempty"` // what it is signed with (RFC 7518 section 3.1)
	Key       string            `json:"key,omitempty"`       // the template of the key: PEM, or any text for HS256 and its kind
	Header    map[string]string `json:"header,omitempty"`    // name -> template of its header, beside alg and typ
	Claims    map[string]string `json:"claims,omitempty"`    // name -> template of its claims; iat and exp are the host's, {random} is new each time
	Lifetime  int               `json:"lifetime,omitempty"`  // seconds that it lives
}

// How a client authenticates at the token endpoint, RFC 6749 section 2.3.1.
// It is never probed.
const (
	ClientAuthBasic = "basic" // unless given
	ClientAuthBody  = "body"
	ClientAuthNone  = "none" // a public client: the id only

	// A JWT takes the place of the secret (RFC 7523 section 2.2). The client's
	// secret signs it: a private key as PEM, or the text for an HMAC.
	ClientAuthPrivateKey = "private_key_jwt"
	ClientAuthSecretKey  = "client_secret_jwt"
	// The client shows a certificate (RFC 8705 section 2): its secret is that
	// with its private key, as PEM.
	ClientAuthMTLS = "mtls"
)

// What auth.proof may say.
const (
	ProofDPoP = "dpop"
	ProofMTLS = "mtls"
)

// What auth.key_code may say.
const (
	CodeText   = "text" // unless given
	CodeHex    = "hex"
	CodeBase64 = "base64" // RFC 4648 section 4
)

// What auth.signature_method may say.
const (
	HMACSHA1   = "HMAC-SHA1" // unless given
	HMACSHA256 = "HMAC-SHA256"
	RSASHA1    = "RSA-SHA1"
	PlainText  = "PLAINTEXT"
)

// Where a credential stands in a request.
const (
	InHeader = "header" // unless given
	InQuery  = "query"
	InForm   = "form" // of a request with a form
	InPath   = "path" // before the path of the URL
)

// A Placement is one more text of a credential and where it goes. It is left
// out of a request where it comes out empty.
type Placement struct {
	In    string `json:"in,omitempty"` // where it goes
	Name  string `json:"name"`         // of the header or parameter
	Value string `json:"value"`        // the template of the text
}

// What auth.grant may say.
const (
	GrantCode     = "authorization_code" // unless given
	GrantClient   = "client_credentials"
	GrantDevice   = "device_code"    // RFC 8628
	GrantJWT      = "jwt_bearer"     // RFC 7523 section 2.1
	GrantExchange = "token_exchange" // RFC 8693
)

// What auth.pkce may say, RFC 7636.
const (
	PKCES256 = "S256" // unless given
	PKCENone = "none" // the service refuses it
)

// What revoke.token may say.
const (
	RevokeAccess  = "access"
	RevokeRefresh = "refresh"
)

// A Request is the template of any request that a manifest describes, with
// pointers into its answer. Texts are templates: {name} is a parameter,
// {name|fallback} one with a fallback.
//
// For a token request the parameters of RFC 6749 are the default. They go
// where the manifest puts its own: into JSON when that is given, into the
// query when Method is GET, into the form otherwise. A parameter given here
// replaces the default of that name; an empty text removes it.
type Request struct {
	Method  string            `json:"method,omitempty"`  // in upper case
	URL     string            `json:"url,omitempty"`     // an absolute URL; url or path, not both
	Path    string            `json:"path,omitempty"`    // a path below base_url
	Query   map[string]string `json:"query,omitempty"`   // name -> template
	Headers map[string]string `json:"headers,omitempty"` // name -> template
	Form    map[string]string `json:"form,omitzero"`     // name -> template; form or json, and neither with GET
	JSON    Body              `json:"json,omitzero"`     // an object, a list or one text; every text in it is a template
	Answer  *Answer           `json:"answer,omitempty"`  // JSON pointers into the answer
}

// An Answer holds JSON pointers (RFC 6901) into the answer of a Request; an
// empty one means the default. Which of them a request may name depends on
// what it is for: token and refresh the first seven, identity and test Key, Label
// and Error, an action Error.
type Answer struct {
	Access           string `json:"access,omitempty"`             // the access token; for a log-in the session, also as "header:/NAME" or "cookie:/NAME"
	Refresh          string `json:"refresh,omitempty"`            // the refresh token
	ExpiresIn        string `json:"expires_in,omitempty"`         // the access token's life in seconds
	Scope            string `json:"scope,omitempty"`              // the granted scopes, a text or a list
	TokenType        string `json:"token_type,omitempty"`         // the token's type
	RefreshExpiresIn string `json:"refresh_expires_in,omitempty"` // the refresh token's life in seconds
	Error            string `json:"error,omitempty"`              // where it is present, and neither false, null, 0 nor empty, the request was refused, whatever the status
	Key              string `json:"key,omitempty"`                // the account's stable key
	Label            string `json:"label,omitempty"`              // the account's name for people
}

// Refresh is the request that renews a token (RFC 6749 section 6) and the
// rules of the service for it. Without a URL the token request's is used.
type Refresh struct {
	Request
	Rotation string `json:"rotation,omitempty"` // none: the same refresh token stays valid and may be presented again
	Grace    int    `json:"grace,omitempty"`    // seconds for which a replaced refresh token still works
	Margin   int    `json:"margin,omitempty"`   // seconds before its end at which a token is renewed
	Lifetime int    `json:"lifetime,omitempty"` // seconds to assume where the answer does not say
	Status   int    `json:"status,omitempty"`   // of an answer that says that the token has ended, beside 401
	Idle     int    `json:"idle,omitempty"`     // seconds after which a refresh token that is not used dies
	Life     int    `json:"life,omitempty"`     // seconds from the person's consent after which an authorization dies, where the answer does not say
}

// Retry says when a call that failed in passing is sent again, within the time
// that one call has. Only what may arrive twice is: GET, HEAD, OPTIONS, PUT and
// DELETE, and everything that carries an idempotency key.
type Retry struct {
	Attempts          int    `json:"attempts,omitempty"`           // how often a call is sent at most; 1 is never again
	Statuses          []int  `json:"statuses,omitempty"`           // of answers after which a call is sent again
	IdempotencyHeader string `json:"idempotency_header,omitempty"` // the header by which the service knows a call again; the host makes a key for each call that may not arrive twice
	After             string `json:"after,omitempty"`              // where an answer tells how long to wait or until when, beside the header Retry-After: a JSON pointer, or "header:/NAME"
}

// Rate says how fast the calls of one connection may follow each other. One
// that comes too early waits for its turn, within the time that it has.
type Rate struct {
	Calls      int `json:"calls,omitempty"`      // how many may begin in "seconds"
	Seconds    int `json:"seconds,omitempty"`    // the time in which "calls" may begin
	Burst      int `json:"burst,omitempty"`      // how many may begin at once after a rest
	Concurrent int `json:"concurrent,omitempty"` // how many may be under way at once
}

// Paging says which request brings the next page of an answer: one of Next,
// Cursor, Last, Offset and Number.
type Paging struct {
	Next      string `json:"next,omitempty"`      // where the URL of the next page stands: a JSON pointer, or "header:/NAME"; in the header Link it is the one with rel=next (RFC 8288)
	Cursor    string `json:"cursor,omitempty"`    // where the text stands that names the next page: a JSON pointer, or "header:/NAME"
	Last      string `json:"last,omitempty"`      // where in the last item of a page the text stands that the next one follows, such as its id: a JSON pointer into the item
	Parameter string `json:"parameter,omitempty"` // what that text is sent as
	Offset    string `json:"offset,omitempty"`    // the parameter that says how many items come before the page
	Number    string `json:"number,omitempty"`    // the parameter that holds the number of the page
	First     *int   `json:"first,omitempty"`     // the number of the first page
	Limit     string `json:"limit,omitempty"`     // the parameter that says how many items a page may hold
	Size      int    `json:"size,omitempty"`      // how many items a page holds; one with fewer is the last
	Items     string `json:"items,omitempty"`     // a JSON pointer to the list of items; a page without any is the last
	More      string `json:"more,omitempty"`      // a JSON pointer to what is false on the last page
	Max       int    `json:"max,omitempty"`       // the most pages that are asked for
}

// Choose is the request for what an authorization may be used with, such as the
// sites of an account. One of them is chosen after the authorization, and its
// values are known to templates from then on, as captured ones are.
type Choose struct {
	Request
	What    string            `json:"what"`              // what is chosen, in a word for people
	Items   string            `json:"items,omitempty"`   // a JSON pointer to the list of choices
	Single  bool              `json:"single,omitempty"`  // there is one choice: an object instead of a list
	Only    map[string]string `json:"only,omitempty"`    // pointer into a choice -> the text that stands there; others are none
	Key     string            `json:"key"`               // a pointer into a choice: what names it, and stays the same
	Label   string            `json:"label,omitempty"`   // a pointer into a choice: its name for people
	Default string            `json:"default,omitempty"` // a pointer into a choice: to what is true for the one that is taken unless another is chosen
	Values  map[string]string `json:"values"`            // name -> pointer into a choice; the values are no secrets
}

// RotationNone says that a service gives the same refresh token again.
const RotationNone = "none"

// Revoke is the request that ends an authorization at the service. RFC 7009
// is its default: POST token and token_type_hint as a form.
type Revoke struct {
	Request
	Token string `json:"token,omitempty"` // which token is presented
}

// A Parameter is one field that is asked for when a connection is authorized.
type Parameter struct {
	Key      string   `json:"key"`                // a letter, then letters, digits and "_"
	Label    string   `json:"label,omitempty"`    // what the field is called
	Help     string   `json:"help,omitempty"`     // what a person should know to fill it
	Required bool     `json:"required,omitempty"` // set also where the credential, a host or an authorization URL needs the value
	Default  string   `json:"default,omitempty"`  // not for a secret
	Pattern  string   `json:"pattern,omitempty"`  // RE2, against the whole value
	Enum     []string `json:"enum,omitempty"`     // the values that are allowed
	Secret   bool     `json:"secret,omitempty"`   // sealed, masked, and never in a URL
	Kind     string   `json:"kind,omitempty"`     // host: a whole host name with an optional port, set by an administrator, and a declared host from then on; number, boolean, json (an object or a list) and path (segments of a path, with the slashes between them) are for actions

	VisibleWhen map[string]OneOf `json:"visible_when,omitempty"` // parameter further up -> the value, or a list of values, with which this one is asked for; of several all must hold
}

// A DataCentre is a place where a service keeps what it is given. A connection
// that is made for it takes its values for the parameters that it names, and
// nobody is asked for them.
type DataCentre struct {
	Name   string            `json:"name"`             // what --data-centre takes
	Region string            `json:"region,omitempty"` // whose law holds there; held against the residency that the operator declares
	Label  string            `json:"label,omitempty"`  // what it is called, for people
	Values map[string]string `json:"values,omitempty"` // parameter -> its value; none is secret
}

// An Action is a named operation of the service: a request whose templates may
// name the connection's parameters and the action's own. One without a URL and
// a path is done by the hook "action".
type Action struct {
	Name string `json:"name"`           // a-z, then a-z, 0-9 and "_"
	Text string `json:"text,omitempty"` // what it does, for people
	Request
	Parameters []Parameter `json:"parameters,omitempty"` // what the caller gives; never secret
	Scopes     []OneOf     `json:"scopes,omitempty"`     // oauth2: those of the manifest that it needs; of an item that is a list, one
	Page       *Paging     `json:"page,omitempty"`       // which request brings the next page of its answer
	Spread     string      `json:"spread,omitempty"`     // the parameter of kind json whose members are parameters of the request too: in json, in form, else in the query
}

// Limits are what one call of a hook may use. A key that is not given, or that
// asks for more than the operator allows, means the operator's limit.
type Limits struct {
	Time      string `json:"time,omitempty"`       // such as 500ms, without waiting for the network
	Memory    string `json:"memory,omitempty"`     // such as 16MB
	Output    string `json:"output,omitempty"`     // such as 1MB
	Fuel      int64  `json:"fuel,omitempty"`       // units of work, the same from run to run
	HTTPCalls int    `json:"http_calls,omitempty"` // requests of one call of the hook "action"
}

// KindText is what a parameter is unless its kind is given.
const KindText = "text"

// Kinds of an action's parameter that stand in a JSON body as what they are,
// where they are all of a member's template.
const (
	KindNumber  = "number"
	KindBoolean = "boolean"
	KindJSON    = "json" // an object or a list; its text is JSON
)

// KindPath is that of an action's parameter that stands for segments of a path:
// its slashes stay what they are.
const KindPath = "path"

// Typed says whether the value of a parameter is another in JSON than its text.
func (p Parameter) Typed() bool {
	return p.Kind == KindNumber || p.Kind == KindBoolean || p.Kind == KindJSON
}

// KindHost marks a parameter that holds a host name with an optional port. It
// belongs to the connection and becomes a declared host (design rule 12).
const KindHost = "host"

// A Logo is one or two letters in white on a colour: a mark of our own, and no
// trademark. What is not given is made of the connector's id.
type Logo struct {
	Text  string `json:"text,omitempty"`  // one or two letters or digits
	Color string `json:"color,omitempty"` // such as #0f5ec4; dark enough for white letters
}

// A Scope is one permission that a service offers. In a manifest it is an
// object, or its name alone.
type Scope struct {
	Name     string `json:"name"`               // as it is sent to the service
	Text     string `json:"text,omitempty"`     // what it permits, for people
	Required bool   `json:"required,omitempty"` // it cannot be left out
}

// Hooks that this host calls, by what they do. All but action are pure: JSON
// in, JSON out.
const (
	HookAuthorize = "authorize" // what the authorization URL asks for
	HookCallback  = "callback"  // verify the callback and capture from it
	HookToken     = "token"     // parse a token answer
	HookSign      = "sign"      // what to add to a request that is about to leave
	HookPrepare   = "prepare"   // an action and its parameters -> a request
	HookRespond   = "respond"   // a response -> a result or a typed error
	HookPage      = "page"      // a response -> the request of the next page
	HookTest      = "test"      // the test call's response -> ok and account
	HookAction    = "action"    // an action, by requests of its own
)

// Hooks lists the names of all.
func Hooks() []string {
	return []string{
		HookAuthorize, HookCallback, HookToken, HookSign, HookPrepare, HookRespond, HookPage, HookTest, HookAction,
	}
}
