package host

import "time"

// A State is what an authorization is in. People see a Status, which is the
// binding's.
type State string

const (
	Connected    State = "connected"
	Expiring     State = "expiring" // dies on a known date and cannot be renewed
	NeedsReauth  State = "needs_reauthorization"
	RevokedState State = "revoked"
)

// An Authorization is one account at one service. It exists by itself and may
// serve several connections of its connector. Lease and tokens belong to it.
// Its secrets are not here: they are opened when they are needed.
type Authorization struct {
	ID             AuthorizationID
	Connector      string
	ConnectorHash  string // of the connector that it was made with
	Credential     CredentialID
	Owner          UserID
	ForAll         bool              // its owner gave it for everyone's calls, not for their own alone
	HostParams     map[string]string // of kind host, as they were when it was made
	Params         map[string]string // the others that are not secret, and captured values
	Asked          []string          // scopes
	Granted        []string
	AccountKey     string // stable, from the service; may be empty
	AccountLabel   string
	LabelSet       bool      // a person chose the label; a renewal for the same account keeps it
	Endpoints      Endpoints // that the service's metadata told
	Chosen         Chosen    // what it is used with, where its account has several
	State          State
	Reason         string    // why it is not connected, one sentence
	TokenExpires   time.Time // of the access token; zero: not known or never
	Renewable      bool      // there is a refresh token, or none is needed
	Unknown        bool      // the last try after a lost answer was begun
	RefreshedAt    time.Time // when tokens were last got
	RefreshExpires time.Time // of the refresh token; zero: not known or never
	Slides         bool      // a renewal moves RefreshExpires
	Due            time.Time // when it should be renewed ahead of time; zero: never
	CreatedAt      time.Time
	UpdatedAt      time.Time
	Lease          Lease
	SecretVersion  int64 // changes only when a sealed field does
	Version        int64 // of the row; changes with every update
}

// Chosen is what an authorization is used with, such as a site of its account.
// Its values stand among the parameters. Without a key nothing is chosen.
type Chosen struct {
	Key   string `json:"key,omitempty"`
	Label string `json:"label,omitempty"`
}

// A Lease is the right of one process to refresh an authorization. Intent is
// set, durably, before the request is sent: a lease that has run out with an
// intent in it means that the outcome is unknown.
type Lease struct {
	Owner  string
	Until  time.Time
	Intent time.Time // when the request was about to be sent; zero: not sent
}

// Secrets are the sealed fields of an authorization.
type Secrets struct {
	Params  map[string]Secret // the secret parameters, by key
	Access  Secret
	Refresh Secret
}

// A Binding points a (connection, environment or Shared, user or nobody) to
// an authorization. Nobody is the empty user: an AdminAccess connection.
type Binding struct {
	ID            BindingID
	Connection    ConnectionID
	Environment   Environment
	User          UserID
	Authorization AuthorizationID
	Disabled      bool
}

// A Status is what people see of a binding.
type Status string

const (
	NotConnected Status = "not_connected"
	Disabled     Status = "disabled"
)

// StatusOf is the status of a binding with its authorization; both may be
// nil. A living authorization's status is its state (design rule 15).
func StatusOf(b *Binding, a *Authorization) Status {
	switch {
	case b == nil || a == nil || a.State == RevokedState:
		return NotConnected
	case b.Disabled:
		return Disabled
	}
	return Status(a.State)
}

// A Window is an authorization that has begun and waits for its callback: 90
// seconds, one use, bound to who began it and to a secret of the process that
// waits (design rule 13). The state is stored as a hash only.
type Window struct {
	ID            WindowID
	StateHash     string // SHA-256 of the state, hex
	ProcessHash   string // SHA-256 of the waiting process's secret, hex
	Subject       UserID
	Connection    ConnectionID
	Environment   Environment // or Shared
	ConnectorHash string      // of the version that the person was asked for
	Params        map[string]string
	Endpoints     Endpoints // fixed at begin
	RedirectURI   string
	Asked         []string
	Expires       time.Time
}

// WindowSecrets are the sealed fields of a window.
type WindowSecrets struct {
	Verifier Secret // PKCE
	Params   map[string]Secret
}
