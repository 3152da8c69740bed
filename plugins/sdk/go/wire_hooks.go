package sdk

import "encoding/json"

// Fields are the connection's parameters as a hook sees them: captured values
// and parameters that are not secret as their texts, secret ones as handles,
// {"$secret":"key"}.
type Fields map[string]json.RawMessage

// AuthorizeInput is what the authorize hook reads before a person is sent to
// the service. State and PKCE are the host's and are not shown.
type AuthorizeInput struct {
	URL         string   `json:"url"` // of the authorization endpoint
	ClientID    string   `json:"client_id"`
	RedirectURI string   `json:"redirect_uri"`
	Scopes      []string `json:"scopes"`
	Fields      Fields   `json:"fields"`
}

// AuthorizeOutput is what the authorize hook answers: parameters of the
// authorization URL, over those of the host and the manifest. An empty text
// removes one. A browser shows this URL, so no secret may stand in it.
type AuthorizeOutput struct {
	Query map[string]string `json:"query,omitempty"`
}

// CallbackInput is what the callback hook reads when the person comes back. In
// Query every text is a Handle, "answer:/code", except state, scope, error*
// and the pointers that the manifest lists in public or capture with the
// prefix "callback:". A parameter that came several times is a list.
type CallbackInput struct {
	Query  json.RawMessage `json:"query"`
	Fields Fields          `json:"fields"`
}

// CallbackOutput is what the callback hook answers. An error refuses the
// authorization before any token request.
type CallbackOutput struct {
	Capture map[string]string `json:"capture,omitempty"` // names that the manifest declares
}

// SignInput is what the sign hook reads for each attempt of a call, after the
// host's policy and its own credential.
type SignInput struct {
	Request SentRequest `json:"request"`
	Fields  Fields      `json:"fields"`
}

// SignOutput is what the sign hook adds to a request. Texts may hold
// {{secret:NAME}} places.
type SignOutput struct {
	Header map[string]string `json:"headers,omitempty"`
	Query  map[string]string `json:"query,omitempty"`
}

// PrepareInput is what the prepare hook reads before a named action is sent:
// what the caller gave, and the request that the manifest's own templates make
// of it.
type PrepareInput struct {
	Action     string          `json:"action"`
	Parameters json.RawMessage `json:"parameters"` // an object
	Request    GuestRequest    `json:"request"`
	Fields     Fields          `json:"fields"`
}

// PrepareOutput is what the prepare hook answers: the request to send.
type PrepareOutput struct {
	Request GuestRequest `json:"request"`
}

// PageInput is what the page hook reads after a page of a named action: which
// request was answered how.
type PageInput struct {
	Action   string       `json:"action"`
	Request  GuestRequest `json:"request"`
	Response Response     `json:"response"`
	Page     int          `json:"page"` // 1 for the first
}

// PageOutput is what the page hook answers: the request of the next page, or
// nothing at the end.
type PageOutput struct {
	Next *GuestRequest `json:"next,omitempty"`
}

// ActionInput is what the action hook reads. It makes its requests itself, by
// the import "http".
type ActionInput struct {
	Action     string          `json:"action"`
	Parameters json.RawMessage `json:"parameters"` // an object
	Fields     Fields          `json:"fields"`
}

// ActionOutput is what the action hook answers: any JSON.
type ActionOutput struct {
	Result json.RawMessage `json:"result"`
}
