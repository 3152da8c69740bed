// Package seal encrypts secrets at rest. It makes and reads the key file and
// is the [host.Sealer] of a store; where a ciphertext belongs is the store's
// to say, in the associated data.
//
//	store.KeyID -> seal.Open(path, id) -> store.Unlock(keyset)
//
// The key file is a Tink keyset as JSON, in clear. A master key to encrypt it
// with would have to lie beside it: connhost runs unattended and has no other
// service to ask. What guards it is the file's mode, which is checked, and
// its place, which is another directory than the store's, so that a copy of
// the one is not a copy of the other.
package seal

import (
	"fmt"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/connhost/connhost/host"
)

// A Keyset seals with its primary key and opens with any of its keys. It is
// safe for concurrent use.
type Keyset struct {
	aead    tink.AEAD
	primary string
	ids     []string // of every enabled key
}

var _ host.Sealer = (*Keyset)(nil)

// Seal encrypts plain with AES256-GCM, bound to associated.
func (k *Keyset) Seal(plain, associated []byte) ([]byte, error) {
	sealed, err := k.aead.Encrypt(plain, associated)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return sealed, nil
}

// Open decrypts what Seal gave for the same associated data.
func (k *Keyset) Open(sealed, associated []byte) ([]byte, error) {
	plain, err := k.aead.Decrypt(sealed, associated)
	if err != nil {
		return nil, fmt.Errorf("unseal: %w", err)
	}
	return plain, nil
}

// KeyID names the key that seals now.
func (k *Keyset) KeyID() string { return k.primary }

func newKeyset(h *keyset.Handle) (*Keyset, error) {
	primary, err := h.Primary()
	if err != nil {
		return nil, err
	}
	k := &Keyset{primary: keyID(primary.KeyID())}
	if k.aead, err = aead.New(h); err != nil {
		return nil, err
	}
	for i := range h.Len() {
		e, err := h.Entry(i)
		if err != nil {
			return nil, err
		}
		if e.KeyStatus() == keyset.Enabled {
			k.ids = append(k.ids, keyID(e.KeyID()))
		}
	}
	return k, nil
}

// keyID writes a key's number as it stands in a store and in messages.
func keyID(n uint32) string { return fmt.Sprintf("key_%08x", n) }
