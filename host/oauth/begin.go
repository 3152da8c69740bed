package oauth

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/oauth2"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// Begin makes the URL that the person opens. Scopes are asked for in the order
// given. The endpoint pair that it returns must be given back to Exchange, so
// that a callback cannot move the code to another server (RFC 9700 section
// 4.4).
func (c *Client) Begin(ctx context.Context, t host.FlowTarget, redirectURI string, scopes []string) (host.Begun, error) {
	begun := host.Begun{State: newState(), Endpoints: t.Endpoints}
	var options []oauth2.AuthCodeOption
	if t.Connector.Manifest.Auth.Proof == abi.ProofDPoP {
		key, thumbprint, err := newProof(t)
		if err != nil {
			return begun, err
		}
		begun.Params = map[string]host.Secret{abi.DPoPKey: key}
		options = append(options, oauth2.SetAuthURLParam("dpop_jkt", thumbprint)) // RFC 9449 section 10
	}
	if t.Connector.Manifest.PKCE() {
		verifier := oauth2.GenerateVerifier()
		begun.Verifier = host.NewSecret(verifier)
		t.Redactor.Learn(verifier)
		options = append(options, oauth2.S256ChallengeOption(verifier))
	}
	scope := strings.Join(scopes, t.Connector.Manifest.ScopeSeparator())
	v := values(t, map[string]string{"redirect_uri": redirectURI, "scope": scope}, nil)

	authorize, token, err := endpoints(t, v)
	if err != nil {
		return host.Begun{}, err
	}
	begun.Endpoints.Authorize, begun.Endpoints.Token = authorize.String(), token.String()
	asked, err := authorizeURL(authorize, t, v, begun.State.Reveal(), options)
	if err == nil && pushes(t) {
		asked, begun.Expires, err = c.push(ctx, t, v, authorize, asked)
	}
	if err != nil {
		return begun, err
	}
	begun.URL = asked.String()
	return begun, nil
}

// Code is the grant that a callback brings (RFC 6749 section 4.1.2). What the
// service says in an error is kept to known codes, and it says it of itself:
// another issuer's answer is refused, errors too (RFC 9207 section 2.4).
func (c *Client) Code(t host.FlowTarget, query url.Values, _ host.Secret) (string, error) {
	if err := checkOnce(query, "state", "code", "error"); err != nil {
		return "", err
	}
	if err := checkIssuer(t, query["iss"]); err != nil {
		return "", err
	}
	if code := query.Get("error"); code != "" {
		return "", host.Errorf(host.Failed, "the service refused the authorization: %s", knownError(code))
	}
	code := query.Get("code")
	if code == "" {
		return "", host.Errorf(host.Failed, "the service's answer holds no code")
	}
	return code, nil
}

// checkOnce refuses a callback that says twice what a service says once (RFC
// 6749 section 3.1): somebody has added to it.
func checkOnce(query url.Values, names ...string) error {
	for _, name := range names {
		if len(query[name]) > 1 {
			return host.Errorf(host.Refused, "the callback gives its %s more than once", name)
		}
	}
	return nil
}

// checkIssuer compares the issuer that a callback names with that whose
// metadata was read.
func checkIssuer(t host.FlowTarget, named []string) error {
	switch {
	case t.Endpoints.Issuer == "" || len(named) == 0 && !t.Endpoints.NamesIssuer:
		return nil
	case len(named) == 0:
		return host.Errorf(host.Refused, "the callback does not name its issuer, which %s always does", t.Connector.Manifest.Name)
	case len(named) > 1 || named[0] != t.Endpoints.Issuer:
		return host.Errorf(host.Refused, "the callback is of another issuer than the one that was asked")
	}
	return nil
}

// knownError keeps to the codes of RFC 6749 section 4.1.2.1 and OpenID
// Connect: what a stranger puts into a URL is not repeated.
func knownError(code string) string {
	known := []string{
		"invalid_request", "unauthorized_client", "access_denied", "unsupported_response_type", "invalid_scope",
		"server_error", "temporarily_unavailable", "login_required", "consent_required", "interaction_required",
	}
	if slices.Contains(known, code) {
		return code
	}
	return "an error of its own"
}

// authorizeURL is RFC 6749 section 4.1.1, with the manifest's additions.
func authorizeURL(endpoint *url.URL, t host.FlowTarget, v host.Values, state string, options []oauth2.AuthCodeOption) (*url.URL, error) {
	bare, own := *endpoint, endpoint.Query()
	bare.RawQuery = ""
	config := oauth2.Config{
		ClientID:    t.ClientID,
		RedirectURL: v.Params["redirect_uri"],
		Endpoint:    oauth2.Endpoint{AuthURL: bare.String()},
	}
	if scope := v.Params["scope"]; scope != "" {
		config.Scopes = []string{scope} // already joined by the manifest's separator
	}
	built, err := url.Parse(config.AuthCodeURL(state, options...))
	if err != nil {
		return nil, host.Errorf(host.Failed, "the connector's authorize URL cannot be used").Because(err)
	}
	q := built.Query()
	for name, texts := range own {
		if !q.Has(name) {
			q[name] = texts
		}
	}
	if err := addQuery(q, given(t.Connector.Manifest.Auth.Authorize).Query, v.Text); err != nil {
		return nil, err
	}
	if err := checkHookQuery(q, t.Query); err != nil {
		return nil, err
	}
	asItIs := func(text string) (string, error) { return text, nil }
	if err := addQuery(q, t.Query, asItIs); err != nil {
		return nil, err
	}
	built.RawQuery = q.Encode()
	return built, nil
}

// addQuery puts the connector's parameters over the defaults. Those that
// protect the flow are not its to change: PKCE has a key of its own.
func addQuery(q url.Values, given map[string]string, fill func(template string) (string, error)) error {
	for name, template := range given {
		switch name {
		case "state", "code_challenge", "code_challenge_method", "dpop_jkt":
			return host.Errorf(host.Failed, "a connector may not set the authorize parameter %q", name)
		}
		text, err := fill(template)
		if err != nil {
			return err
		}
		q.Del(name)
		if text != "" {
			q.Set(name, text)
		}
	}
	return nil
}

// checkHookQuery refuses what a connector's code, which no administrator can
// read, may not choose: where the code is sent and for whom, and a request
// object (RFC 9101), which stands over every other parameter, state and PKCE
// among them. Those of the manifest are there to be read.
func checkHookQuery(q url.Values, given map[string]string) error {
	for name, text := range given {
		switch name {
		case "redirect_uri", "client_id", "response_type":
			if text == "" || text == q.Get(name) {
				continue
			}
		case "request", "request_uri":
		default:
			continue
		}
		return host.Errorf(host.Failed, "a connector's code may not set the authorize parameter %q", name)
	}
	return nil
}

// endpoints fills the pair of URLs. The browser may be sent over plain http
// only to the host of a token endpoint that is plain http too: whether that
// host is one that the operator opened is decided by egress at the exchange.
func endpoints(t host.FlowTarget, v host.Values) (authorize, token *url.URL, err error) {
	m := t.Connector.Manifest
	if authorize, err = endpoint(t, "authorize", t.Endpoints.Authorize, m.Auth.Authorize, v); err != nil {
		return nil, nil, err
	}
	if token, err = endpoint(t, "token", t.Endpoints.Token, m.Auth.Token, v); err != nil {
		return nil, nil, err
	}
	if authorize.Scheme == "http" && (token.Scheme != "http" || token.Hostname() != authorize.Hostname()) {
		return nil, nil, host.Errorf(host.Refused, "the authorize URL of connector %q is not https", t.Connector.ID)
	}
	return authorize, token, nil
}

// given is a request of the manifest, an empty one where there is none.
func given(r *abi.Request) abi.Request {
	if r == nil {
		return abi.Request{}
	}
	return *r
}

// endpoint is the URL that was fixed at begin or else the manifest's, without
// the manifest's query, which is added when the request is made.
func endpoint(t host.FlowTarget, name, fixed string, r *abi.Request, v host.Values) (*url.URL, error) {
	var u *url.URL
	var err error
	switch q := given(r); {
	case fixed != "":
		u, err = url.Parse(fixed)
	case q.URL == "" && q.Path == "":
		return nil, host.Errorf(host.Failed, "neither connector %q nor its service says where the %s endpoint is", t.Connector.ID, name)
	default:
		q.Query = nil
		u, err = v.Endpoint(q, t.Connector.Manifest.BaseURL)
	}
	if err != nil {
		return nil, err
	}
	if u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.Fragment != "" {
		return nil, host.Errorf(host.Failed, "an endpoint of the connector must be an https URL without a fragment")
	}
	return u, nil
}

// newState is 256 random bits (RFC 6749 section 10.10 asks for 160).
func newState() host.Secret {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails
	return host.NewSecret(base64.RawURLEncoding.EncodeToString(b[:]))
}
