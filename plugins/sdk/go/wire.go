package sdk

import "encoding/json"

// A Handle stands for a secret that the host keeps. It reads
// {"$secret":"answer:/access_token"} in JSON.
type Handle struct {
	Secret string `json:"$secret"`
}

// TokenInput is what the token hook reads. In Answer every text is a Handle,
// except token_type, scope, expires_in, state, error* and the pointers that
// the manifest lists in public or capture. An answer that is neither JSON nor
// a form is one handle, "answer:".
type TokenInput struct {
	Phase  string            `json:"phase"` // exchange or refresh
	Status int               `json:"status"`
	Header map[string]string `json:"headers"` // lower-case names
	Answer json.RawMessage   `json:"answer"`
}

// TokenOutput is what the token hook answers: handles with roles. Expiry is a
// number of seconds, a number in a text, or a handle of one of those.
type TokenOutput struct {
	Access    *Handle           `json:"access"`
	Refresh   *Handle           `json:"refresh,omitempty"`
	ExpiresIn json.RawMessage   `json:"expires_in,omitempty"`
	Scope     json.RawMessage   `json:"scope,omitempty"`
	TokenType string            `json:"token_type,omitempty"`
	Capture   map[string]string `json:"capture,omitempty"` // of public values only
}

// A Response is an HTTP response as a hook sees it, with the connection's
// secrets masked. Body is its text when that is at most InlineBody bytes and
// valid UTF-8; otherwise BodyHandle names it for the import "body".
type Response struct {
	Status     int               `json:"status"`
	Header     map[string]string `json:"headers"` // lower-case names
	Body       string            `json:"body,omitempty"`
	BodyHandle int               `json:"body_handle,omitempty"`
	BodySize   int               `json:"body_size"`
}

// RespondInput is what the respond hook reads after a call through a
// connection.
type RespondInput struct {
	Method   string   `json:"method"`
	URL      string   `json:"url"` // without a credential
	Response Response `json:"response"`
}

// RespondOutput is what the respond hook answers. What is not given stays as
// it was.
type RespondOutput struct {
	Status int     `json:"status,omitempty"`
	Body   *string `json:"body,omitempty"`
}

// TestInput is what the test hook reads: the answer of the manifest's test
// request.
type TestInput struct {
	Response Response `json:"response"`
}

// TestOutput is what the test hook answers.
type TestOutput struct {
	OK      bool    `json:"ok"`
	Message string  `json:"message,omitempty"` // for people, why it is not ok
	Account Account `json:"account,omitzero"`
}

// An Account names who an authorization is for at the service.
type Account struct {
	Key   string `json:"key,omitempty"`   // stable
	Label string `json:"label,omitempty"` // for people
}
