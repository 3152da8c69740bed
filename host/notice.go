package host

import "time"

// A NoticeKind says what a person has to be told. It is the type of the message
// that a webhook gets.
type NoticeKind string

const (
	NoticeReauth   NoticeKind = "authorization.needs_reauthorization"
	NoticeEnding   NoticeKind = "authorization.ending"        // soon, and no renewal keeps it
	NoticeFailing  NoticeKind = "authorization.not_refreshed" // it was tried repeatedly
	NoticeDisabled NoticeKind = "connector.disabled"          // and connections use it
	NoticeTest     NoticeKind = "test"
)

// A NoticeState says how far the telling is.
type NoticeState string

const (
	NoticeShown   NoticeState = "shown"   // there was no webhook when it came
	NoticePending NoticeState = "pending" // to be sent
	NoticeSent    NoticeState = "sent"
	NoticeGivenUp NoticeState = "given_up"
)

// A Notice is one event that needs a person. Nothing secret is in it.
type Notice struct {
	ID       NoticeID
	Kind     NoticeKind
	Object   string // the id of the authorization or the hash of the connector
	Episode  string // tells one event from the next of its kind and object
	At       time.Time
	Content  NoticeContent
	State    NoticeState
	Attempts int
	NextTry  time.Time
}

// NoticeContent is what is told.
type NoticeContent struct {
	Connections []string `json:"connections,omitempty"` // link names
	Connector   string   `json:"connector,omitempty"`
	Account     string   `json:"account,omitempty"`
	Owner       string   `json:"owner,omitempty"` // the login
	Message     string   `json:"message"`         // one sentence
	Hint        string   `json:"hint,omitempty"`  // the next command
	Ends        string   `json:"ends,omitempty"`  // RFC 3339
}
