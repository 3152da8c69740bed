package host

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// A Stop holds back everything of its target until it is taken back. It stands
// beside what it stops and changes nothing of that, so taking it back restores
// exactly what was there: a switch that was off before stays off.
type Stop struct {
	ID     StopID
	Level  StopLevel
	Kind   StopKind
	Target string // the id of a connector, credential, user or connection; empty for all
	Reason string // why, one sentence of who stopped it; may be empty
	By     UserID
	At     time.Time
}

// A StopLevel says how much is held back.
type StopLevel string

const (
	// StopCalls lets no call, refresh or authorization through.
	StopCalls StopLevel = "stopped"
	// StopWrites lets calls through that only read: GET and HEAD.
	StopWrites StopLevel = "read_only"
)

// Words are the level as people are told: "stopped", "read-only".
func (l StopLevel) Words() string {
	if l == StopWrites {
		return "read-only"
	}
	return "stopped"
}

// CheckReason says what is wrong with the reason of a stop, or nil.
func CheckReason(reason string) error {
	if utf8.RuneCountInString(reason) > 200 || strings.ContainsFunc(reason, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return Errorf(Usage, "a reason has at most 200 printable characters")
	}
	return nil
}

// A StopKind says of what a Stop is.
type StopKind string

// The kinds. A user's are the calls that they make and the authorizations that
// they own, whoever calls with those.
const (
	StopAll        StopKind = "all"
	StopConnector  StopKind = "connector"
	StopCredential StopKind = "credential"
	StopUser       StopKind = "user"
	StopConnection StopKind = "connection"
)

// Hits reports whether the stop holds back what user does through a connection
// with an authorization. A zero authorization is none; an empty user is the
// host itself, which renews.
func (s Stop) Hits(user UserID, c *Connection, a *Authorization) bool {
	switch s.Kind {
	case StopAll:
		return true
	case StopConnector:
		return c.Connector == s.Target
	case StopCredential:
		return c.Credential != "" && string(c.Credential) == s.Target || a.Credential != "" && string(a.Credential) == s.Target
	case StopUser:
		return user != "" && string(user) == s.Target || a.Owner != "" && string(a.Owner) == s.Target
	case StopConnection:
		return string(c.ID) == s.Target
	}
	return false
}
