package oauth

import (
	"context"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// grantDevice is RFC 8628 section 3.4.
const grantDevice = "urn:ietf:params:oauth:grant-type:device_code"

// How long a person has and how often is asked, where the service says nothing
// or what cannot be meant (RFC 8628 section 3.2).
const (
	deviceLife     = 10 * time.Minute
	maxDeviceLife  = time.Hour
	deviceInterval = 5 * time.Second
)

// Device asks for a code that the person enters (RFC 8628 section 3.1).
func (c *Client) Device(ctx context.Context, t host.FlowTarget, scopes []string) (host.DeviceCode, error) {
	var out host.DeviceCode
	t.Redactor = known(t.Redactor)
	t.Redactor.LearnSecret(t.ClientSecret)
	m := t.Connector.Manifest
	scope := strings.Join(scopes, m.ScopeSeparator())
	v := values(t, map[string]string{"scope": scope}, nil)
	u, err := endpoint(t, "device", t.Endpoints.Device, m.Auth.Device, v)
	if err != nil {
		return out, err
	}
	call, err := c.call(t, message{given(m.Auth.Device), u, map[string]string{"scope": scope}, v})
	if err != nil {
		return out, safe(t.Redactor, err)
	}
	if m.Auth.Proof == abi.ProofDPoP {
		key, _, err := newProof(t)
		if err != nil {
			return out, err
		}
		out.Params = map[string]host.Secret{abi.DPoPKey: key}
	}
	start := c.now()
	a, err := c.send(ctx, call, t.Redactor)
	if err != nil {
		return out, err
	}
	if a.status < 200 || a.status > 299 {
		return out, host.Errorf(refusedOr(a.status), "%s gave no code for another device: %s", m.Name, a.what())
	}
	if err := a.device(&out, t.Redactor, m.Name, u.Scheme, start); err != nil {
		return host.DeviceCode{}, err
	}
	return out, nil
}

// device reads an answer of RFC 8628 section 3.2. The person is shown it, so
// it must be what can be shown, and hold nothing of the process's own code.
// Who was asked over https does not send the person to a page that is not.
func (a *answer) device(out *host.DeviceCode, r *host.Redactor, name, scheme string, start time.Time) error {
	text := func(pointers ...string) string {
		for _, p := range pointers {
			if s, _ := asText(a.part(p)); s != "" {
				return s
			}
		}
		return ""
	}
	code := text("/device_code")
	r.Learn(code)
	out.Code, out.UserCode = host.NewSecret(code), text("/user_code")
	out.URL = page(text("/verification_uri", "/verification_url"), scheme)
	out.WholeURL = page(text("/verification_uri_complete", "/verification_url_complete"), scheme)
	if code == "" || !showable(out.UserCode) || out.URL == "" || holds(out.UserCode+" "+out.URL+" "+out.WholeURL, code) {
		return host.Errorf(host.Unavailable, "%s gave no code for another device that can be shown", name)
	}
	life, ok := lifetime(a.part("/expires_in"))
	if !ok {
		life = deviceLife
	}
	life = min(life, maxDeviceLife)
	out.Expires = start.Add(life)
	interval, ok := lifetime(a.part("/interval"))
	if !ok || interval < time.Second || interval >= life {
		interval = deviceInterval
	}
	out.Interval = interval
	return nil
}

// holds says whether a text tells a secret, in any form that would be masked.
func holds(text, secret string) bool {
	r := host.NewRedactor(nil)
	r.Learn(secret)
	return text == secret || r.Text(text) != text
}

// page is a URL that a person may be shown, or nothing.
func page(text, asked string) string {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" && (u.Scheme != "http" || asked != "http") || u.Host == "" || u.User != nil || len(text) > 2048 {
		return ""
	}
	if text = u.String(); !bare(text) { // String leaves the query as it is
		return ""
	}
	return text
}

// showable says whether a text can be printed and typed.
func showable(code string) bool {
	return code != "" && len(code) <= 64 && utf8.ValidString(code) && !strings.ContainsFunc(code, func(r rune) bool { return !unicode.IsPrint(r) })
}

// Poll asks once whether the person has consented (RFC 8628 section 3.4).
func (c *Client) Poll(ctx context.Context, t host.FlowTarget, code host.DeviceCode) (host.Tokens, error) {
	t.Redactor = known(t.Redactor)
	t.Redactor.LearnSecret(code.Code)
	m := t.Connector.Manifest
	for name, s := range code.Params {
		t.Secret = host.WithKey(t.Secret, name, s)
	}
	tokens, err := c.grant(ctx, t, grant{
		phase:    phaseExchange,
		pointers: m.TokenAnswer(),
		fixed:    t.Endpoints.Token,
		template: given(m.Auth.Token),
		defaults: map[string]string{"grant_type": grantDevice, "device_code": code.Code.Reveal()},
		values:   values(t, nil, nil),
	})
	tokens.Params = code.Params
	return tokens, err
}
