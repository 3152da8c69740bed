package abi

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// ErrNotKey says that a text is no key of a connector's author.
var ErrNotKey = errors.New("not a key")

// keyPrefix names the algorithm in the text of a public key, so that another
// one can come later.
const keyPrefix = "ed25519:"

// A PublicKey checks what the holder of its private key has signed.
type PublicKey struct{ raw ed25519.PublicKey }

// ParsePublicKey reads "ed25519:" and the base64 of 32 bytes.
func ParsePublicKey(text string) (PublicKey, error) {
	encoded, ok := strings.CutPrefix(strings.TrimSpace(text), keyPrefix)
	raw, err := base64.StdEncoding.Strict().DecodeString(encoded)
	if !ok || err != nil || len(raw) != ed25519.PublicKeySize {
		return PublicKey{}, fmt.Errorf("%w: a public key is written %sBASE64, as \"connhost connector keys new\" prints it", ErrNotKey, keyPrefix)
	}
	return PublicKey{raw}, nil
}

// String is the text that ParsePublicKey reads.
func (k PublicKey) String() string { return keyPrefix + base64.StdEncoding.EncodeToString(k.raw) }

// ID is a short name of the key: the first 16 digits of its SHA-256. It finds
// a key and proves nothing.
func (k PublicKey) ID() string { return Hash(k.raw)[:16] }

// A PrivateKey signs connectors. It never prints itself: a pointer to a text in
// an unexported field is printed as an address.
type PrivateKey struct{ seed *string }

// NewPrivateKey makes a key from a source of random bytes.
func NewPrivateKey(random io.Reader) (PrivateKey, error) {
	seed := make([]byte, ed25519.SeedSize)
	if _, err := io.ReadFull(random, seed); err != nil {
		return PrivateKey{}, fmt.Errorf("make a key: %w", err)
	}
	return fromSeed(seed), nil
}

func fromSeed(seed []byte) PrivateKey {
	text := string(seed)
	return PrivateKey{&text}
}

func (k PrivateKey) raw() ed25519.PrivateKey { return ed25519.NewKeyFromSeed([]byte(*k.seed)) }

// Format implements fmt.Formatter.
func (PrivateKey) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("[private key]")) }

// MarshalText implements encoding.TextMarshaler.
func (PrivateKey) MarshalText() ([]byte, error) { return []byte("[private key]"), nil }

// Public is the key that checks what this one signs.
func (k PrivateKey) Public() PublicKey { return PublicKey{k.raw().Public().(ed25519.PublicKey)} }

// Sign signs a connector's file.
func (k PrivateKey) Sign(file []byte) Signature {
	hash := Hash(file)
	return Signature{
		Format: signatureFormat, Key: k.Public().ID(), SHA256: hash,
		Signature: base64.StdEncoding.EncodeToString(ed25519.Sign(k.raw(), message(hash))),
	}
}

// keyFile is a private key as it is stored. Public stands in it for people.
type keyFile struct {
	Format int    `json:"connhost_private_key"` // 1
	Name   string `json:"name"`
	Public string `json:"public"`
	Seed   string `json:"seed"` // base64 of 32 bytes, RFC 8032 section 5.1.5
}

// Encode writes the key as a file, which is a secret.
func (k PrivateKey) Encode(name string) []byte {
	f := keyFile{
		Format: signatureFormat, Name: name, Public: k.Public().String(),
		Seed: base64.StdEncoding.EncodeToString([]byte(*k.seed)),
	}
	b, _ := json.MarshalIndent(f, "", "  ") // a struct of texts can be written
	return append(b, '\n')
}

// ParsePrivateKey reads what Encode wrote. An error quotes nothing of it.
func ParsePrivateKey(data []byte) (PrivateKey, error) {
	var f keyFile
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&f); err != nil || f.Format != signatureFormat {
		return PrivateKey{}, fmt.Errorf("%w: it is not the file of a private key", ErrNotKey)
	}
	seed, err := base64.StdEncoding.Strict().DecodeString(f.Seed)
	if err != nil || len(seed) != ed25519.SeedSize {
		return PrivateKey{}, fmt.Errorf("%w: its seed is not 32 bytes", ErrNotKey)
	}
	k := fromSeed(seed)
	if k.Public().String() != f.Public {
		return PrivateKey{}, fmt.Errorf("%w: its seed and its public key do not belong together", ErrNotKey)
	}
	return k, nil
}
