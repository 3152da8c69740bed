package abi

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// What may be wrong with a signature. Errors of this file wrap one of these.
var (
	ErrNotSignature = errors.New("not a signature of a connector")
	ErrOtherFile    = errors.New("the signature was made for another file")
	ErrOtherKey     = errors.New("the signature was made with another key")
	ErrForged       = errors.New("the signature is not valid")
)

// SignatureSuffix is what the name of a connector's file gets for the name of
// its detached signature.
const SignatureSuffix = ".sig"

// MaxSignature is how large a signature file may be, in bytes.
const MaxSignature = 4 << 10

// signatureFormat is the version of the file and of the message under it.
const signatureFormat = 1

// A Signature says that the holder of a key stands behind one file. It is
// stored beside the file, as JSON; plugins/SIGNING.md tells the exact format.
type Signature struct {
	Format    int    `json:"connhost_signature"` // 1
	Key       string `json:"key"`                // the id of the public key
	SHA256    string `json:"sha256"`             // of the file, lower-case hex
	Signature string `json:"signature"`          // base64 of 64 bytes, RFC 8032 section 5.1.6
}

// message is what is signed: a line that no other use of the key has, so that
// a signature made here means nothing elsewhere, and the file's hash.
func message(hash string) []byte {
	return []byte("connhost connector signature v1\nsha256:" + hash + "\n")
}

// ParseSignature reads a signature file. It checks no signature.
func ParseSignature(data []byte) (Signature, error) {
	var s Signature
	if len(data) > MaxSignature {
		return s, fmt.Errorf("%w: it has more than %d bytes", ErrNotSignature, MaxSignature)
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&s); err != nil {
		return Signature{}, fmt.Errorf("%w: it is not the JSON of one", ErrNotSignature)
	}
	if _, err := dec.Token(); err != io.EOF {
		return Signature{}, fmt.Errorf("%w: something follows it", ErrNotSignature)
	}
	if s.Format != signatureFormat {
		return Signature{}, fmt.Errorf("%w: its format is %d, and this host knows %d", ErrNotSignature, s.Format, signatureFormat)
	}
	if raw, err := base64.StdEncoding.Strict().DecodeString(s.Signature); err != nil || len(raw) != ed25519.SignatureSize {
		return Signature{}, fmt.Errorf("%w: it holds no Ed25519 signature", ErrNotSignature)
	}
	return s, nil
}

// Encode writes the signature as a file.
func (s Signature) Encode() []byte {
	b, _ := json.MarshalIndent(s, "", "  ") // a struct of texts can be written
	return append(b, '\n')
}

// Verify is nil when the holder of key signed this file. What the signature
// says of the file is not believed: the hash is that of the bytes.
func (s Signature) Verify(file []byte, key PublicKey) error {
	hash := Hash(file)
	raw, err := base64.StdEncoding.Strict().DecodeString(s.Signature)
	switch {
	case err != nil:
		return ErrNotSignature
	case s.SHA256 != hash:
		return ErrOtherFile
	case s.Key != key.ID():
		return ErrOtherKey
	case len(key.raw) != ed25519.PublicKeySize || !ed25519.Verify(key.raw, message(hash), raw):
		return ErrForged
	}
	return nil
}
