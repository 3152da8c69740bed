package host

import (
	"context"
	"time"
)

// A Store keeps everything. Each function runs in one transaction, which is
// what makes a refresh safe; an error rolls it back.
type Store interface {
	// View runs read-only.
	View(ctx context.Context, f func(Tx) error) error
	// Update runs alone: no other Update, of any process, is between its begin
	// and its commit. The commit is durable when Update returns nil.
	Update(ctx context.Context, f func(Tx) error) error
	// Generation changes whenever any process has changed anything. It is
	// cheap: a cache asks it before every use.
	Generation(ctx context.Context) (int64, error)
}

// A Tx gives the stores of each noun within one transaction.
type Tx interface {
	Users() Users
	Connectors() Connectors
	Credentials() Credentials
	Connections() Connections
	Authorizations() Authorizations
	Bindings() Bindings
	Windows() Windows
	Stops() Stops
	Applications() Applications
	References() References
	Audit() Audit
	Notices() Notices
}

// What every noun's store keeps to: Find of something that is not there is a
// NotFound *Error without a sentence for people (the broker writes that);
// Insert of something that exists is a Conflict; lists are in order of age.

// Users keeps people.
type Users interface {
	Insert(ctx context.Context, u User) error
	FindLogin(ctx context.Context, login string) (User, error)
	Find(ctx context.Context, id UserID) (User, error)
	List(ctx context.Context) ([]User, error)
	Save(ctx context.Context, u User) error
	Delete(ctx context.Context, id UserID) error
}

// Connectors keeps the versions of installed plugins and their files, and gives
// those that are built into the program beside them. A built-in one has no row
// until a connection or an administrator needs it; then it is stored as it is,
// so that a later program still has it. Until then it is the last and the
// current version of its id, published unless the one before it was disabled.
// Where somebody has installed a connector of that id, there is no built-in one.
type Connectors interface {
	// Insert stores a version with its file, or without one for nil. A hash, a version of an id and a
	// current version of an id are there once (else Conflict).
	Insert(ctx context.Context, c Connector, file []byte) error
	// Find gives the current version of an id.
	Find(ctx context.Context, id string) (Connector, error)
	// FindHash gives the version with that hash.
	FindHash(ctx context.Context, hash string) (Connector, error)
	// List gives every version of an id, or of all for "".
	List(ctx context.Context, id string) ([]Connector, error)
	// Heads is List of all, with no more of the manifests than a list shows (see
	// Catalogue.Head), and at no more cost.
	Heads(ctx context.Context) ([]Connector, error)
	// File gives the bytes of the file with that hash. It is there as long as
	// a version or an authorization names it.
	File(ctx context.Context, hash string) ([]byte, error)
	SetStage(ctx context.Context, hash string, stage ConnectorStage) error
	SetActions(ctx context.Context, hash string, allowed bool) error
	// SetCurrent makes a version the current one of its id, in place of the
	// one before.
	SetCurrent(ctx context.Context, hash string) error
	// Delete removes a version that no connection is pinned to (else
	// Conflict).
	Delete(ctx context.Context, hash string) error
}

// ConnectorFiles gives what reads the file of a hash from a store, for whoever
// runs its code.
func ConnectorFiles(from Store) func(ctx context.Context, hash string) ([]byte, error) {
	return func(ctx context.Context, hash string) (file []byte, err error) {
		err = from.View(ctx, func(tx Tx) error {
			file, err = tx.Connectors().File(ctx, hash)
			return err
		})
		return file, err
	}
}

// Credentials keeps client credentials. The record is appended to the audit
// chain with the new secret version.
type Credentials interface {
	Insert(ctx context.Context, c ClientCredential, secret Secret, r Record) error
	Find(ctx context.Context, id CredentialID) (ClientCredential, error)
	// List gives those of a connector, or all for "".
	List(ctx context.Context, connector string) ([]ClientCredential, error)
	Secret(ctx context.Context, id CredentialID) (Secret, error)
	// Save writes name, client id and whether it is quick. A second quick one of
	// a connector is a Conflict.
	Save(ctx context.Context, c ClientCredential) error
	// Seal writes a new secret under a new secret version and appends the record
	// with it to the audit chain.
	Seal(ctx context.Context, id CredentialID, secret Secret, r Record) error
	// Delete removes one that no connection and no authorization names (else
	// Conflict).
	Delete(ctx context.Context, id CredentialID) error
}

// Connections keeps connections.
type Connections interface {
	Insert(ctx context.Context, c Connection) error
	FindLink(ctx context.Context, link string) (Connection, error)
	Find(ctx context.Context, id ConnectionID) (Connection, error)
	List(ctx context.Context) ([]Connection, error)
	// Save writes everything but the link name, if the row still has c.Version
	// (else Conflict), and raises that by one.
	Save(ctx context.Context, c Connection) error
	// Delete removes it with its bindings and windows, not its authorizations.
	Delete(ctx context.Context, id ConnectionID) error
}

// Authorizations keeps authorizations with their sealed fields.
type Authorizations interface {
	Insert(ctx context.Context, a Authorization, s Secrets, r Record) error
	Find(ctx context.Context, id AuthorizationID) (Authorization, error)
	// List gives those of a connector, or all for "".
	List(ctx context.Context, connector string) ([]Authorization, error)
	// Due gives those that are to be renewed until before: renewable ones,
	// Connected or Expiring, whose Due is set and not after it. The one that is
	// due first comes first, and limit bounds them. It costs as much as it
	// gives, however many there are.
	Due(ctx context.Context, before time.Time, limit int) ([]Authorization, error)
	// Save writes everything but the secrets, if the row still has a.Version
	// (else Conflict), and raises that by one.
	Save(ctx context.Context, a Authorization) error
	// Open unseals. A row that was swapped, altered or restored does not open.
	Open(ctx context.Context, id AuthorizationID) (Secrets, error)
	// Seal writes new secrets under a new secret version and appends the
	// record with it to the audit chain. It raises the row's version too, so
	// in one transaction Save comes first.
	Seal(ctx context.Context, id AuthorizationID, s Secrets, r Record) error
	// Delete removes one that no binding points to (else Conflict).
	Delete(ctx context.Context, id AuthorizationID) error
}

// Bindings keeps bindings; there is one for each place.
type Bindings interface {
	// Put makes or replaces the binding of its connection, environment and
	// user. What it points to must exist (else NotFound).
	Put(ctx context.Context, b Binding) error
	// Find gives the binding of a place.
	Find(ctx context.Context, c ConnectionID, env Environment, user UserID) (Binding, error)
	OfConnection(ctx context.Context, c ConnectionID) ([]Binding, error)
	OfAuthorization(ctx context.Context, a AuthorizationID) ([]Binding, error)
	// Delete removes one; what it pointed to stays.
	Delete(ctx context.Context, id BindingID) error
}

// Stops keeps what is held back; there is one for each kind, target and level.
type Stops interface {
	Insert(ctx context.Context, s Stop) error
	List(ctx context.Context) ([]Stop, error)
	Delete(ctx context.Context, id StopID) error
}

// Windows keeps authorizations that wait for their callback.
type Windows interface {
	// Insert seals the window's secrets; it also removes windows that ended
	// before now.
	Insert(ctx context.Context, w Window, s WindowSecrets, now time.Time) error
	// Take gives the window of a state and removes it, so that a callback is
	// accepted once. RFC 6749 section 10.12.
	Take(ctx context.Context, stateHash string) (Window, WindowSecrets, error)
	// DeleteFor removes a connection's windows of a user, or of all for "".
	DeleteFor(ctx context.Context, c ConnectionID, user UserID) error
}

// Applications keeps applications. DefaultApplication is there from the
// beginning.
type Applications interface {
	Insert(ctx context.Context, a Application) error
	FindName(ctx context.Context, name string) (Application, error)
	List(ctx context.Context) ([]Application, error)
	// Delete removes one with its references.
	Delete(ctx context.Context, id ApplicationID) error
}

// References keeps what stands between applications and connections. They go
// with either of the two.
type References interface {
	// Put makes or replaces the one of its pair. Both must exist (else
	// NotFound).
	Put(ctx context.Context, r Reference) error
	Find(ctx context.Context, a ApplicationID, c ConnectionID) (Reference, error)
	OfApplication(ctx context.Context, a ApplicationID) ([]Reference, error)
	OfConnection(ctx context.Context, c ConnectionID) ([]Reference, error)
}

// Notices keeps what people have to be told, each event once.
type Notices interface {
	// Put keeps a notice, unless its event (kind, object and episode) has one:
	// false then.
	Put(ctx context.Context, n Notice) (bool, error)
	// Save writes how far the sending is.
	Save(ctx context.Context, n Notice) error
	// Pending gives those to be sent whose next try is not after now, the oldest
	// first.
	Pending(ctx context.Context, now time.Time, limit int) ([]Notice, error)
	// List gives the last n, oldest first.
	List(ctx context.Context, n int) ([]Notice, error)
	// Ailing gives authorizations that a person may have to be told of: those that
	// need authorizing, and those that end until before and that no renewal keeps.
	// They serve a connection. Unless told, those that a notice tells of as they
	// are are left out.
	Ailing(ctx context.Context, before time.Time, told bool, limit int) ([]Authorization, error)
	// Outlived gives notices of before a time that are not pending and whose event
	// is over: the authorization has other secrets or is gone, the connector is
	// not disabled any more. The oldest come first.
	Outlived(ctx context.Context, before time.Time, limit int) ([]NoticeID, error)
	// Delete removes one. Its event, should it come again, is a new one.
	Delete(ctx context.Context, id NoticeID) error
}

// Audit is the hash chain. It has no update and no delete.
type Audit interface {
	// Append adds a record. One that tells of new secrets is appended by the
	// store as they are written, not by this.
	Append(ctx context.Context, r Record) error
	// List gives the records about an object, or all for "", oldest first.
	List(ctx context.Context, object string) ([]Record, error)
	// Last gives the last n records about an object, oldest first. It costs as
	// much as it gives.
	Last(ctx context.Context, object string, n int) ([]Record, error)
	// Each calls f with the chosen records, oldest first, and keeps none.
	Each(ctx context.Context, q AuditQuery, f func(Record) error) error
	// Verify walks the chain and holds every row against it. An error means
	// that it could not; what is not as recorded stands in the report.
	Verify(ctx context.Context) (AuditReport, error)
}

// A Sealer encrypts secrets at rest. The associated data names the place
// (schema version, table, row, field, secret version): a ciphertext opens in
// its own place only.
type Sealer interface {
	Seal(plain, associated []byte) ([]byte, error)
	Open(sealed, associated []byte) ([]byte, error)
	// KeyID names the key that seals now.
	KeyID() string
}
