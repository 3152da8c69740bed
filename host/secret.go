package host

import "fmt"

// A Secret is a credential value that never prints itself. The pointer
// matters: fmt cannot call methods on unexported fields, and prints a nested
// pointer as an address. The zero Secret is empty.
type Secret struct{ p *string }

// NewSecret wraps a value.
func NewSecret(value string) Secret { return Secret{&value} }

// Reveal gives the value. It is called where a request is signed and where a
// secret is sealed, and nowhere else; grep finds every use.
func (s Secret) Reveal() string {
	if s.p == nil {
		return ""
	}
	return *s.p
}

// Empty reports whether there is no value.
func (s Secret) Empty() bool { return s.p == nil || *s.p == "" }

// Format prints [redacted] under every verb.
func (Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(Mask)) }

// MarshalText gives [redacted], so that JSON and slog do not leak either.
func (Secret) MarshalText() ([]byte, error) { return []byte(Mask), nil }

// Mask stands where a secret stood.
const Mask = "[redacted]"
