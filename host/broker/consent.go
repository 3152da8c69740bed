package broker

import (
	"context"
	"encoding/json"
	"maps"
	"net/url"
	"strings"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// authorizeQuery asks the connector's code what else the authorization URL asks
// for.
func (b *Broker) authorizeQuery(ctx context.Context, t target, redirectURI string, scopes []string) (map[string]string, error) {
	if !t.connector.HasHook(abi.HookAuthorize) {
		return nil, nil
	}
	params := over(t.params, t.connection.Params)
	u, err := url.Parse(t.endpoints.Authorize)
	if r := t.connector.Manifest.Auth.Authorize; t.endpoints.Authorize == "" && r != nil {
		u, err = t.connector.Values(params, nil).Endpoint(*r, t.connector.Manifest.BaseURL)
	}
	if err != nil {
		return nil, err
	}
	u.RawQuery = ""
	in := abi.AuthorizeInput{URL: u.String(), ClientID: t.client.ClientID, RedirectURI: redirectURI, Scopes: scopes, Fields: t.fields()}
	var out abi.AuthorizeOutput
	g := t.guest(b.Redactor)
	if err := b.call(ctx, g, abi.HookAuthorize, in, &out); err != nil {
		return nil, g.told(err)
	}
	for name, text := range out.Query {
		if host.HasPlace(text) || host.HasPlace(name) {
			return nil, broke(t.connector, abi.HookAuthorize, "put the place of a secret into a URL that a browser shows")
		}
	}
	return out.Query, nil
}

// readCallback takes out of a callback's query what the manifest captures, and
// lets the connector's code verify it and capture more. The host has checked
// before whose callback it is.
func (b *Broker) readCallback(ctx context.Context, t target, query url.Values) (map[string]string, error) {
	captured := map[string]string{}
	for name, pointer := range t.connector.Manifest.Capture {
		key, ok := abi.CallbackPointer(pointer)
		if values := query[callbackName(key)]; ok && len(values) == 1 && values[0] != "" {
			captured[name] = values[0]
		}
	}
	if !t.connector.HasHook(abi.HookCallback) {
		return captured, nil
	}
	g, shown := t.guest(b.Redactor), shownInCallback(t.connector.Manifest)
	g.vault.Answer = func(pointer string) (host.Secret, bool) {
		name := callbackName(pointer)
		values := query[name]
		return host.NewSecret(strings.Join(values, "")), len(values) == 1 && !shown(name)
	}
	veiled, err := veilQuery(query, shown)
	if err != nil {
		return nil, err
	}
	var out abi.CallbackOutput
	if err := b.call(ctx, g, abi.HookCallback, abi.CallbackInput{Query: veiled, Fields: t.fields()}, &out); err != nil {
		return nil, g.told(err)
	}
	for name, text := range out.Capture {
		if _, declared := t.connector.Manifest.Capture[name]; !declared {
			return nil, broke(t.connector, abi.HookCallback, "captured what the manifest does not declare")
		}
		if host.HasPlace(text) {
			return nil, broke(t.connector, abi.HookCallback, "captured the place of a secret")
		}
		captured[name] = text
	}
	return captured, nil
}

// callbackName is the parameter that a pointer into a callback's query names;
// it has no deeper ones.
func callbackName(pointer string) string {
	return strings.NewReplacer("~1", "/", "~0", "~").Replace(strings.TrimPrefix(pointer, "/"))
}

// shownInCallback tells which parameters of a callback are no secrets: the hook
// reads them.
func shownInCallback(m abi.Manifest) func(name string) bool {
	open := map[string]bool{"state": true, "scope": true}
	for _, pointer := range m.Public {
		if key, ok := abi.CallbackPointer(pointer); ok {
			open[callbackName(key)] = true
		}
	}
	for _, pointer := range m.Capture {
		if key, ok := abi.CallbackPointer(pointer); ok {
			open[callbackName(key)] = true
		}
	}
	return func(name string) bool { return open[name] || strings.HasPrefix(name, "error") }
}

// veilQuery is the query as the callback hook reads it: every text a handle but
// those that are shown.
func veilQuery(query url.Values, open func(name string) bool) (json.RawMessage, error) {
	veiled := map[string]any{}
	for name, values := range query {
		shown := make([]any, len(values))
		for i, text := range values {
			shown[i] = any(text)
			if !open(name) {
				shown[i] = abi.Handle{Secret: "answer:/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name)}
			}
		}
		veiled[name] = shown
		if len(shown) == 1 {
			veiled[name] = shown[0]
		}
	}
	return json.Marshal(veiled)
}

// over lays a map over another; both stay as they are.
func over(base, top map[string]string) map[string]string {
	if len(base)+len(top) == 0 {
		return nil
	}
	m := map[string]string{}
	maps.Copy(m, base)
	maps.Copy(m, top)
	return m
}

// hinted gives an error of the host a next step where it has none.
func hinted(err error, hint string) error {
	if e, ok := err.(*host.Error); ok && e.Hint == "" {
		return e.WithHint("%s", hint)
	}
	return err
}
