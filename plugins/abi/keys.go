package abi

import (
	"regexp"
	"slices"
	"strings"
)

// A Key says about one key of a manifest what its Go type and its comment do
// not. The validator, the JSON Schema and MANIFEST.md read this one table, so
// a rule stands here and nowhere else as far as it can be said in data.
type Key struct {
	Name   string
	Needed bool     // wherever it belongs
	For    []string // the auth types that it belongs to; all unless given

	Words       []string // the only values of a text, or of the items of a list
	Later       []string // words of the full agreement that this host does not take yet
	Pattern     string   // of a whole text, of each item or of each value; RE2 and ECMA-262 read it alike
	NamePattern string   // of the names in an object with free names
	MinLength   int      // characters of a text or an item
	MaxLength   int      // characters of a text; of the names in an object with free names
	MaxItems    int      // of a list or an object with free names
	Unique      bool     // no item stands twice
	Min, Max    int      // of a number

	Default   string // as it is written in a manifest
	Otherwise string // the default in words, where it is no one value
	Example   string // as it is written in a manifest
}

// An Object is a type of objects in a manifest.
type Object struct {
	Name   string   // of its Go type
	Keys   []Key    // in the order of the Go type; those of what it embeds are its own
	Later  []string // keys of the full agreement that this host does not use yet
	OrText bool     // a text may stand in its place, which is its first key
}

// Objects are all types of objects in a manifest, the manifest first.
func Objects() []Object { return objects }

// Patterns that more than one rule uses.
const (
	namePattern    = `[a-zA-Z][a-zA-Z0-9_]*` // of a parameter or a captured value
	pointerPattern = `(/([^~/]|~[01])*)+`    // RFC 6901 section 3; the pointer to a whole document is of no use here
	shownPattern   = `(callback:/[^/]+|` + pointerPattern + `)`
	accessPattern  = `((header|cookie):/[^/]+|` + pointerPattern + `)`
	afterPattern   = `(header:/[^/]+|` + pointerPattern + `)`
	sizePattern    = `[1-9][0-9]*(KB|MB|GB)`
	regionPattern  = `[a-zA-Z0-9][a-zA-Z0-9_-]*`
	linePattern    = `[^\x00-\x1f\x7f]+`
	tokenPattern   = "[A-Za-z0-9!#$%&'*+.^_`|~-]+" // RFC 9110 section 5.6.2

	// semver.org 2.0.0: three numbers, a pre-release, a build.
	number         = `(0|[1-9][0-9]*)`
	preIdentifier  = `(0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*)`
	identifier     = `[0-9a-zA-Z-]+`
	versionPattern = number + `\.` + number + `\.` + number +
		`(-` + preIdentifier + `(\.` + preIdentifier + `)*)?` + `(\+` + identifier + `(\.` + identifier + `)*)?`
)

// tenYears bounds what a manifest may say in seconds.
const tenYears = 10 * 365 * 24 * 3600

// placed are the auth types whose credential is one text at one place.
var placed = []string{AuthAPIKey, AuthBearer, AuthJWT, AuthSession, AuthOAuth2}

// flowed are those that a person may authorize in a browser.
var flowed = []string{AuthOAuth1, AuthOAuth2}

// renewed are those whose credential dies and is got again by a request.
var renewed = []string{AuthSession, AuthOAuth2}

// authorized are those that have a credential.
var authorized = []string{AuthBasic, AuthAPIKey, AuthBearer, AuthDigest, AuthJWT, AuthSession, AuthSigV4, AuthOAuth1, AuthOAuth2, AuthCustom}

// named are those of a user name and a password.
var named = []string{AuthBasic, AuthDigest}

var objects = []Object{
	{Name: "Manifest", Keys: manifestKeys, Later: []string{"environments"}},
	{Name: "Auth", Keys: authKeys},
	{Name: "Assertion", Keys: assertionKeys},
	{Name: "Placement", Keys: placementKeys},
	{Name: "DataCentre", Keys: dataCentreKeys},
	{Name: "Parameter", Keys: parameterKeys},
	{Name: "Logo", Keys: []Key{
		{Name: "text", Pattern: `[A-Za-z0-9]{1,2}`, Otherwise: "two letters of the id", Example: "Ac"},
		{Name: "color", Pattern: `#[0-9a-f]{6}`, Otherwise: "one for each id", Example: "\"#0f5ec4\""},
	}},
	{Name: "Scope", OrText: true, Keys: []Key{
		{Name: "name", Needed: true, MinLength: 1, Example: "contacts.read"},
		{Name: "text", Example: "Read contacts"},
		{Name: "required", Default: "false", Example: "true"},
	}},
	{Name: "Request", Keys: requestKeys},
	{Name: "Answer", Keys: answerKeys},
	{Name: "Choose", Keys: chooseKeys},
	{Name: "Refresh", Keys: refreshKeys},
	{Name: "Revoke", Keys: revokeKeys},
	{Name: "Retry", Keys: retryKeys},
	{Name: "Rate", Keys: rateKeys},
	{Name: "Action", Keys: actionKeys},
	{Name: "Paging", Keys: pagingKeys},
	{Name: "Limits", Keys: limitsKeys},
}

var manifestKeys = []Key{
	{Name: "connhost", Needed: true, Min: Version, Max: Version, Example: "1"},
	{Name: "id", Needed: true, Pattern: `[a-z][a-z0-9-]*`, MaxLength: 50, Example: "acme"},
	{Name: "name", Needed: true, Pattern: `\S(.*\S)?`, MaxLength: 50, Example: "Acme"},
	{Name: "version", Needed: true, Pattern: versionPattern, Example: "1.0.0"},
	{Name: "description", MaxLength: 300, Example: "Parcels and where they are."},
	{Name: "category", Pattern: `[a-z][a-z-]*`, MaxLength: 30, Example: "storage"},
	{Name: "docs", Pattern: `https?://[^\n]+`, Example: "https://acme.test/account/keys"},
	{Name: "logo", Otherwise: "made of the id", Example: "{text: Ac, color: \"#0f5ec4\"}"},
	{Name: "auth", Needed: true, Example: "{type: api_key, name: X-API-Key}"},
	{Name: "parameters", MaxItems: 100, Example: "[{key: region, enum: [eu, us], default: eu}]"},
	{Name: "scopes", For: []string{AuthOAuth2}, MaxItems: 2000, Example: "[contacts.read, {name: contacts.write, text: Change contacts}]"},
	{Name: "hosts", MaxItems: 200, Unique: true, Example: "[files.acme.test]"},
	{Name: "base_url", Otherwise: "needed without `hosts`, and for every `path`", Pattern: `(https?://|\{)[^\n]*`, Example: "https://api.acme.test/v1"},
	{Name: "headers", NamePattern: tokenPattern, MaxItems: 50, Example: "{Acme-Version: \"2024-05-01\"}"},
	{Name: "test", Example: "{path: /me, answer: {key: /id}}"},
	{Name: "identity", Example: "{path: /me, answer: {key: /id, label: /email}}"},
	{Name: "choose", For: authorized, Example: "{path: /sites, what: site, key: /id, label: /name, values: {site: /id}}"},
	{Name: "revoke", For: renewed, Example: "{url: https://acme.test/oauth/revoke}"},
	{Name: "introspect", For: []string{AuthOAuth2}, Example: "{url: https://acme.test/oauth/introspect}"},
	{Name: "refresh", For: renewed, Example: "{rotation: none, margin: 60}"},
	{Name: "retry", Example: "{attempts: 5, idempotency_header: Idempotency-Key}"},
	{Name: "rate", Example: "{calls: 100, seconds: 60, concurrent: 5}"},
	{Name: "page", Otherwise: "the header Link", Example: "{cursor: /meta/next, parameter: cursor}"},
	{Name: "capture", For: []string{AuthOAuth1, AuthSession, AuthOAuth2}, MaxItems: 100, NamePattern: namePattern, MaxLength: 50, Pattern: shownPattern, Example: "{instance_url: /instance_url, realm: \"callback:/realmId\"}"},
	{Name: "public", For: []string{AuthOAuth2}, MaxItems: 200, Unique: true, Pattern: shownPattern, Example: "[/team/id]"},
	{Name: "actions", MaxItems: 500, Example: "[{name: list_items, path: /items}]"},
	{Name: "hooks", Words: Hooks(), MaxItems: 20, Unique: true, Example: "[respond]"},
	{Name: "data_centres", MaxItems: 50, Example: "[{name: eu, label: Europe, values: {region: eu}}]"},
	{Name: "reveal_secrets", MaxItems: 100, Unique: true, Example: "[password]"},
	{Name: "limits", Example: "{time: 500ms, memory: 16MB}"},
	{Name: "unverified", MaxItems: 100, Unique: true, MinLength: 1, Example: "[auth.pkce, refresh.lifetime]"},
}

var authKeys = []Key{
	{Name: "type", Needed: true, Words: []string{AuthNone, AuthBasic, AuthAPIKey, AuthBearer, AuthDigest, AuthJWT, AuthSession, AuthSigV4, AuthOAuth1, AuthOAuth2, AuthCustom}, Example: "api_key"},
	{Name: "in", For: placed, Words: []string{InHeader, InQuery, InForm, InPath}, Default: InHeader, Example: "query"},
	{Name: "name", For: placed, Otherwise: "`Authorization` in a header; needed for api_key, and in a query or a form", Example: "X-API-Key"},
	{Name: "value", For: placed, Otherwise: "api_key `{key}`, bearer `Bearer {token}`, oauth2 `Bearer {access_token}` or with `proof: dpop` `DPoP {access_token}`, jwt `Bearer {jwt}`, session `{session}`; outside of a header without the scheme", Example: `"token {token}"`},
	{Name: "username", For: named, Default: "{username}", Example: `"{email}/token"`},
	{Name: "password", For: named, Default: "{password}", Example: `""`},
	{Name: "also", For: []string{AuthBasic, AuthAPIKey, AuthBearer, AuthJWT, AuthSession, AuthOAuth2}, MaxItems: 10, Example: `[{name: X-App, value: "{app}"}]`},
	{Name: "algorithm", For: []string{AuthJWT}, Needed: true, Words: jwtAlgorithms, Example: "ES256"},
	{Name: "key", For: []string{AuthJWT}, Default: "{private_key}", Example: `"{secret}"`},
	{Name: "key_code", For: []string{AuthJWT}, Words: []string{CodeText, CodeHex, CodeBase64}, Otherwise: "the text itself is the key", Example: "hex"},
	{Name: "header", For: []string{AuthJWT}, NamePattern: linePattern, Example: `{kid: "{key_id}"}`},
	{Name: "claims", For: []string{AuthJWT}, NamePattern: linePattern, Example: `{iss: "{issuer}", aud: acme-v1}`},
	{Name: "lifetime", For: []string{AuthJWT}, Min: 1, Max: 86400, Default: "300", Example: "600"},
	{Name: "service", For: []string{AuthSigV4}, Needed: true, Pattern: `([a-z0-9-]|\{[^{}\n]+\})+`, Example: "s3"},
	{Name: "services", For: []string{AuthSigV4}, MaxItems: 100, NamePattern: linePattern, Pattern: `[a-z0-9-]+`, Example: "{sts.amazonaws.com: sts}"},
	{Name: "region", For: []string{AuthSigV4}, Default: "{region}", Example: "us-east-1"},
	{Name: "request", For: []string{AuthOAuth1}, Example: "{url: https://acme.test/oauth/request_token}"},
	{Name: "signature_method", For: []string{AuthOAuth1}, Words: []string{HMACSHA1, HMACSHA256, RSASHA1, PlainText}, Default: HMACSHA1, Example: HMACSHA256},
	{Name: "realm", For: []string{AuthOAuth1}, Pattern: linePattern, Example: `"{account}"`},
	{Name: "login", For: []string{AuthSession}, Needed: true, Example: "{path: /login, json: {user: \"{username}\", password: \"{password}\"}, answer: {access: /session}}"},
	{Name: "grant", For: []string{AuthOAuth2}, Words: []string{GrantCode, GrantClient, GrantDevice, GrantJWT, GrantExchange}, Default: GrantCode, Example: GrantClient},
	{Name: "issuer", For: []string{AuthOAuth2}, Pattern: `https?://[^\n?#]*`, Example: "https://login.acme.test"},
	{Name: "authorize", For: flowed, Otherwise: "needed for oauth2 with a person and without `issuer`, and for oauth1 with `request`", Example: "{url: https://acme.test/oauth/authorize, query: {access_type: offline}}"},
	{Name: "token", For: flowed, Otherwise: "needed for oauth2 without `issuer`, and for oauth1 with `request`", Example: "{url: https://acme.test/oauth/token}"},
	{Name: "device", For: []string{AuthOAuth2}, Otherwise: "needed for `grant: device_code` without `issuer`", Example: "{url: https://acme.test/oauth/device}"},
	{Name: "par", For: []string{AuthOAuth2}, Example: "{url: https://acme.test/oauth/par}"},
	{Name: "client_auth", For: []string{AuthOAuth2}, Words: []string{ClientAuthBasic, ClientAuthBody, ClientAuthPrivateKey, ClientAuthSecretKey, ClientAuthMTLS, ClientAuthNone}, Default: ClientAuthBasic, Example: "body"},
	{Name: "proof", For: []string{AuthOAuth2}, Words: []string{ProofDPoP, ProofMTLS}, Otherwise: "none: whoever holds the token may use it", Example: ProofDPoP},
	{Name: "pkce", For: []string{AuthOAuth2}, Words: []string{PKCES256, PKCENone}, Default: PKCES256, Example: "none"},
	{Name: "scope_separator", For: []string{AuthOAuth2}, Otherwise: "one space", Example: `","`},
	{Name: "client_id_pattern", For: flowed, Otherwise: "at most 50 letters, digits and `*_-@/!:|&~\\+`", Example: `"[A-Za-z0-9._-]{1,100}"`},
	{Name: "loopback_any_port", For: flowed, Default: "false", Example: "true"},
	{Name: "assertion", For: []string{AuthOAuth2}, Otherwise: "needed for `grant: jwt_bearer`", Example: `{algorithm: RS256, claims: {iss: "{client_email}", aud: "https://acme.test/oauth/token"}}`},
	{Name: "client_assertion", For: []string{AuthOAuth2}, Otherwise: "RS256 or HS256, with the claims of RFC 7523 section 3", Example: `{algorithm: ES256, header: {kid: "{key_id}"}}`},
}

var assertionKeys = []Key{
	{Name: "algorithm", Words: jwtAlgorithms, Otherwise: "RS256; for `client_secret_jwt` HS256", Example: "ES256"},
	{Name: "key", Otherwise: "`{private_key}`; for a client its secret", Example: `"{secret}"`},
	{Name: "header", NamePattern: linePattern, Example: `{kid: "{key_id}"}`},
	{Name: "claims", NamePattern: linePattern, Example: `{iss: "{issuer}", aud: acme-v1}`},
	{Name: "lifetime", Min: 1, Max: 86400, Default: "300", Example: "600"},
}

var placementKeys = []Key{
	{Name: "in", Words: []string{InHeader, InQuery, InForm}, Default: InHeader, Example: "query"},
	{Name: "name", Needed: true, MinLength: 1, Example: "X-App"},
	{Name: "value", Needed: true, MinLength: 1, Example: `"{app}"`},
}

// jwtAlgorithms are RFC 7518's that a token may be signed with.
var jwtAlgorithms = slices.Concat([]string{"HS256", "HS384", "HS512"}, SignAlgorithms())

var dataCentreKeys = []Key{
	{Name: "name", Needed: true, Pattern: `[a-z0-9][a-z0-9_-]*`, MaxLength: 50, Example: "eu"},
	{Name: "region", Pattern: regionPattern, MaxLength: 50, Otherwise: "the name", Example: "eu"},
	{Name: "label", MaxLength: 50, Otherwise: "the name", Example: "Frankfurt"},
	{Name: "values", NamePattern: namePattern, MaxLength: 50, MaxItems: 100, Example: "{region: eu}"},
}

var parameterKeys = []Key{
	{Name: "key", Needed: true, Pattern: namePattern, MaxLength: 50, Example: "region"},
	{Name: "label", Otherwise: "the key", Example: "Region"},
	{Name: "help", Example: "Where your account was made."},
	{Name: "required", Default: "false", Example: "true"},
	{Name: "default", Example: "eu"},
	{Name: "pattern", Example: `"[a-z]{2}"`},
	{Name: "enum", MaxItems: 1000, Unique: true, MinLength: 1, Example: "[eu, us]"},
	{Name: "secret", Default: "false", Example: "true"},
	{Name: "kind", Words: []string{KindText, KindHost, KindNumber, KindBoolean, KindJSON, KindPath}, Default: KindText, Example: "host"},
	{Name: "visible_when", NamePattern: namePattern, MaxLength: 50, MaxItems: 100, Unique: true, MinLength: 1, Otherwise: "always", Example: "{plan: [pro, enterprise]}"},
}

var requestKeys = []Key{
	{Name: "method", Pattern: `[A-Z][A-Z-]{0,19}`, Otherwise: "by the request, see [requests](#requests)", Example: "POST"},
	{Name: "url", Pattern: `(https?://|\{)[^\n]*`, Example: "https://acme.test/me"},
	{Name: "path", Pattern: `/[^\n]*`, Example: "/me"},
	{Name: "query", NamePattern: linePattern, Example: "{limit: \"1\"}"},
	{Name: "headers", NamePattern: tokenPattern, Example: "{Acme-Version: \"2024-05-01\"}"},
	{Name: "form", NamePattern: linePattern, Example: `{audience: "{tenant}"}`},
	{Name: "json", Example: `{note: {text: "{text}", tags: [new]}}`},
	{Name: "answer", Example: "{key: /id, label: /email}"},
}

var answerKeys = []Key{
	{Name: "access", Pattern: accessPattern, Default: "/access_token", Example: "/data/token"},
	{Name: "refresh", Pattern: pointerPattern, Default: "/refresh_token", Example: "/data/refresh"},
	{Name: "expires_in", Pattern: pointerPattern, Default: "/expires_in", Example: "/expires"},
	{Name: "scope", Pattern: pointerPattern, Default: "/scope", Example: "/scopes"},
	{Name: "token_type", Pattern: pointerPattern, Default: "/token_type", Example: "/data/type"},
	{Name: "refresh_expires_in", Pattern: pointerPattern, Otherwise: "the first that is there of `" + strings.Join(refreshExpiresIn, "`, `") + "`", Example: "/data/refresh_expires"},
	{Name: "error", Pattern: pointerPattern, Default: "/error", Example: "/err/code"},
	{Name: "key", Pattern: pointerPattern, Example: "/id"},
	{Name: "label", Pattern: pointerPattern, Example: "/user/email"},
}

var chooseKeys = []Key{
	{Name: "what", Needed: true, MinLength: 1, MaxLength: 30, Example: "site"},
	{Name: "items", Pattern: pointerPattern, Otherwise: "the answer itself", Example: "/sites"},
	{Name: "single", Default: "false", Example: "true"},
	{Name: "only", MaxItems: 10, NamePattern: pointerPattern, Example: "{/type: shop}"},
	{Name: "key", Needed: true, Pattern: pointerPattern, Example: "/id"},
	{Name: "label", Pattern: pointerPattern, Otherwise: "the key", Example: "/name"},
	{Name: "default", Pattern: pointerPattern, Otherwise: "a person chooses where there are several", Example: "/is_default"},
	{Name: "values", Needed: true, MaxItems: 100, NamePattern: namePattern, MaxLength: 50, Pattern: pointerPattern, Example: "{site: /id}"},
}

var refreshKeys = []Key{
	{Name: "rotation", Words: []string{RotationNone}, Otherwise: "every refresh gives a new token", Example: "none"},
	{Name: "grace", Max: tenYears, Default: "0", Example: "30"},
	{Name: "margin", Max: tenYears, Default: "30", Example: "120"},
	{Name: "lifetime", Max: tenYears, Otherwise: "unknown", Example: "3600"},
	{Name: "status", Min: 400, Max: 499, Otherwise: "401 alone", Example: "403"},
	{Name: "idle", Max: tenYears, Otherwise: "unknown", Example: "2592000"},
	{Name: "life", Max: tenYears, Otherwise: "unknown", Example: "31536000"},
}

var revokeKeys = []Key{
	{Name: "token", Words: []string{RevokeAccess, RevokeRefresh}, Otherwise: "`refresh` where there is one", Example: "access"},
}

var retryKeys = []Key{
	{Name: "attempts", Min: 1, Max: 10, Default: "3", Example: "5"},
	{Name: "statuses", Min: 400, Max: 599, MaxItems: 20, Unique: true, Otherwise: "429, 502, 503 and 504", Example: "[429, 503]"},
	{Name: "idempotency_header", Pattern: tokenPattern, Otherwise: "calls that may not arrive twice are sent once", Example: "Idempotency-Key"},
	{Name: "after", Pattern: afterPattern, Otherwise: "`Retry-After` alone", Example: `"header:/X-RateLimit-Reset"`},
}

var rateKeys = []Key{
	{Name: "calls", Min: 1, Max: 1_000_000, Otherwise: "as fast as they come", Example: "100"},
	{Name: "seconds", Min: 1, Max: 86400, Default: "1", Example: "60"},
	{Name: "burst", Min: 1, Max: 1_000_000, Default: "1", Example: "10"},
	{Name: "concurrent", Min: 1, Max: 10_000, Otherwise: "as many as there are", Example: "5"},
}

var actionKeys = []Key{
	{Name: "name", Needed: true, Pattern: `[a-z][a-z0-9_]*`, MaxLength: 50, Example: "list_items"},
	{Name: "text", Example: "Lists the items of a shelf."},
	{Name: "parameters", MaxItems: 100, Example: "[{key: shelf, required: true}]"},
	{Name: "scopes", For: []string{AuthOAuth2}, MaxItems: 100, Unique: true, MinLength: 1, Example: "[items.read, [mail.read, mail.write]]"},
	{Name: "page", Otherwise: "that of the manifest", Example: "{next: /links/next}"},
	{Name: "spread", Example: "filters"},
}

var pagingKeys = []Key{
	{Name: "next", Pattern: afterPattern, Example: "/links/next"},
	{Name: "cursor", Pattern: afterPattern, Example: "/meta/next_cursor"},
	{Name: "last", Pattern: pointerPattern, Example: "/id"},
	{Name: "parameter", Pattern: linePattern, Otherwise: "needed for `cursor` and `last`", Example: "cursor"},
	{Name: "offset", Pattern: linePattern, Example: "offset"},
	{Name: "number", Pattern: linePattern, Example: "page"},
	{Name: "first", Max: 1_000_000, Default: "1", Example: "0"},
	{Name: "limit", Pattern: linePattern, Example: "limit"},
	{Name: "size", Min: 1, Max: 1_000_000, Otherwise: "unknown; needed for `limit`", Example: "100"},
	{Name: "items", Pattern: pointerPattern, Otherwise: "the answer itself", Example: "/items"},
	{Name: "more", Pattern: pointerPattern, Example: "/has_more"},
	{Name: "max", Min: 1, Max: 10_000, Default: "1000", Example: "50"},
}

var limitsKeys = []Key{
	{Name: "time", Otherwise: "the operator's", Example: "500ms"},
	{Name: "memory", Pattern: sizePattern, Otherwise: "the operator's", Example: "16MB"},
	{Name: "output", Pattern: sizePattern, Otherwise: "the operator's", Example: "1MB"},
	{Name: "fuel", Otherwise: "the operator's", Example: "50000000"},
	{Name: "http_calls", Max: 1000, Otherwise: "the operator's", Example: "5"},
}

// A RequestRule says what may stand in one of the requests of a manifest.
type RequestRule struct {
	Path   string   // auth.token, test, ...
	Method string   // unless given
	Body   bool     // it may have a method, headers and a body
	Flat   bool     // its JSON is an object of texts, beside which the host puts parameters
	URL    bool     // it needs a url or a path
	Names  []string // of the host's own, which its templates may use
	Answer []string // the pointers into its answer that mean something
	Reads  bool     // it is of no use without one of them
}

// RequestRules are the requests of a manifest.
func RequestRules() []RequestRule {
	rule := func(path string, u use) RequestRule {
		return RequestRule{
			Path: path, Method: u.method, Body: u.body, Flat: u.flat, URL: path != "refresh" && path != "actions" && !slices.Contains(foundByIssuer, path),
			Names: slices.Concat(u.plain, u.secret), Answer: u.answer, Reads: path == "identity",
		}
	}
	return []RequestRule{
		rule("auth.request", token1Use), rule("auth.authorize", authorizeUse), rule("auth.token", tokenUse),
		rule("auth.device", deviceUse), rule("auth.par", parUse), rule("auth.login", loginUse),
		rule("test", callUse), rule("identity", callUse), rule("choose", chooseUse),
		rule("revoke", revokeUse), rule("introspect", introspectUse), rule("refresh", refreshUse), rule("actions", actionUse),
	}
}

// keyOf is the rule of a key. One that is not in the table is a bug of this
// package, which a test finds.
func keyOf(keys []Key, name string) Key {
	i := slices.IndexFunc(keys, func(k Key) bool { return k.Name == name })
	if i < 0 {
		panic("no rule for the key " + name)
	}
	return keys[i]
}

// objectOf is the table of a Go type's keys, empty for a type that has none.
func objectOf(name string) Object {
	for _, o := range objects {
		if o.Name == name {
			return o
		}
	}
	return Object{}
}

// is says whether the key belongs to an auth type.
func (k Key) is(authType string) bool { return k.For == nil || slices.Contains(k.For, authType) }

// whole compiles the pattern of a whole text.
func whole(pattern string) *regexp.Regexp { return regexp.MustCompile(`^(?:` + pattern + `)$`) }

var (
	idForm      = whole(keyOf(manifestKeys, "id").Pattern)
	versionForm = whole(versionPattern)
	docsForm    = whole(keyOf(manifestKeys, "docs").Pattern)
	nameForm    = whole(namePattern)
	methodForm  = whole(keyOf(requestKeys, "method").Pattern)
	tokenForm   = whole(tokenPattern)
	pointerForm = whole(pointerPattern)
	accessForm  = whole(accessPattern)
	actionForm  = whole(keyOf(actionKeys, "name").Pattern)
)
