package host

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Access says who authorizes a connection and whose authorization a call uses
// (design rule 5).
type Access string

const (
	AdminAccess Access = "admin" // an administrator authorizes, everyone's calls use that
	UserAccess  Access = "user"  // every user authorizes for themselves
)

// Mode says whose client credential a connection uses (design rule 7). It is
// empty where the auth type has none.
type Mode string

const (
	Quick  Mode = "quick"  // the host's own for that connector
	Custom Mode = "custom" // the connection's own
)

// ScopeChoice says which scopes a connection asks for (design rule 10).
type ScopeChoice string

const (
	AllScopes      ScopeChoice = "all"
	SpecificScopes ScopeChoice = "specific"
)

// A Connection is a named use of a connector. It holds no secret.
type Connection struct {
	ID            ConnectionID
	LinkName      string // what commands and scripts write; kept when Name changes
	Name          string
	Connector     string // the connector's id
	ConnectorHash string // of the version that it was made with, or moved to
	Access        Access
	Mode          Mode
	Credential    CredentialID // empty without OAuth
	ScopeChoice   ScopeChoice
	Scopes        []string          // with SpecificScopes
	Params        map[string]string // of kind host, set by an administrator (design rule 12)
	DataCentre    string            // of the manifest's; empty: none
	Primary       UserID            // whose authorization unattended runs use, with UserAccess; empty: nobody's
	Environments  []Environment     // those with an authorization of their own; empty: one serves all
	CreatedBy     UserID
	CreatedAt     time.Time
	Version       int64 // of the row; an update of a stale copy is a Conflict
}

// Slot is the environment whose binding serves a run in env: env itself where
// the connection keeps a separate authorization for it, Shared otherwise.
func (c *Connection) Slot(env Environment) Environment {
	if slices.Contains(c.Environments, env) {
		return env
	}
	return Shared
}

// Holder is the user under whose id a binding of the connection stands when
// user calls: user under UserAccess, nobody under AdminAccess. It never falls
// back to someone else's (design rule 5).
func (c *Connection) Holder(user UserID) UserID {
	if c.Access == UserAccess {
		return user
	}
	return ""
}

// CheckName says what is wrong with the name of a connector, connection or
// client credential (design rule 3), or nil.
func CheckName(name string) error {
	switch n := utf8.RuneCountInString(name); {
	case n == 0:
		return Errorf(Usage, "a name may not be empty")
	case n > 50:
		return Errorf(Usage, "a name has at most 50 characters, this one has %d", n)
	case strings.TrimSpace(name) != name:
		return Errorf(Usage, "a name may not begin or end with a space")
	}
	for _, r := range name {
		if !unicode.IsPrint(r) {
			return Errorf(Usage, "a name may hold only printable characters")
		}
	}
	return nil
}

var linkPattern = regexp.MustCompile(`^[a-z][a-z0-9_]{0,49}$`)

// CheckLinkName says what is wrong with a link name (design rule 2), or nil.
func CheckLinkName(link string) error {
	if !linkPattern.MatchString(link) {
		return Errorf(Usage, "link name %q must start with a-z and hold only a-z, 0-9 and '_', at most 50 characters", link)
	}
	return nil
}

// LinkName derives a link name from a name: lower case, runs of other
// characters as one '_'.
func LinkName(name string) string {
	var b strings.Builder
	gap := false
	for _, r := range strings.ToLower(name) {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			if gap && b.Len() > 0 {
				b.WriteByte('_')
			}
			gap = false
			b.WriteRune(r)
			continue
		}
		gap = true
	}
	link := b.String()
	if link == "" || link[0] < 'a' {
		link = strings.TrimSuffix("c_"+link, "_")
	}
	return strings.TrimSuffix(link[:min(len(link), 50)], "_")
}

// DefaultName is the n-th name for a connection of a service, counted from
// zero: "Acme Connection", "Acme Connection 1", ... (design rule 1). A long
// service name is cut so that the whole keeps to 50 characters.
func DefaultName(service string, n int) string {
	tail := " Connection"
	if n > 0 {
		tail = fmt.Sprintf(" Connection %d", n)
	}
	r := []rune(service)
	return strings.TrimSpace(string(r[:min(len(r), 50-len(tail))])) + tail
}
