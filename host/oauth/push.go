package oauth

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/connhost/connhost/host"
)

// pushes says whether the parameters of an authorization go to the service
// before the browser (RFC 9126): where the manifest or the metadata says so.
func pushes(t host.FlowTarget) bool {
	return t.Connector.Manifest.Auth.PAR != nil || t.Endpoints.PAR != ""
}

// maxReference bounds in bytes what is put into the browser's URL.
const maxReference = 2048

// push sends the query of an authorization URL and gives the URL that refers
// to it: the endpoint with its own query (RFC 6749 section 3.1), and nothing of
// what was pushed but the client's id.
func (c *Client) push(ctx context.Context, t host.FlowTarget, v host.Values, authorize, asked *url.URL) (*url.URL, time.Time, error) {
	var none time.Time
	r := known(t.Redactor)
	r.LearnSecret(t.ClientSecret)
	name := t.Connector.Manifest.Name
	u, err := endpoint(t, "par", t.Endpoints.PAR, t.Connector.Manifest.Auth.PAR, v)
	if err != nil {
		return nil, none, err
	}
	defaults := map[string]string{}
	for key, texts := range asked.Query() {
		defaults[key] = texts[0]
	}
	call, err := c.call(t, message{given(t.Connector.Manifest.Auth.PAR), u, defaults, v})
	if err != nil {
		return nil, none, safe(r, err)
	}
	start := c.now()
	a, err := c.send(ctx, call, r)
	if err != nil {
		return nil, none, err
	}
	if a.status < 200 || a.status > 299 {
		return nil, none, host.Errorf(refusedOr(a.status), "%s did not take the request for authorization: %s", name, a.what())
	}
	reference, _ := asText(a.part("/request_uri"))
	if reference == "" || len(reference) > maxReference {
		return nil, none, host.Errorf(host.Unavailable, "%s took the request for authorization and gave no reference to it", name)
	}
	short, q := *authorize, authorize.Query()
	q.Set("client_id", t.ClientID)
	q.Set("request_uri", reference)
	short.RawQuery = q.Encode()
	if life, ok := lifetime(a.part("/expires_in")); ok { // RFC 9126 section 2.2
		return &short, start.Add(life), nil
	}
	return &short, none, nil
}

// what says how a service refused: by a known code, or by its status.
func (a *answer) what() string {
	if text, _ := a.part("/error").(string); knownCode(text) != "" {
		return text
	}
	return fmt.Sprintf("status %d", a.status)
}

// refusedOr is the code of an answer that is none: the service's fault, or what
// it makes of the request.
func refusedOr(status int) host.Code {
	if status >= 500 || status == http.StatusTooManyRequests {
		return host.Unavailable
	}
	return host.Failed
}
