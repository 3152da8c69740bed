package host

import (
	"regexp"
	"time"
)

// A ClientCredential is an OAuth client id and secret, an object of its own
// that many connections of its connector may use (design rule 8).
type ClientCredential struct {
	ID            CredentialID
	Connector     string
	Name          string
	ClientID      string
	Quick         bool // the host's own for that connector, at most one
	SecretVersion int64
	CreatedBy     UserID
	CreatedAt     time.Time
}

var clientIDPattern = regexp.MustCompile(`^[A-Za-z0-9*_\-@/!:|&~\\+]{1,50}$`)

// CheckClientID says what is wrong with a client id (design rule 9), or nil.
// A connector may declare another pattern; empty means the default.
func CheckClientID(id, pattern string) error {
	re := clientIDPattern
	if pattern != "" {
		own, err := regexp.Compile(`^(?:` + pattern + `)$`)
		if err != nil {
			return Errorf(Failed, "the connector's client_id_pattern is not a regular expression").Because(err)
		}
		re = own
	}
	if !re.MatchString(id) {
		if pattern != "" {
			return Errorf(Usage, "the client id does not match the connector's pattern %s", pattern)
		}
		return Errorf(Usage, "a client id has at most 50 characters: letters, digits and * _ - @ / ! : | & ~ \\ +").
			WithHint("if the service gave it so, the connector has to say so: client_id_pattern in its manifest")
	}
	return nil
}
