package host

import "context"

// A KeyRing is a Sealer whose keys change while others use them. Every process
// reads the same file again when it meets a key that it does not know.
type KeyRing interface {
	Sealer
	// KeyIDs names the keys that open, the one that seals first.
	KeyIDs() []string
	// KeyOf names the key that a ciphertext, or the beginning of one, says it is
	// sealed with; "" where it says none.
	KeyOf(sealed []byte) string
	// Mark begins all that the key that seals now has sealed.
	Mark() []byte
	// Reload reads the keys again.
	Reload() error
	// Add makes a new key, durably, which seals from now on. The others open
	// still.
	Add() (id string, err error)
	// Drop leaves only the key that seals. Unless told to forget the others it
	// keeps them in a file of their own, and gives its name.
	Drop(forget bool) (kept string, err error)
}

// A KeyKeeper is a store whose key can be changed while others use it.
type KeyKeeper interface {
	// RotateKey makes a new key and seals every row anew, or finishes what an
	// interrupted one has begun. The record is appended with the new key.
	RotateKey(ctx context.Context, forget bool, r Record) (KeyRotation, error)
	// KeyUses tells how many rows each key has sealed.
	KeyUses(ctx context.Context) ([]KeyUse, error)
}

// A KeyRotation is what became of one.
type KeyRotation struct {
	Key      string   // that seals now
	Resumed  bool     // an interrupted one was finished
	Rows     int64    // that were sealed anew
	Unopened []string // rows that no key opened, before and after
	Kept     string   // the file with the keys before; "" for none
}

// A KeyUse is a key and what it has sealed.
type KeyUse struct {
	ID      string
	Primary bool // seals now
	Present bool // stands in the key file
	Rows    int64
}
