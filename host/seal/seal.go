// Package seal encrypts secrets at rest. It makes, reads and changes the key
// file and is the [host.KeyRing] of a store; where a ciphertext belongs is the
// store's to say, in the associated data.
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
	"encoding/binary"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/connhost/connhost/host"
)

// A Keyset seals with its primary key and opens with any of its keys. It is
// safe for concurrent use, and follows its file when another process changes
// that.
type Keyset struct {
	path   string
	change sync.Mutex // of the file, and of keys
	keys   atomic.Pointer[keys]
}

// keys are one state of the file.
type keys struct {
	handle *keyset.Handle
	aead   tink.AEAD
	ids    []string // of every enabled key, the primary first
}

var _ host.KeyRing = (*Keyset)(nil)

// Seal encrypts plain with AES256-GCM, bound to associated.
func (k *Keyset) Seal(plain, associated []byte) ([]byte, error) {
	sealed, err := k.keys.Load().aead.Encrypt(plain, associated)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return sealed, nil
}

// Open decrypts what Seal gave for the same associated data, in this process or
// in another that has a newer key.
func (k *Keyset) Open(sealed, associated []byte) ([]byte, error) {
	now := k.keys.Load()
	plain, err := now.aead.Decrypt(sealed, associated)
	if err != nil && !slices.Contains(now.ids, k.KeyOf(sealed)) && k.path != "" && k.Reload() == nil {
		plain, err = k.keys.Load().aead.Decrypt(sealed, associated)
	}
	if err != nil {
		return nil, fmt.Errorf("unseal: %w", err)
	}
	return plain, nil
}

// KeyID names the key that seals now.
func (k *Keyset) KeyID() string { return k.keys.Load().ids[0] }

// KeyIDs names the keys that open, the one that seals first.
func (k *Keyset) KeyIDs() []string { return slices.Clone(k.keys.Load().ids) }

// A Tink ciphertext begins with this byte and the id of its key, big-endian.
// https://developers.google.com/tink/wire-format
const (
	tinkStart = 1
	markSize  = 5
)

// KeyOf names the key that a ciphertext says it is sealed with.
func (k *Keyset) KeyOf(sealed []byte) string {
	if len(sealed) < markSize || sealed[0] != tinkStart {
		return ""
	}
	return keyID(binary.BigEndian.Uint32(sealed[1:markSize]))
}

// Mark begins all that the primary key has sealed.
func (k *Keyset) Mark() []byte {
	primary, err := k.keys.Load().handle.Primary()
	if err != nil {
		return nil // newKeys has asked already
	}
	return binary.BigEndian.AppendUint32([]byte{tinkStart}, primary.KeyID())
}

func newKeys(h *keyset.Handle) (*keys, error) {
	primary, err := h.Primary()
	if err != nil {
		return nil, err
	}
	k := &keys{handle: h, ids: []string{keyID(primary.KeyID())}}
	if k.aead, err = aead.New(h); err != nil {
		return nil, err
	}
	for i := range h.Len() {
		e, err := h.Entry(i)
		if err != nil {
			return nil, err
		}
		if e.KeyStatus() == keyset.Enabled && !e.IsPrimary() {
			k.ids = append(k.ids, keyID(e.KeyID()))
		}
	}
	return k, nil
}

func newKeyset(path string, h *keyset.Handle) (*Keyset, error) {
	now, err := newKeys(h)
	if err != nil {
		return nil, err
	}
	k := &Keyset{path: path}
	k.keys.Store(now)
	return k, nil
}

// keyID writes a key's number as it stands in a store and in messages.
func keyID(n uint32) string { return fmt.Sprintf("key_%08x", n) }
