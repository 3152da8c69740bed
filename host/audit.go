package host

import "time"

// An Act is what an audit record tells of (design rule 19).
type Act string

const (
	ActUserAdd             Act = "user.add"
	ActUserRole            Act = "user.role"
	ActConnectorInstall    Act = "connector.install"
	ActConnectorPublish    Act = "connector.publish"
	ActConnectorDisable    Act = "connector.disable"
	ActConnectorCurrent    Act = "connector.current"
	ActConnectorRemove     Act = "connector.remove"
	ActCredentialAdd       Act = "credential.add"
	ActConnectionCreate    Act = "connection.create"
	ActConnectionMove      Act = "connection.move"
	ActConnectionDelete    Act = "connection.delete"
	ActAuthorizeBegin      Act = "authorization.begin"
	ActAuthorize           Act = "authorization.grant"
	ActAuthorizeRefused    Act = "authorization.refused"
	ActRefreshIntent       Act = "authorization.refresh_intent"
	ActRefresh             Act = "authorization.refresh"
	ActRefreshFailed       Act = "authorization.refresh_failed"
	ActRevoke              Act = "authorization.revoke"
	ActRevokeUpstream      Act = "authorization.revoke_upstream"
	ActAuthorizationDelete Act = "authorization.delete"
)

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
