package abi

import (
	"maps"
	"slices"
)

// Fields are what a person is asked for when a connection is authorized, in
// order: the declared parameters, then the standard ones of the auth type that
// are not declared and that its templates name. Label is always set. Required
// is set where the manifest says so and where nothing works without a value.
// Captured values and an OAuth client's are no fields.
func (m Manifest) Fields() []Parameter {
	needed := m.needed()
	var fields []Parameter
	for _, p := range m.Parameters {
		p.Required = p.Required || needed[p.Key] && p.Default == ""
		if p.Label == "" {
			p.Label = p.Key
			if i := slices.IndexFunc(standard, func(s Parameter) bool { return s.Key == p.Key }); i >= 0 {
				p.Label = standard[i].Label
			}
		}
		fields = append(fields, p)
	}
	for _, p := range m.Auth.implied() {
		if _, declared := m.Parameter(p.Key); !declared {
			p.Required = needed[p.Key]
			fields = append(fields, p)
		}
	}
	return fields
}

// Field is the field of that key.
func (m Manifest) Field(key string) (Parameter, bool) {
	for _, p := range m.Fields() {
		if p.Key == key {
			return p, true
		}
	}
	return Parameter{}, false
}

// Parameter is the declared parameter of that key.
func (m Manifest) Parameter(key string) (Parameter, bool) {
	for _, p := range m.Parameters {
		if p.Key == key {
			return p, true
		}
	}
	return Parameter{}, false
}

// standard are the parameters that an auth type's own templates name.
var standard = []Parameter{
	{Key: "key", Label: "API key", Secret: true},
	{Key: "token", Label: "Token", Secret: true},
	{Key: "username", Label: "User name"},
	{Key: "password", Label: "Password", Secret: true},
	{Key: "private_key", Label: "Private key", Secret: true},
	{Key: "subject_token", Label: "Subject token", Secret: true},
	{Key: "region", Label: "Region"},
	{Key: "access_key_id", Label: "Access key id"},
	{Key: "secret_access_key", Label: "Secret access key", Secret: true},
	{Key: "session_token", Label: "Session token", Secret: true},
}

// standardKeys are those of an auth type.
func (a Auth) standardKeys() []string {
	switch a.Type {
	case AuthAPIKey:
		return []string{"key"}
	case AuthBearer:
		return []string{"token"}
	case AuthBasic, AuthDigest, AuthSession:
		return []string{"username", "password"}
	case AuthJWT:
		return []string{"private_key"}
	case AuthOAuth2:
		return []string{"private_key", "subject_token"}
	case AuthSigV4:
		return []string{"region", "access_key_id", "secret_access_key", "session_token"}
	}
	return nil
}

// templates are the templates of the credential itself.
func (a Auth) templates() []string {
	list := []string{a.ValueTemplate(), a.UsernameTemplate(), a.PasswordTemplate(), a.KeyTemplate(), a.RegionTemplate(), a.ServiceTemplate(), a.Realm}
	if a.Type == AuthSigV4 {
		list = append(list, "{access_key_id}{secret_access_key}{session_token|}")
	}
	for _, p := range a.Also {
		list = append(list, p.Value)
	}
	add := func(texts map[string]string) {
		for _, name := range slices.Sorted(maps.Keys(texts)) {
			list = append(list, texts[name])
		}
	}
	add(a.Header)
	add(a.Claims)
	for _, t := range []*Assertion{a.Assertion, a.ClientAssertion} {
		if t != nil {
			add(t.Header)
			add(t.Claims)
		}
	}
	if a.Type == AuthOAuth2 && a.Grant == GrantJWT {
		list = append(list, a.Bearer().Key)
	}
	if a.Type == AuthOAuth2 && a.Grant == GrantExchange {
		list = append(list, a.SubjectToken())
	}
	if a.Login != nil {
		list = append(list, a.Login.texts()...)
	}
	return list
}

// texts are the templates of a request.
func (r *Request) texts() []string {
	list := []string{r.URL, r.Path}
	for _, texts := range []map[string]string{r.Query, r.Headers, r.Form} {
		for _, name := range slices.Sorted(maps.Keys(texts)) {
			list = append(list, texts[name])
		}
	}
	for _, text := range r.JSON.Templates("") {
		list = append(list, text)
	}
	return list
}

// SubjectToken is the template of the token that a token_exchange presents.
func (a Auth) SubjectToken() string {
	if a.Token != nil {
		for _, texts := range []map[string]string{a.Token.Form, a.Token.JSON.Texts()} {
			if t := texts["subject_token"]; t != "" {
				return t
			}
		}
	}
	return "{subject_token}"
}

// implied are the standard parameters that the templates of the credential
// name.
func (a Auth) implied() []Parameter {
	var list []Parameter
	for _, p := range standard {
		if slices.Contains(a.standardKeys(), p.Key) && names(a.templates(), p.Key) {
			list = append(list, p)
		}
	}
	return list
}

// needed are the names without which there is no credential or no address: they
// stand without a fallback in the credential's templates, a host, or the URL
// that an authorization begins with.
func (m Manifest) needed() map[string]bool {
	templates := append(m.Auth.templates(), m.Hosts...)
	templates = append(templates, m.BaseURL, m.Auth.Issuer)
	for _, r := range []*Request{m.Auth.Authorize, m.Auth.Token, m.Auth.Device, m.Auth.PAR} {
		if r != nil {
			templates = append(templates, r.URL, r.Path)
		}
	}
	needed := map[string]bool{}
	for _, t := range templates {
		places, _ := Places(t)
		for _, p := range places {
			if !p.HasFall {
				needed[p.Name] = true
			}
		}
	}
	return needed
}

func names(templates []string, key string) bool {
	for _, t := range templates {
		places, _ := Places(t)
		if slices.ContainsFunc(places, func(p Place) bool { return p.Name == key }) {
			return true
		}
	}
	return false
}
