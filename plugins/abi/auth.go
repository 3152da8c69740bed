package abi

import (
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strings"
)

func (c *checker) auth() {
	a, types := c.m.Auth, keyOf(authKeys, "type")
	c.unsure = !slices.Contains(types.Words, a.Type)
	switch {
	case a.Type == "":
		c.fault("M014", "auth.type", "one of: "+strings.Join(types.Words, ", "), `the key "auth" needs a "type"`)
		return
	case slices.Contains(types.Later, a.Type):
		c.fault("M202", "auth.type", "", "the auth type %q is not supported yet", a.Type)
		return
	case !slices.Contains(types.Words, a.Type):
		c.fault("M201", "auth.type", "one of: "+strings.Join(types.Words, ", "), "unknown auth type %q%s", a.Type, meant(a.Type, types.Words))
		return
	}
	c.keysOfType(a)
	c.place(a)
	c.credential(a)
	switch a.Type {
	case AuthOAuth2:
		c.oauth2(a)
	case AuthOAuth1:
		c.oauth1(a)
	case AuthSession:
		c.session(a)
	}
}

// session checks the log-in. Its answer says where the session stands.
func (c *checker) session(a Auth) {
	if a.Login == nil {
		c.missing("auth.login")
		return
	}
	c.request("auth.login", a.Login, loginUse)
	if a.Login.Answer == nil || a.Login.Answer.Access == "" {
		c.fault("M503", "auth.login", "write for example: answer: {access: /session}, {access: \"header:/X-Session\"} or {access: \"cookie:/SID\"}", `%s needs an "answer" with "access"`, last("auth.login"))
	}
	if r := c.m.Refresh; r != nil && (r.URL != "" || r.Path != "" || r.Rotation != "" || r.Grace > 0) {
		c.fault("M214", "refresh", "keep margin and lifetime only", "a session is renewed by its log-in")
	}
}

// keysOfType refuses the keys that do not belong to the auth type, because every
// key that is accepted is used, and wants the texts that it needs.
func (c *checker) keysOfType(a Auth) {
	c.belong("auth", authKeys, reflect.ValueOf(a))
	c.belong("", manifestKeys, reflect.ValueOf(c.m))
}

func (c *checker) belong(at string, keys []Key, object reflect.Value) {
	for i := range object.NumField() {
		value := object.Field(i)
		given := !value.IsZero()
		if kind := value.Kind(); kind == reflect.Slice || kind == reflect.Map {
			given = value.Len() > 0
		}
		k := keyOf(keys, keyName(object.Type().Field(i)))
		path := KeyPath(at, k.Name)
		switch belongs := k.is(c.m.Auth.Type); {
		case belongs && k.Needed && k.For != nil && !given && value.Kind() == reflect.String:
			c.missing(path)
		case given && !belongs:
			c.fault("M009", path, "leave it out", "%s belongs to %s only", last(path), andList(k.For))
			c.problems[len(c.problems)-1].OnKey = true
		}
	}
}

// place checks where the credential goes.
func (c *checker) place(a Auth) {
	if !a.sendsText() {
		return
	}
	c.oneOf("auth.in", a.In, keyOf(authKeys, "in"))
	switch {
	case a.Place() == InPath:
		c.inPath(a)
	case a.Name == "" && (a.Type == AuthAPIKey || a.Place() != InHeader):
		c.fault("M204", "auth.name", "write for example: name: X-API-Key", `the key "auth" needs the "name" of the %s`, placeWords[a.Place()])
	case a.Place() == InHeader:
		c.headerName("auth.name", a.PlaceName())
	}
	c.plain("auth.name", a.Name)
}

var placeWords = map[string]string{InHeader: "header", InQuery: "query parameter", InForm: "form parameter"}

// inPath checks a credential that stands before the path of a URL: whole
// segments, so that it cannot run into what follows.
func (c *checker) inPath(a Auth) {
	switch value := a.ValueTemplate(); {
	case a.Name != "":
		c.fault("M211", "auth.name", "leave it out", `a credential in the path has no name`)
	case !strings.HasPrefix(value, "/") || strings.HasSuffix(value, "/") || strings.ContainsAny(value, "?#"):
		c.fault("M211", "auth.value", "write for example: value: \"/bot{key}\"", `with "in: path", "value" is one or more segments that begin with '/'`)
	}
}

// credential checks the templates of the credential itself.
func (c *checker) credential(a Auth) {
	valueUse := credentialUse
	if a.Type == AuthJWT {
		valueUse = jwtUse
		token := a.JWT()
		c.assertion("auth", &token, claimUse, []string{"iat", "exp"})
		if a.KeyCode != "" && !strings.HasPrefix(a.Algorithm, "HS") {
			c.fault("M218", "auth.key_code", "leave it out", "the key of %s is PEM, which no code is needed for", a.Algorithm)
		}
	}
	for _, t := range []struct {
		path, given, template string
		use                   use
	}{
		{"auth.value", a.Value, a.ValueTemplate(), valueUse},
		{"auth.username", a.Username, a.UsernameTemplate(), credentialUse},
		{"auth.password", a.Password, a.PasswordTemplate(), credentialUse},
		{"auth.key", a.Key, a.KeyTemplate(), credentialUse},
		{"auth.region", a.Region, a.RegionTemplate(), hostUse},
		{"auth.service", a.Service, a.ServiceTemplate(), hostUse},
	} {
		c.template(t.path, t.template, t.use)
		c.plain(t.path, t.given)
	}
	for _, host := range slices.Sorted(maps.Keys(a.Services)) {
		c.host(KeyPath("auth.services", host), host, hostUse)
	}
	c.also(a)
	switch {
	case a.Type == AuthNone || a.Type == AuthOAuth1 || c.namesSecret(a):
	case a.Type == AuthCustom:
		if !slices.Contains(c.m.Hooks, HookSign) {
			c.fault("M210", "auth.type", "add: hooks: [sign]", `the auth type "custom" is done by the hook "sign", which is not declared`)
		}
	case a.Type == AuthSession:
		c.fault("M206", "auth.value", "write for example: SID={session}", `"value" does not name {session}, so no session would be sent`)
	case a.Type == AuthOAuth2:
		c.fault("M206", "auth.value", "write for example: Bearer {access_token}", `"value" does not name {access_token}, so no token would be sent`)
	default:
		c.fault("M205", "auth", "mark the parameter that holds the credential with secret: true", "no secret parameter stands in the templates of the credential")
	}
}

// also checks the texts that go beside the credential.
func (c *checker) also(a Auth) {
	c.few("auth.also", len(a.Also), keyOf(authKeys, "also"))
	for i, p := range a.Also {
		at := ItemPath("auth.also", i)
		c.oneOf(KeyPath(at, "in"), p.In, keyOf(placementKeys, "in"))
		switch {
		case p.Name == "":
			c.fault("M014", KeyPath(at, "name"), "", `the key %s is missing`, `"name"`)
		case p.Place() == InHeader:
			c.headerName(KeyPath(at, "name"), p.Name)
		}
		if p.Value == "" {
			c.fault("M014", KeyPath(at, "value"), "", `the key %s is missing`, `"value"`)
		}
		c.plain(KeyPath(at, "name"), p.Name)
		c.plain(KeyPath(at, "value"), p.Value)
		c.template(KeyPath(at, "value"), p.Value, credentialUse)
	}
}

// namesSecret says whether the credential holds a secret at all.
func (c *checker) namesSecret(a Auth) bool {
	for _, t := range a.templates() {
		places, err := Places(t)
		if err != nil {
			return true // a problem already
		}
		for _, p := range places {
			if !c.secret(p.Name, credentialUse) {
				continue
			}
			switch a.Type {
			case AuthOAuth2:
				return names(a.sent(), "access_token")
			case AuthSession:
				return names(a.sent(), "session")
			}
			return true
		}
	}
	return false
}

// sent are the templates of what a call shows of the credential.
func (a Auth) sent() []string {
	list := []string{a.ValueTemplate()}
	for _, p := range a.Also {
		list = append(list, p.Value)
	}
	return list
}

// pasted checks the token of a client that has no way to ask for one: a service
// such as NetSuite shows it to a person once.
func (c *checker) pasted(a Auth) {
	token, has := c.fields[PastedToken]
	secret, both := c.fields[PastedSecret]
	if a.Authorize != nil || !has && !both {
		return
	}
	c.used[PastedToken], c.used[PastedSecret] = true, true
	if !has || !both || !token.Secret || !secret.Secret {
		c.fault("M217", "parameters", "declare both with secret: true, or neither", "%q and %q are the token that the client of oauth1 signs with; they stand together and are secret", PastedToken, PastedSecret)
	}
}

// oauth1 checks the three requests of RFC 5849 section 2, which stand together
// or not at all.
func (c *checker) oauth1(a Auth) {
	c.oneOf("auth.signature_method", a.SignatureMethod, keyOf(authKeys, "signature_method"))
	c.template("auth.realm", a.Realm, issuerUse)
	c.plain("auth.realm", a.Realm)
	c.pasted(a)
	if _, err := wholePattern(a.ClientIDPattern); err != nil {
		c.fault("M208", "auth.client_id_pattern", "", `"client_id_pattern" is not a regular expression: %v`, err)
	}
	given := 0
	for _, e := range []struct {
		path string
		r    *Request
		use  use
	}{{"auth.request", a.Request, token1Use}, {"auth.authorize", a.Authorize, authorize1Use}, {"auth.token", a.Token, token1Use}} {
		if e.r != nil {
			given++
			c.request(e.path, e.r, e.use)
		}
	}
	if given == 1 || given == 2 {
		c.fault("M213", "auth", "give all three, or none for a client that signs for itself", `"request", "authorize" and "token" of oauth1 stand together`)
	}
}

func (c *checker) oauth2(a Auth) {
	c.oneOf("auth.grant", a.Grant, keyOf(authKeys, "grant"))
	c.ofGrant(a)
	found := a.Issuer != "" // its metadata tells what is not given
	if found {
		c.url("auth.issuer", a.Issuer, issuerUse)
	}
	for _, e := range []struct {
		path   string
		r      *Request
		use    use
		needed bool
	}{
		{"auth.authorize", a.Authorize, authorizeUse, a.GrantOr() == GrantCode}, {"auth.token", a.Token, tokenUse, true},
		{"auth.device", a.Device, deviceUse, a.GrantOr() == GrantDevice}, {"auth.par", a.PAR, parUse, false},
	} {
		if e.r == nil && e.needed && !found {
			c.fault("M014", e.path, "write: "+e.path[5:]+": {url: https://...}, or issuer: https://... whose metadata tells it", "oauth2 needs the key %q with a URL", e.path[5:])
		}
		c.request(e.path, e.r, e.use)
	}
	c.oneOf("auth.client_auth", a.ClientAuth, keyOf(authKeys, "client_auth"))
	c.oneOf("auth.proof", a.Proof, keyOf(authKeys, "proof"))
	c.clientProof(a)
	c.oneOf("auth.pkce", a.PKCE, keyOf(authKeys, "pkce"))
	c.plain("auth.scope_separator", a.ScopeSeparator)
	if a.ClientAuth == ClientAuthNone && a.PKCE == PKCENone {
		c.warn("M207", "auth.pkce", "", "a public client without PKCE cannot tell a stolen code from its own (RFC 7636)")
	}
	if _, err := wholePattern(a.ClientIDPattern); err != nil {
		c.fault("M208", "auth.client_id_pattern", "", `"client_id_pattern" is not a regular expression: %v`, err)
	}
	for path, r := range map[string]*Request{"auth.authorize": a.Authorize, "auth.par": a.PAR} {
		if r != nil {
			c.hostsOwn(path, r)
		}
	}
}

// ofGrant refuses what belongs to another grant, and wants what a grant needs.
func (c *checker) ofGrant(a Auth) {
	grant := a.GrantOr()
	if !slices.Contains(keyOf(authKeys, "grant").Words, grant) {
		return
	}
	for _, k := range []struct {
		path   string
		given  bool
		grants []string
	}{
		{"auth.authorize", a.Authorize != nil, []string{GrantCode}},
		{"auth.pkce", a.PKCE != "", []string{GrantCode}},
		{"auth.par", a.PAR != nil, []string{GrantCode}},
		{"auth.loopback_any_port", a.LoopbackAnyPort, []string{GrantCode}},
		{"auth.device", a.Device != nil, []string{GrantCode, GrantDevice}},
		{"auth.assertion", a.Assertion != nil, []string{GrantJWT}},
		{"refresh", c.m.Refresh != nil && c.m.Refresh.Request.URL+c.m.Refresh.Request.Path != "", []string{GrantCode, GrantDevice}},
		{"introspect", c.m.Introspect != nil, []string{GrantCode, GrantDevice}},
	} {
		if k.given && !slices.Contains(k.grants, grant) {
			c.fault("M214", k.path, "leave it out", "%s has no meaning with the grant %s", last(k.path), grant)
		}
	}
	if grant == GrantClient && a.ClientAuth == ClientAuthNone {
		c.fault("M214", "auth.client_auth", "", "a client without a secret cannot get a token for itself")
	}
	if grant == GrantJWT && a.Assertion == nil {
		c.missing("auth.assertion")
	}
	c.assertion("auth.assertion", a.Assertion, assertionUse, []string{"iat", "exp"})
	if a.Assertion != nil && grant == GrantJWT {
		c.template("auth.assertion.key", a.Bearer().Key, use{fields: true})
	}
}

// clientProof checks what a client shows beside its id.
func (c *checker) clientProof(a Auth) {
	byToken := a.ClientAuth == ClientAuthPrivateKey || a.ClientAuth == ClientAuthSecretKey
	t := a.ClientAssertion
	switch {
	case t != nil && !byToken:
		c.fault("M215", "auth.client_assertion", "leave it out, or write: client_auth: private_key_jwt", `"client_assertion" has no meaning unless "client_auth" is private_key_jwt or client_secret_jwt`)
	case t != nil && t.Key != "":
		c.fault("M215", "auth.client_assertion.key", "leave it out", "the key of a client's token is its secret")
	case t != nil && t.Algorithm != "" && strings.HasPrefix(t.Algorithm, "HS") != (a.ClientAuth == ClientAuthSecretKey):
		c.fault("M215", "auth.client_assertion.algorithm", "", "the algorithm %s does not go with the client_auth %s", t.Algorithm, a.ClientAuth)
	}
	c.assertion("auth.client_assertion", t, assertionUse, []string{"iat", "exp", "iss", "sub", "jti"})
	if a.Proof == ProofMTLS && a.ClientAuth != ClientAuthMTLS {
		c.fault("M216", "auth.proof", "write: client_auth: mtls", "the certificate of a proof is the client's, which only the client_auth mtls has")
	}
}

// assertion checks a token that the host signs. A claim is no place for a
// secret: whoever gets the token reads it.
func (c *checker) assertion(at string, t *Assertion, u use, own []string) {
	if t == nil {
		return
	}
	c.oneOf(KeyPath(at, "algorithm"), t.Algorithm, keyOf(assertionKeys, "algorithm"))
	if life := keyOf(assertionKeys, "lifetime"); t.Lifetime < 0 || t.Lifetime > life.Max {
		c.fault("M610", KeyPath(at, "lifetime"), "", `"lifetime" is a number of seconds, at most %d`, life.Max)
	}
	c.texts(KeyPath(at, "header"), t.Header, u)
	c.texts(KeyPath(at, "claims"), t.Claims, u)
	for _, name := range []string{"alg", "typ"} {
		if _, ok := t.Header[name]; ok {
			c.fault("M212", KeyPath(KeyPath(at, "header"), name), "leave it out", "%q is set by the host", name)
		}
	}
	for _, name := range own {
		if _, ok := t.Claims[name]; ok {
			c.fault("M212", KeyPath(KeyPath(at, "claims"), name), "leave it out", "%q is set by the host", name)
		}
	}
}

// hostsOwn refuses to replace what protects an authorization (RFC 6749
// section 10.12, RFC 7636 section 4.3).
func (c *checker) hostsOwn(at string, r *Request) {
	_, inURL, _ := strings.Cut(r.URL+r.Path, "?")
	query, _ := url.ParseQuery(inURL)
	for _, name := range []string{"state", "code_challenge", "code_challenge_method", "dpop_jkt"} {
		for key, texts := range map[string]map[string]string{"query": r.Query, "form": r.Form, "json": r.JSON.Texts()} {
			if _, ok := texts[name]; ok {
				c.fault("M209", KeyPath(KeyPath(at, key), name), "", "%q is set by the host and cannot be replaced", name)
			}
		}
		if query.Has(name) {
			c.fault("M209", KeyPath(at, "url"), "", "%q is set by the host and cannot be replaced", name)
		}
	}
}

// AuthTypes are those that auth.type may name, in the order of the page.
func AuthTypes() []string { return slices.Clone(keyOf(authKeys, "type").Words) }
