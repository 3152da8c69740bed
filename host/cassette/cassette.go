// Package cassette keeps HTTP that was recorded once, and gives it back without
// a network: one YAML format for scripts, connectors and tests. It sends
// nothing itself and knows no connection; who records hands it exchanges that
// are masked already, and a mask for what is left.
//
//	Record: request, answer -> Tape -> Write (masked, 0600)
//	Replay: Read -> Tape -> request -> the answer that was recorded for it
package cassette

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// A Cassette is what stands in a file.
type Cassette struct {
	Version   int        `yaml:"cassette"` // 1
	Exchanges []Exchange `yaml:"exchanges"`
}

// An Exchange is one request and its answer.
type Exchange struct {
	Request  Request  `yaml:"request" json:"request"`
	Response Response `yaml:"response" json:"response"`
}

// A Request is what an answer is found by: all of it but the header. A named
// action has its name and parameters in place of method and URL.
type Request struct {
	Connection string            `yaml:"connection,omitempty" json:"connection,omitzero"` // the link name
	Action     string            `yaml:"action,omitempty" json:"action,omitzero"`         // acme.list_items
	Method     string            `yaml:"method,omitempty" json:"method,omitzero"`
	URL        string            `yaml:"url,omitempty" json:"url,omitzero"`
	Header     map[string]string `yaml:"headers,omitempty" json:"headers,omitzero"` // for people
	Body       Body              `yaml:"body,omitempty" json:"body,omitzero"`
}

// A Response is an answer.
type Response struct {
	Status int               `yaml:"status" json:"status"`
	Header map[string]string `yaml:"headers,omitempty" json:"headers,omitzero"`
	Body   Body              `yaml:"body,omitempty" json:"body,omitzero"`
}

// A Body is text as it is, or, in a file, {base64: ...} for anything else.
type Body string

// Header fields that a cassette leaves out: they carry credentials, or belong to
// the connection and not to the message.
var left = []string{
	"Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie", "Date", "Content-Length", "Connection", "Keep-Alive",
	"Transfer-Encoding", "Content-Encoding", "Accept-Encoding", "User-Agent", "Alt-Svc", "Strict-Transport-Security",
}

// plainHeader is a header as it is kept. Values of one name stand between
// commas (RFC 9110 section 5.3).
func plainHeader(h http.Header) map[string]string {
	out := map[string]string{}
	for name, values := range h {
		if !slices.Contains(left, http.CanonicalHeaderKey(name)) && len(values) > 0 {
			out[http.CanonicalHeaderKey(name)] = strings.Join(values, ", ")
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// sortedURL is a URL with its query in the order of its names, so that a map
// that was written in another order gives the same request.
func sortedURL(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.RawQuery == "" {
		return raw
	}
	u.RawQuery = u.Query().Encode()
	return u.String()
}
