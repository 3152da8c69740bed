package lab

import (
	"cmp"
	"maps"
	"strings"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// A Credential is what the service that a manifest describes knows its one
// person and its one client by. It is made up and no secret.
type Credential struct {
	ClientID     string
	ClientSecret string            // a text, or a key or certificate as PEM, as the manifest wants it
	Values       map[string]string // of the fields that are no secrets; those of kind host too
	Secrets      map[string]string // of the secret fields
}

// credential makes up what a manifest asks for. A field that may be left out is
// left out, and so is one that the others make invisible. What Options give
// stands.
func (l *Lab) credential(m abi.Manifest, given map[string]string) (Credential, error) {
	c := Credential{Values: map[string]string{}, Secrets: map[string]string{}}
	for _, f := range m.Fields() {
		text, ok := given[f.Key]
		var err error
		if !ok {
			text, err = l.field(m, f)
		}
		if err == nil {
			err = f.Check(text)
		}
		if err != nil {
			return c, host.Errorf(host.Failed, "the lab cannot make up a value for the parameter %q: %v", f.Key, err).
				WithHint("give it one: --param %s=VALUE", f.Key)
		}
		switch {
		case text == "":
		case f.Secret:
			c.Secrets[f.Key] = text
		default:
			c.Values[f.Key] = text
		}
	}
	for key := range m.Invisible(c.Values) {
		delete(c.Values, key)
		delete(c.Secrets, key)
	}
	if !m.NeedsClient() {
		return c, nil
	}
	var err error
	if c.ClientID, err = l.clientID(m); err == nil {
		c.ClientSecret, err = l.clientSecret(m)
	}
	return c, err
}

// field is the value of one field.
func (l *Lab) field(m abi.Manifest, f abi.Parameter) (string, error) {
	for _, d := range m.DataCentres[:min(1, len(m.DataCentres))] {
		if text := d.Values[f.Key]; text != "" {
			return text, nil
		}
	}
	switch {
	case f.Default != "" || !f.Required:
		return f.Default, nil
	case len(f.Enum) > 0:
		return f.Enum[0], nil
	case f.Pattern != "":
		return l.invent(f.Pattern)
	case f.Kind == abi.KindHost:
		return label(f.Key) + ".lab.example", nil
	case f.Secret:
		return l.secretField(m, f.Key)
	case f.Key == "username":
		return BasicUser, nil
	}
	return "lab-" + label(f.Key), nil
}

// label is a key as one label of a host name, where its value may have to stand.
func label(key string) string {
	return strings.Trim(strings.ReplaceAll(strings.ToLower(key), "_", "-"), "-")
}

// secretField is a secret text, or a key where tokens are signed with one.
func (l *Lab) secretField(m abi.Manifest, key string) (string, error) {
	for _, t := range []abi.Assertion{m.Auth.JWT(), m.Auth.Bearer()} {
		places, _ := abi.Places(t.Key)
		if len(places) == 1 && places[0].Name == key && t.Key == "{"+key+"}" {
			return l.signingKey(t.Algorithm)
		}
	}
	return l.secret(label(key)), nil
}

func (l *Lab) clientID(m abi.Manifest) (string, error) {
	if m.Auth.ClientIDPattern == "" {
		return ClientID, nil
	}
	text, err := l.invent(m.Auth.ClientIDPattern)
	if err != nil {
		err = host.Errorf(host.Failed, "the lab cannot make up a client id: %v", err)
	}
	return text, err
}

// clientSecret is what the manifest makes of a client's secret.
func (l *Lab) clientSecret(m abi.Manifest) (string, error) {
	switch {
	case m.Auth.Type == abi.AuthOAuth1 && m.Auth.SignatureMethodOr() == abi.RSASHA1:
		return l.signingKey("RS256")
	case m.Auth.Type == abi.AuthOAuth1:
		return ClientSecret, nil
	}
	switch m.ClientAuth() {
	case abi.ClientAuthNone:
		return "", nil
	case abi.ClientAuthPrivateKey, abi.ClientAuthSecretKey:
		return l.signingKey(m.Auth.ClientToken().Algorithm)
	case abi.ClientAuthMTLS:
		return l.certificate()
	}
	return ClientSecret, nil
}

// known are the values that templates are filled with: the fields, and what the
// service tells of itself.
func (c Credential) known(m abi.Manifest, addr string) map[string]string {
	at := "https://"
	if addr != "" {
		at = "http://" + addr + "/"
	}
	known := map[string]string{}
	for _, f := range m.Fields() {
		known[f.Key] = cmp.Or(c.Values[f.Key], c.Secrets[f.Key])
	}
	for _, name := range m.CapturedNames() {
		known[name] = "lab-" + label(name)
		for _, template := range urlsOf(m) {
			if strings.HasPrefix(template, "{"+name+"}") || strings.HasPrefix(template, "{"+name+"|") {
				known[name] = at + label(name) + ".lab.example"
			}
		}
	}
	return known
}

// urlsOf are the templates of the URLs of a manifest, each once.
func urlsOf(m abi.Manifest) []string {
	seen := map[string]bool{m.BaseURL: true, m.Auth.Issuer: true}
	for _, r := range requestsOf(&m) {
		seen[r.URL] = true
	}
	delete(seen, "")
	list := make([]string, 0, len(seen))
	for u := range maps.Keys(seen) {
		list = append(list, u)
	}
	return list
}

// requestsOf are the requests that a manifest describes.
func requestsOf(m *abi.Manifest) []*abi.Request {
	a := &m.Auth
	var list []*abi.Request
	for _, r := range []*abi.Request{a.Request, a.Authorize, a.Token, a.Device, a.PAR, a.Login, m.Test, m.Identity, m.Introspect} {
		if r != nil {
			list = append(list, r)
		}
	}
	if m.Choose != nil {
		list = append(list, &m.Choose.Request)
	}
	if m.Refresh != nil {
		list = append(list, &m.Refresh.Request)
	}
	if m.Revoke != nil {
		list = append(list, &m.Revoke.Request)
	}
	for i := range m.Actions {
		list = append(list, &m.Actions[i].Request)
	}
	return list
}
