package broker

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// guestRequest is what the manifest's templates make of an action, as a guest
// may see it: where a secret belongs stands its place.
func (r *route) guestRequest(a abi.Action, given actionValues) (abi.GuestRequest, error) {
	v := r.values
	v.Params = over(v.Params, given.texts)
	v.Paths = a.PathKeys()
	v.Secret = map[string]host.Secret{}
	for name := range r.values.Secret {
		v.Secret[name] = host.NewSecret(host.SecretPlace + name + "}}")
	}
	template := a.Request
	template.Query = nil
	u, err := v.Endpoint(template, r.connector.Manifest.BaseURL)
	if err != nil {
		return abi.GuestRequest{}, err
	}
	out := abi.GuestRequest{Method: a.Method, URL: u.String()}
	for _, part := range []struct {
		templates map[string]string
		into      *map[string]string
	}{{a.Query, &out.Query}, {a.Headers, &out.Header}, {a.Form, &out.Form}} {
		if part.templates == nil {
			continue
		}
		if *part.into, err = filledTexts(part.templates, filler(v)); err != nil {
			return out, err
		}
	}
	if out.JSON, err = given.body(a, filler(v)); err != nil {
		return out, err
	}
	return out, given.spread(a, &out)
}

// filler fills templates with parameters and the places of secrets. A place that
// only the parameters make, one of them or two side by side, is not the
// connector's and is refused: whoever may do an action would choose a secret
// to be sent where they can read it.
func filler(v host.Values) func(template string) (string, error) {
	bare := v
	bare.Params = make(map[string]string, len(v.Params))
	for name, text := range v.Params {
		if bare.Params[name] = text; text != "" {
			bare.Params[name] = "-"
		}
	}
	return func(template string) (string, error) {
		text, err := v.Text(template)
		if err != nil {
			return "", err
		}
		own, err := bare.Text(template)
		if err == nil && strings.Count(text, host.SecretPlace) != strings.Count(own, host.SecretPlace) {
			err = foreignPlace("a parameter of the action")
		}
		return text, err
	}
}

// filledTexts are templates by names, filled; what comes out empty is left out.
func filledTexts(templates map[string]string, fill func(string) (string, error)) (map[string]string, error) {
	texts := map[string]string{}
	for name, template := range templates {
		text, err := fill(template)
		if err != nil {
			return nil, err
		}
		if text != "" {
			texts[name] = text
		}
	}
	return texts, nil
}

// foreignPlace refuses a text of somebody else than the connector that would be
// taken for the place of a secret.
func foreignPlace(what string) *host.Error {
	return host.Errorf(host.Refused, "%s holds %s, which stands for a secret of the connection", what, host.SecretPlace)
}

// holdsPlace looks for the place of a secret in the texts and names of a JSON
// value as whoever reads it will find them: of a name that stands there twice,
// one takes the first value and another the last.
func holdsPlace(raw json.RawMessage) bool {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	for {
		token, err := dec.Token()
		if err != nil { // the end; what is no JSON is refused elsewhere
			return false
		}
		if text, ok := token.(string); ok && host.HasPlace(text) {
			return true
		}
	}
}

// guestCall turns a guest's request into a call, with the places of its secrets
// filled, and says where. Where it may go, egress decides.
func (r *route) guestCall(hook string, g abi.GuestRequest, find func(string) (host.Secret, bool)) (host.Call, concealed, error) {
	c := concealed{header: map[string]string{}}
	if host.HasPlace(g.URL) || host.HasPlace(g.Method) {
		return host.Call{}, c, broke(r.connector, hook, "put the place of a secret into a URL")
	}
	u, err := r.url(g.URL)
	if err != nil {
		return host.Call{}, c, err
	}
	call := host.Call{Method: methodOf(g), URL: u, Header: http.Header{}}
	places := 0
	fill := host.Filler{Find: find}
	filled := func(text string) (string, error) {
		s, err := fill.Fill(text)
		if err != nil {
			return "", r.unfilled(hook, err)
		}
		if host.HasPlace(text) {
			// Egress then treats the call as one that carries a credential,
			// whatever the auth type.
			places++
			call.Sign = func(*http.Request) error { return nil }
		}
		return s, nil
	}
	for _, name := range slices.Sorted(maps.Keys(g.Query)) {
		text, err := filled(g.Query[name])
		if err != nil {
			return call, c, err
		}
		if host.SetQuery(u, name, text); host.HasPlace(g.Query[name]) {
			c.query = append(c.query, name)
		}
	}
	for name, template := range g.Header {
		text, err := filled(template)
		if err != nil {
			return call, c, err
		}
		if call.Header.Set(name, text); host.HasPlace(template) {
			c.header[http.CanonicalHeaderKey(name)] = template
		}
	}
	places = 0
	err = r.guestBody(hook, &call, g, filled)
	c.body = places > 0
	return call, c, err
}

// guestBody sets the body of a call, and its type where the guest does not say.
func (r *route) guestBody(hook string, call *host.Call, g abi.GuestRequest, filled func(string) (string, error)) error {
	var body []byte
	kind := ""
	switch given := b2i(g.Form != nil) + b2i(g.JSON != nil) + b2i(g.Body != ""); {
	case given > 1:
		return broke(r.connector, hook, "gave a request with more than one kind of body")
	case given == 0:
		return nil
	case g.Form != nil:
		form := url.Values{}
		for name, template := range g.Form {
			text, err := filled(template)
			if err != nil {
				return err
			}
			form.Set(name, text)
		}
		body, kind = []byte(form.Encode()), "application/x-www-form-urlencoded"
	case g.JSON != nil:
		text, err := fillJSON(g.JSON, filled)
		if err != nil {
			return err
		}
		body, kind = text, "application/json"
	default:
		text, err := filled(g.Body)
		if err != nil {
			return err
		}
		body = []byte(text)
	}
	if call.Header.Get("Content-Type") == "" && kind != "" {
		call.Header.Set("Content-Type", kind)
	}
	call.SetBody(body)
	return nil
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// fillJSON fills the places in the texts of a document: inside each text, so
// that no secret can end it. A document without places stays as it is.
func fillJSON(doc json.RawMessage, filled func(string) (string, error)) ([]byte, error) {
	if !bytes.Contains(doc, []byte("secret:")) {
		return doc, nil
	}
	dec := json.NewDecoder(bytes.NewReader(doc))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, err
	}
	v, err := fillTree(v, filled)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	err = enc.Encode(v)
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), err
}

func fillTree(v any, filled func(string) (string, error)) (any, error) {
	var err error
	switch v := v.(type) {
	case string:
		return filled(v)
	case []any:
		for i := range v {
			if v[i], err = fillTree(v[i], filled); err != nil {
				return nil, err
			}
		}
	case map[string]any:
		for name := range v {
			if v[name], err = fillTree(v[name], filled); err != nil {
				return nil, err
			}
		}
	}
	return v, nil
}

// guestFetch makes the requests of an action hook: what a script could send, through
// the same door.
func (b *Broker) guestFetch(r *route) func(context.Context, abi.GuestRequest) (abi.Response, []byte, error) {
	return func(ctx context.Context, g abi.GuestRequest) (abi.Response, []byte, error) {
		got, err := b.sendGuest(ctx, r, abi.HookAction, g)
		if err != nil {
			return abi.Response{}, nil, err
		}
		shown, body, err := guestResponse(got.response)
		if err != nil {
			return abi.Response{}, nil, err
		}
		shown, body = spoiled(shown, body)
		return shown, body, nil
	}
}

// sendGuest sends a guest's request with the route's credential.
func (b *Broker) sendGuest(ctx context.Context, r *route, hook string, g abi.GuestRequest) (sent, error) {
	now, err := b.again(ctx, r)
	if err != nil {
		return sent{}, err
	}
	if err := now.mayWrite(host.Call{Method: methodOf(g), Header: headerOf(g)}); err != nil {
		return sent{}, err
	}
	with, err := b.ready(ctx, r) // a place of the access token is filled with the one that lives
	if err != nil {
		return sent{}, err
	}
	call, filled, err := r.guestCall(hook, g, r.vault(with.secrets).Find)
	if err != nil {
		return sent{}, err
	}
	got, err := b.send(ctx, r, call, filled)
	got.refreshed = got.refreshed || with.refreshed
	return got, err
}

// methodOf is the method of a guest's request: what it says, or what its body means.
func methodOf(g abi.GuestRequest) string {
	switch {
	case g.Method != "":
		return g.Method
	case g.Form != nil || g.JSON != nil || g.Body != "":
		return http.MethodPost
	}
	return http.MethodGet
}

// headerOf is the header that a guest set.
func headerOf(g abi.GuestRequest) http.Header {
	h := http.Header{}
	for name, text := range g.Header {
		h.Set(name, text)
	}
	return h
}
