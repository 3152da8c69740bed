package sdk

import "encoding/json"

// A GuestRequest is a request that a hook makes: for the host to send, with
// the connection's credential, to the connector's declared hosts only. Texts of
// Query, Header, Form, JSON and Body may hold {{secret:NAME}} places, which the
// host fills after the hook has ended; a URL may not.
//
// URL is absolute, or a path below the connector's base URL. Form, JSON and
// Body are kinds of body, of which there is at most one. Body is a text with a
// Content-Type of its own in Header, where it needs one.
type GuestRequest struct {
	Method string            `json:"method,omitempty"` // GET, or POST with a body, unless given
	URL    string            `json:"url"`
	Query  map[string]string `json:"query,omitempty"` // set over those in URL
	Header map[string]string `json:"headers,omitempty"`
	Form   map[string]string `json:"form,omitempty"`
	JSON   json.RawMessage   `json:"json,omitempty"`
	Body   string            `json:"body,omitempty"`
}

// A SentRequest is a request that is about to leave, as the sign hook sees it:
// final but for what the hook adds. The credential that the host itself puts
// on is masked. Body is its text when that is at most 16 KiB and
// valid UTF-8, otherwise BodyHandle names it for the imports "body" and
// "crypto"; a body over 1 MiB has its hash and size only. Where secrets were
// filled into it, Body and BodySHA256 are places, which can be signed and not
// read.
type SentRequest struct {
	Method     string            `json:"method"`
	URL        string            `json:"url"`
	Header     map[string]string `json:"headers"` // lower-case names
	Body       string            `json:"body,omitempty"`
	BodyHandle int               `json:"body_handle,omitempty"`
	BodySize   int64             `json:"body_size"`
	BodySHA256 string            `json:"body_sha256"` // lower-case hex, of the empty body too
}
