package host

import "time"

// An Act is what an audit record tells of (design rule 19).
type Act string

const (
	ActUserAdd             Act = "user.add"
	ActUserRole            Act = "user.role"
	ActUserDelete          Act = "user.delete"
	ActConnectorInstall    Act = "connector.install"
	ActConnectorPublish    Act = "connector.publish"
	ActConnectorDisable    Act = "connector.disable"
	ActConnectorCurrent    Act = "connector.current"
	ActConnectorRemove     Act = "connector.remove"
	ActCredentialAdd       Act = "credential.add"
	ActCredentialUpdate    Act = "credential.update"
	ActCredentialDelete    Act = "credential.delete"
	ActConnectionCreate    Act = "connection.create"
	ActConnectionMove      Act = "connection.move"
	ActConnectionPrimary   Act = "connection.primary"
	ActConnectionDelete    Act = "connection.delete"
	ActConnectionUpdate    Act = "connection.update"
	ActConnectionDisable   Act = "connection.disable"
	ActConnectionEnable    Act = "connection.enable"
	ActConnectionSwitch    Act = "connection.switch"
	ActStop                Act = "stop"
	ActReadOnly            Act = "read_only"
	ActRestore             Act = "restore"
	ActReadOnlyEnd         Act = "read_only.end"
	ActApplicationCreate   Act = "application.create"
	ActApplicationDelete   Act = "application.delete"
	ActApplicationAllow    Act = "application.allow"
	ActApplicationDeny     Act = "application.deny"
	ActAuthorizeBegin      Act = "authorization.begin"
	ActAuthorize           Act = "authorization.grant"
	ActAuthorizeRefused    Act = "authorization.refused"
	ActChoose              Act = "authorization.choose"
	ActRefreshIntent       Act = "authorization.refresh_intent"
	ActRefresh             Act = "authorization.refresh"
	ActRefreshAsked        Act = "authorization.refresh_asked"
	ActRefreshFailed       Act = "authorization.refresh_failed"
	ActRevoke              Act = "authorization.revoke"
	ActRevokeUpstream      Act = "authorization.revoke_upstream"
	ActAuthorizationDelete Act = "authorization.delete"
	ActAuthorizationLabel  Act = "authorization.label"
	ActAuthorizationMark   Act = "authorization.mark"
	ActAuthorizationRevive Act = "authorization.revive"
	ActAuthorizationExport Act = "authorization.export"
	ActAuthorizationImport Act = "authorization.import"
	ActApply               Act = "apply"
	ActKeyRotate           Act = "key.rotate"
	ActKeyRotated          Act = "key.rotated"
	// ActState is written by the store: what the open columns of a row are
	// from here on, as a hash. Its object is TABLE/ID.
	ActState Act = "store.state"
)

// words say in a few words for people what an act did.
var words = map[Act]string{
	ActUserAdd:             "added a user",
	ActUserRole:            "changed a role",
	ActUserDelete:          "deleted a user",
	ActConnectorInstall:    "installed the connector",
	ActConnectorPublish:    "published the connector",
	ActConnectorDisable:    "disabled the connector",
	ActConnectorCurrent:    "chose the version for new connections",
	ActConnectorRemove:     "removed the connector",
	ActCredentialAdd:       "added a client credential",
	ActCredentialUpdate:    "changed a client credential",
	ActCredentialDelete:    "deleted a client credential",
	ActConnectionCreate:    "created the connection",
	ActConnectionMove:      "moved the connection to another version",
	ActConnectionPrimary:   "chose the primary account",
	ActConnectionDelete:    "deleted the connection",
	ActConnectionUpdate:    "changed the connection",
	ActConnectionDisable:   "switched the connection off",
	ActConnectionEnable:    "switched the connection on",
	ActConnectionSwitch:    "switched to another authorization",
	ActStop:                "stopped it",
	ActReadOnly:            "made it read-only",
	ActRestore:             "took the stop back",
	ActReadOnlyEnd:         "ended read-only",
	ActApplicationCreate:   "created an application",
	ActApplicationDelete:   "deleted an application",
	ActApplicationAllow:    "let an application use the connection",
	ActApplicationDeny:     "took the connection from an application",
	ActAuthorizeBegin:      "began to authorize",
	ActAuthorize:           "authorized",
	ActAuthorizeRefused:    "refused the authorization",
	ActChoose:              "chose what the authorization is used with",
	ActRefreshIntent:       "sent the refresh token, and the answer is not known",
	ActRefreshAsked:        "asked the service whether the refresh token is still good",
	ActRefresh:             "renewed the tokens",
	ActRefreshFailed:       "could not renew the tokens",
	ActRevoke:              "revoked the authorization",
	ActRevokeUpstream:      "told the service that it is revoked",
	ActAuthorizationDelete: "deleted the authorization",
	ActAuthorizationLabel:  "named the account",
	ActAuthorizationMark:   "marked the authorization: it needs authorizing again",
	ActAuthorizationRevive: "took the mark back: it can be used again",
	ActAuthorizationExport: "wrote the authorization into a file",
	ActAuthorizationImport: "took the authorization from a file",
	ActApply:               "changed by a file",
	ActKeyRotate:           "made a new key",
	ActKeyRotated:          "sealed every row with the new key",
	ActState:               "stored",
}

// Words say what the act did, for people: "renewed the tokens". Who did it
// stands before them.
func (a Act) Words() string {
	if w, ok := words[a]; ok {
		return w
	}
	return string(a)
}

// A Record is one line of the audit chain: append-only, each with the hash of
// the one before, written in the transaction of the act that it records.
type Record struct {
	Seq           int64     // given by the store
	At            time.Time // in milliseconds; the store's time when zero
	By            UserID    // empty for the host itself
	Act           Act
	Object        string            // the id of the row that the act is about
	Detail        map[string]string // nothing secret
	SecretVersion int64             // given by the store: of the object, where the act wrote its sealed fields, else 0
	Hash          string            // given by the store
}

// An AuditQuery chooses records; the zero value means all.
type AuditQuery struct {
	Objects []string // any of them
	Act     Act
	Since   time.Time
	Last    int  // so many of the newest; 0: all
	States  bool // those of ActState too
}

// An AuditReport says whether the audit chain is whole, and whether the store
// still holds what the chain says.
type AuditReport struct {
	Records int64  // those that are good, from the first on
	Rows    int64  // those that were held against the chain
	Sealed  int64  // sealed rows that opened
	Files   int64  // files of connectors that have their hash
	NoKey   bool   // the store has no key: the end of the chain and the sealed rows were not looked at
	Head    string // the hash of the last good record: kept elsewhere, it proves the chain up to there
	Faults  []AuditFault
	// Earlier are rows that were found altered as an act wrote over them.
	Earlier []AuditFault
	More    int // faults that are not listed
	Counts  map[FaultKind]int
}

// A FaultKind says what a fault is of.
type FaultKind string

const (
	FaultChain  FaultKind = "chain"  // the records themselves
	FaultSealed FaultKind = "sealed" // a row whose secrets do not open
	FaultRow    FaultKind = "row"    // a row that is not what the records say
	FaultFile   FaultKind = "file"   // the code of a connector
)

// An AuditFault is one thing that is not as it was recorded.
type AuditFault struct {
	Kind   FaultKind
	Seq    int64  // of the record; 0: about a row
	Object string // what it is about; may be empty
	What   string // one sentence, lower case
	Means  string
	Do     string
}

// mostFaults are listed in a report; a store that was mangled has no end of
// them.
const mostFaults = 50

// AddEarlier adds one that was written over.
func (r *AuditReport) AddEarlier(f AuditFault) {
	if len(r.Earlier) < mostFaults {
		r.Earlier = append(r.Earlier, f)
	}
}

// Add adds a fault.
func (r *AuditReport) Add(f AuditFault) {
	if r.Counts == nil {
		r.Counts = map[FaultKind]int{}
	}
	r.Counts[f.Kind]++
	if len(r.Faults) == mostFaults {
		r.More++
		return
	}
	r.Faults = append(r.Faults, f)
}
