package oauth

import (
	"cmp"
	"encoding/json"
	"maps"
	"net"
	"net/http"
	"net/url"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// A message is a token or revoke request before it is filled: what the
// manifest says, over the parameters of its RFC.
type message struct {
	template abi.Request
	url      *url.URL
	defaults map[string]string
	values   host.Values
}

// call fills a message. The defaults and the manifest's own parameters stand
// together: in JSON when the manifest gives that, even empty, in the query
// when the method is GET, in a form otherwise.
func (c *Client) call(t host.FlowTarget, m message) (host.Call, error) {
	call, err := m.bare()
	if err != nil {
		return call, err
	}
	if err := c.authenticate(t, m, &call); err != nil {
		return call, err
	}
	return call, m.fill(&call)
}

// bare is a message without the client's credential and, for OAuth 1.0a, without
// any parameter but the manifest's.
func (m message) bare() (host.Call, error) {
	call := host.Call{
		Method: cmp.Or(m.template.Method, http.MethodPost),
		URL:    m.url,
		Header: http.Header{"Accept": {"application/json"}},
		// The host of this endpoint alone, whatever else the connector
		// declares: nothing of a token request is for another host.
		Hosts:      []string{hostPort(m.url)},
		Bound:      true,
		NoRedirect: true,
		// What is secret stands in the header and the body already. A Sign says
		// so to egress, which then sends it over plain http only to what the
		// operator opened.
		Sign:     func(*http.Request) error { return nil },
		Timeout:  Timeout,
		MaxBytes: maxAnswer,
		// No Redactor: a service that does not rotate sends the refresh token
		// that we already know, and "[redacted]" would be stored in its place.
	}
	if m.defaults != nil {
		return call, nil
	}
	return call, m.fill(&call)
}

// fill puts the parameters and headers in.
func (m message) fill(call *host.Call) error {
	given := m.template.Form
	if !m.template.JSON.IsZero() {
		given = m.template.JSON.Texts()
	} else if call.Method == http.MethodGet {
		given = m.template.Query
	}
	params, err := m.merge(m.defaults, given)
	if err != nil {
		return err
	}
	if err := m.fillHeader(call.Header); err != nil {
		return err
	}
	return m.place(call, params)
}

// merge puts the manifest's texts over the defaults and drops what is empty.
func (m message) merge(defaults, given map[string]string) (map[string]string, error) {
	all := map[string]string{}
	maps.Copy(all, defaults)
	for name, template := range given {
		text, err := m.values.Text(template)
		if err != nil {
			return nil, err
		}
		all[name] = text
	}
	maps.DeleteFunc(all, func(_, text string) bool { return text == "" })
	return all, nil
}

func (m message) fillHeader(h http.Header) error {
	given, err := m.merge(map[string]string{}, m.template.Headers)
	if err != nil {
		return err
	}
	for name := range m.template.Headers {
		h.Del(name)
	}
	for name, text := range given {
		h.Set(name, text)
	}
	return nil
}

// place puts the parameters where they go.
func (m message) place(call *host.Call, params map[string]string) error {
	query := call.URL.Query()
	if call.Method == http.MethodGet && m.template.JSON.IsZero() {
		set(query, params)
	} else {
		extra, err := m.merge(map[string]string{}, m.template.Query)
		if err != nil {
			return err
		}
		set(query, extra)
	}
	u := *call.URL
	u.RawQuery = query.Encode()
	call.URL = &u

	switch {
	case !m.template.JSON.IsZero():
		body, err := json.Marshal(params)
		if err != nil {
			return err
		}
		setBody(call, body, "application/json")
	case call.Method != http.MethodGet && len(params) > 0:
		form := url.Values{}
		set(form, params)
		setBody(call, []byte(form.Encode()), "application/x-www-form-urlencoded")
	}
	return nil
}

func set(q url.Values, texts map[string]string) {
	for name, text := range texts {
		q.Set(name, text)
	}
}

func setBody(call *host.Call, body []byte, kind string) {
	call.SetBody(body)
	if call.Header.Get("Content-Type") == "" {
		call.Header.Set("Content-Type", kind)
	}
}

// hostPort is a URL's host with its port, given or not.
func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return net.JoinHostPort(u.Hostname(), port)
}
