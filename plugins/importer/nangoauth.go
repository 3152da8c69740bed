package importer

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// readAuth makes auth of the entry's auth_mode.
func (p *provider) readAuth(name string) error {
	a := &p.manifest.Auth
	switch mode := p.entry.get("auth_mode").text(); mode {
	case "OAUTH2", "MCP_OAUTH2":
		p.withPerson()
	case "OAUTH2_CC":
		p.withoutPerson()
	case "OAUTH1":
		*a = abi.Auth{Type: abi.AuthOAuth1, SignatureMethod: p.entry.get("signature_method").text()}
		if a.SignatureMethod == abi.HMACSHA1 {
			a.SignatureMethod = ""
		}
		a.Request, a.Authorize, a.Token = &abi.Request{URL: p.url(p.entry.get("request_url").text())}, &abi.Request{URL: p.url(p.entry.get("authorization_url").text())}, &abi.Request{URL: p.url(p.entry.get("token_url").text())}
		a.Authorize.Query = p.texts("authorization_params", nil)
	case "API_KEY":
		p.byKey()
	case "BASIC":
		*a = abi.Auth{Type: abi.AuthBasic}
		p.used["username"], p.used["password"] = true, true
		p.headers(nil)
	case "JWT":
		p.jwt()
	case "TWO_STEP":
		return p.session(name)
	case "AWS_SIGV4":
		*a = abi.Auth{Type: abi.AuthSigV4, Service: "execute-api"}
		p.manifest.Unverified = append(p.manifest.Unverified, "auth.service")
		p.review.check("auth.service is what AWS calls the service in a signature")
	case "NONE":
		*a = abi.Auth{Type: abi.AuthNone}
	default:
		return host.Errorf(host.Failed, "the provider %q authorizes by %s, which no manifest can say", clip(clean(name), 60), quoted(first(mode, "nothing that it tells"))).
			WithHint("write a connector with a hook: connhost connector new %s --auth custom --lang go", properID(name))
	}
	return nil
}

// texts are the templates of an object of a flow, without some names.
func (p *provider) texts(key string, without map[string]string, more ...string) map[string]string {
	out := map[string]string{}
	at := p.entry.get(key)
	for _, name := range at.keys() {
		value := at.get(name).text()
		if without[name] != "" && (without[name] == value || without[name] == "*") || slices.Contains(more, name) || clean(name) != name || value == "" {
			continue
		}
		out[name] = p.template(value, ofClient)
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// ofClient are the host's names in a request of a flow, by theirs.
var ofClient = map[string]string{"clientId": "{client_id}", "clientSecret": "{client_secret}"}

// withPerson is OAuth 2 by a person's consent.
func (p *provider) withPerson() {
	a, e := &p.manifest.Auth, p.entry
	a.Type = abi.AuthOAuth2
	p.client()
	a.Authorize = &abi.Request{URL: p.url(e.get("authorization_url").text()), Query: p.texts("authorization_params", map[string]string{"response_type": "code"}, "state", "code_challenge", "code_challenge_method", "nonce")}
	a.Token = p.tokenRequest(map[string]string{"grant_type": "authorization_code"})
	if e.get("disable_pkce").flag() {
		a.PKCE = abi.PKCENone
	}
	refresh := p.texts("refresh_params", map[string]string{"grant_type": "refresh_token"})
	address := ""
	if text := e.get("refresh_url").text(); text != "" && text != e.get("token_url").text() {
		address = p.url(text)
	}
	if address != "" || len(refresh) > 0 && !maps.Equal(refresh, p.texts("token_params", map[string]string{"grant_type": "authorization_code"})) {
		r := &abi.Refresh{Request: abi.Request{URL: address}}
		p.put(&r.Request, refresh)
		p.manifest.Refresh = r
	}
	p.placed("access_token")
}

// withoutPerson is OAuth 2 by client credentials.
func (p *provider) withoutPerson() {
	a := &p.manifest.Auth
	a.Type, a.Grant = abi.AuthOAuth2, abi.GrantClient
	p.client()
	for _, name := range strings.Fields(p.entry.get("token_params").get("scope").text()) {
		if goodScope(name) && !strings.Contains(name, "${") {
			p.manifest.Scopes = append(p.manifest.Scopes, abi.Scope{Name: name})
		}
	}
	a.Token = p.tokenRequest(map[string]string{"grant_type": "client_credentials", "client_id": "*", "client_secret": "*", "scope": "*"})
	p.placed("access_token")
}

// client is how the client shows who it is. Nango sends it in the body unless
// the entry says otherwise.
func (p *provider) client() {
	a, e := &p.manifest.Auth, p.entry
	switch method := e.get("token_request_auth_method").text(); {
	case method == "basic" || e.get("authorization_method").text() == "header":
	case method == "private_key_jwt":
		a.ClientAuth = abi.ClientAuthPrivateKey
	default:
		a.ClientAuth = abi.ClientAuthBody
	}
	if separator := e.get("scope_separator").text(); separator != " " && clean(separator) == separator {
		a.ScopeSeparator = separator
	}
	for _, name := range e.get("default_scopes").texts() {
		if goodScope(name) && !strings.Contains(name, first(a.ScopeSeparator, " ")) {
			p.manifest.Scopes = append(p.manifest.Scopes, abi.Scope{Name: name, Required: true})
		}
	}
}

func (p *provider) tokenRequest(without map[string]string) *abi.Request {
	r := &abi.Request{URL: p.url(p.tokenURL()), Headers: p.texts("token_headers", nil, "content-type", "Content-Type", "authorization", "Authorization")}
	if p.entry.get("token_request_method").text() == "GET" {
		r.Method = "GET"
	}
	p.put(r, p.texts("token_params", without))
	return r
}

// tokenURL is a text, or one for each kind of authorization.
func (p *provider) tokenURL() string {
	at := p.entry.get("token_url")
	return first(at.text(), at.get("OAUTH2").text(), at.get("OAUTH2_CC").text())
}

// put puts parameters where the entry's token requests have theirs.
func (p *provider) put(r *abi.Request, texts map[string]string) {
	switch format := p.entry.get("body_format").text(); {
	case r.Method == "GET" || format == "query":
		r.Query = texts
	case format == "json" || strings.Contains(p.entry.get("token_headers").get("content-type").text(), "json"):
		if texts == nil {
			texts = map[string]string{}
		}
		r.JSON = abi.BodyOf(texts)
	default:
		r.Form = texts
	}
}

var based = regexp.MustCompile(`^Basic \$\{base64\(([^:]*):(.*)\)\}$`)

// headers puts what every call carries beside the credential.
func (p *provider) headers(own map[string]string) {
	a := &p.manifest.Auth
	list := p.entry.get("proxy").get("headers")
	for _, name := range list.keys() {
		value := clean(list.get(name).text())
		low := strings.ToLower(name)
		if value == "" || !headerName.MatchString(name) || strings.EqualFold(name, a.PlaceName()) && a.Place() == abi.InHeader || slices.Contains([]string{"content-type", "accept", "user-agent", "host", "content-length", "accept-encoding"}, low) {
			continue
		}
		if a.Type == abi.AuthBasic && low == "authorization" {
			p.userAndPassword(value)
			continue
		}
		if a.Type == abi.AuthNone || a.Type == abi.AuthOAuth1 || a.Type == abi.AuthSigV4 {
			p.review.check("the header " + name + " of every call is left out")
			continue
		}
		if len(a.Also) < 10 {
			a.Also = append(a.Also, abi.Placement{Name: name, Value: p.template(value, own)})
		}
	}
}

// userAndPassword reads what the header of Basic is made of.
func (p *provider) userAndPassword(value string) {
	m := based.FindStringSubmatch(value)
	if m == nil {
		return
	}
	a := &p.manifest.Auth
	a.Username, a.Password = p.template(m[1], nil), p.template(m[2], nil)
	for _, text := range []*string{&a.Username, &a.Password} {
		if *text == "" {
			*text = abi.EmptyText
		}
	}
	p.used["username"], p.used["password"] = strings.Contains(a.Username+a.Password, "{username}"), strings.Contains(a.Username+a.Password, "{password}")
}

// placed says where a token goes: where a header names it, else as Bearer.
func (p *provider) placed(token string) {
	a := &p.manifest.Auth
	own := map[string]string{"accessToken": "{" + token + "}"}
	proxy := p.entry.get("proxy")
	for in, list := range map[string]node{abi.InHeader: proxy.get("headers"), abi.InQuery: proxy.get("query")} {
		for _, name := range list.keys() {
			if value := clean(list.get(name).text()); strings.Contains(value, "${accessToken}") {
				a.Name, a.Value = name, p.template(value, own)
				if in == abi.InQuery {
					a.In = in
				}
			}
		}
	}
	if strings.EqualFold(a.Name, "Authorization") {
		a.Name = ""
		if a.Type == abi.AuthOAuth2 && a.Value == "Bearer {access_token}" {
			a.Value = ""
		}
	}
	if a.Type == abi.AuthSession && a.Value == "" {
		a.Value = "Bearer {" + token + "}"
	}
	p.headers(own)
}

// byKey is a key in a header or a query, perhaps as the user of Basic.
func (p *provider) byKey() {
	a := &p.manifest.Auth
	proxy := p.entry.get("proxy")
	own := map[string]string{"apiKey": "{key}", "credentials.apiKey": "{key}"}
	*a = abi.Auth{Type: abi.AuthAPIKey}
	for in, list := range map[string]node{abi.InHeader: proxy.get("headers"), abi.InQuery: proxy.get("query")} {
		for _, name := range list.keys() {
			value := clean(list.get(name).text())
			if m := based.FindStringSubmatch(value); m != nil {
				*a = abi.Auth{Type: abi.AuthBasic}
				p.userAndPassword(value)
				p.headers(nil)
				return
			}
			if strings.Contains(strings.ToLower(value), "apikey}") && (a.Name == "" || in == abi.InHeader) {
				a.Name, a.Value, a.In = name, p.template(value, own), map[bool]string{true: in}[in == abi.InQuery]
			}
		}
	}
	if a.Name == "" {
		*a = abi.Auth{Type: abi.AuthBearer, Value: "Bearer {key}"}
		p.review.check("where the key goes is not told: the draft sends it as Authorization: Bearer")
		p.manifest.Unverified = append(p.manifest.Unverified, "auth.value")
	}
	if a.Value == "{key}" {
		a.Value = ""
	}
	q := abi.Parameter{Key: "key", Label: "API key", Secret: true}
	if about := p.entry.get("credentials").get("apiKey"); about.given() {
		q.Label, q.Help = first(clip(clean(about.get("title").text()), 80), q.Label), phrase(about.get("description").text(), maxHelp)
	}
	p.manifest.Parameters = append(p.manifest.Parameters, q)
	p.headers(own)
}

// jwt is a token that is signed for each call.
func (p *provider) jwt() {
	t := p.entry.get("token")
	a := &p.manifest.Auth
	*a = abi.Auth{Type: abi.AuthJWT, Algorithm: first(t.get("header").get("alg").text(), "RS256"), Key: p.template(t.get("signing_key").text(), nil)}
	take := func(at node, without ...string) map[string]string {
		out := map[string]string{}
		for _, name := range at.keys() {
			if value := at.get(name).text(); value != "" && !slices.Contains(without, name) {
				out[name] = p.template(value, nil)
			}
		}
		return out
	}
	a.Header, a.Claims = take(t.get("header"), "alg", "typ"), take(t.get("payload"), "iat", "exp")
	if seconds := t.get("expires_in_ms").number() / 1000; seconds > 0 && seconds <= 86400 {
		a.Lifetime = seconds
	}
	p.headers(map[string]string{"accessToken": "{jwt}"})
}

// session is a log-in whose answer every call shows.
func (p *provider) session(name string) error {
	a, e := &p.manifest.Auth, p.entry
	answer := e.get("token_response")
	access := pointerOf(answer.get("token").text())
	if access == "" {
		return host.Errorf(host.Failed, "the provider %q does not tell where the answer of its log-in has the token", clip(clean(name), 60)).
			WithHint("write a connector: connhost connector new %s --auth session", properID(name))
	}
	a.Type = abi.AuthSession
	login := &abi.Request{URL: p.url(e.get("token_url").text()), Headers: p.texts("token_headers", nil, "content-type", "Content-Type"), Answer: &abi.Answer{Access: access}}
	if strategy := answer.get("token_expiration_strategy").text(); strategy == "" || strategy == "expireIn" {
		login.Answer.ExpiresIn = pointerOf(answer.get("token_expiration").text())
	}
	if e.get("token_request_method").text() == "GET" {
		login.Method = "GET"
	}
	p.put(login, p.texts("token_params", nil))
	a.Login = login
	if seconds := e.get("token_expires_in_ms").number() / 1000; seconds > 0 {
		p.manifest.Refresh = &abi.Refresh{Lifetime: seconds}
	}
	p.placed("session")
	return nil
}

// pointerOf is a path such as data.token as a pointer.
func pointerOf(path string) string {
	path = clean(path)
	if path == "" || strings.ContainsAny(path, "[]() ") {
		return ""
	}
	return "/" + strings.ReplaceAll(escapedToken(path), ".", "/")
}
