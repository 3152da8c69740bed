package host

import (
	"maps"
	"strings"
)

// A Vault holds the secrets of one guest call: those that the guest may name
// and never see. The zero Vault holds none.
type Vault struct {
	// Keys are the secrets of the connection by the names under which a guest
	// knows them, such as client_secret.
	Keys map[string]Secret
	// Answer finds a secret of the veiled answer that the guest reads, by its
	// JSON pointer; nil where it reads none.
	Answer func(pointer string) (Secret, bool)
	// Revealed are the names that the import "secret" gives: declared by the
	// manifest and granted by an administrator.
	Revealed []string
}

// WithKey gives a copy of keys with one more, if that has a value.
func WithKey(keys map[string]Secret, name string, s Secret) map[string]Secret {
	more := make(map[string]Secret, len(keys)+1)
	maps.Copy(more, keys)
	if !s.Empty() {
		more[name] = s
	}
	return more
}

// answerPrefix begins the name of every secret of a veiled answer.
const answerPrefix = "answer:"

// Find gives the secret of a name.
func (v Vault) Find(name string) (Secret, bool) {
	if pointer, ok := strings.CutPrefix(name, answerPrefix); ok {
		if v.Answer == nil {
			return Secret{}, false
		}
		return v.Answer(pointer)
	}
	s, ok := v.Keys[name]
	return s, ok
}

// SecretPlace begins a place of a secret in a text that a hook gave; "}}" ends
// it.
const SecretPlace = "{{secret:"

// HasPlace reports whether a text holds a place of a secret.
func HasPlace(text string) bool { return strings.Contains(text, SecretPlace) }

// MaxFilled is how many bytes the texts of one request, or of one signature, may
// come to where places of secrets are filled: a place is short, a secret may be
// long, and a hook writes as many places as it likes.
const MaxFilled = 16 << 20

// A Filler fills the texts of one request. It counts what they come to.
type Filler struct {
	Find func(name string) (Secret, bool)
	used int
}

// Fill replaces every {{secret:NAME}} of a text by what Find gives for the
// name. Everything else stays as it is, other braces too. The result is a
// secret: it is filled where it is sent or signed, and nowhere else. The error
// names the place and quotes nothing.
func (f *Filler) Fill(text string) (string, error) {
	if !HasPlace(text) {
		return text, nil
	}
	var b strings.Builder
	add := func(part string) error {
		if f.used += len(part); f.used > MaxFilled {
			return Errorf(Failed, "the places of secrets come to more than %d bytes once they are filled", MaxFilled)
		}
		b.WriteString(part)
		return nil
	}
	for {
		before, rest, found := strings.Cut(text, SecretPlace)
		if err := add(before); err != nil {
			return "", err
		}
		if !found {
			return b.String(), nil
		}
		name, after, closed := strings.Cut(rest, "}}")
		if !closed {
			return "", Errorf(Failed, "a place {{secret:...}} has no end")
		}
		s, ok := f.Find(name)
		if !ok {
			return "", Errorf(Failed, "{{secret:%s}} names no secret of the connection", short(name))
		}
		if err := add(s.Reveal()); err != nil {
			return "", err
		}
		text = after
	}
}

// Fill fills one text, as a Filler does.
func Fill(text string, find func(name string) (Secret, bool)) (string, error) {
	return (&Filler{Find: find}).Fill(text)
}

// short is a stranger's name as an error may quote it.
func short(name string) string {
	name = strings.ToValidUTF8(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, name), "")
	if len(name) > 60 {
		return name[:60] + "..."
	}
	return name
}
