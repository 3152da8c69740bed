package host

import (
	"time"

	"github.com/connhost/connhost/plugins/abi"
)

// A ConnectorStage says who may use an installed connector (design rule 17).
type ConnectorStage string

const (
	Draft             ConnectorStage = "draft"     // administrators only; installing again replaces it
	Published         ConnectorStage = "published" // fixed by hash, for all
	DisabledConnector ConnectorStage = "disabled"  // no new connections, calls refused
)

// A Connector is an installed plugin. Its file is kept by the store and read
// only when a hook is called.
type Connector struct {
	ID          string
	Hash        string // SHA-256 of the file, lower-case hex: its identity
	Stage       ConnectorStage
	BuiltIn     bool
	Manifest    abi.Manifest
	InstalledBy UserID
	InstalledAt time.Time
}
