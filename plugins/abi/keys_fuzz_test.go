package abi_test

import (
	"testing"

	"github.com/connhost/connhost/plugins/abi"
)

// What is taken as a key is written and read again as the same.
func FuzzKeys(f *testing.F) {
	key := vectorKey(f)
	f.Add(key.Public().String())
	f.Add("")
	f.Add("ed25519:")
	f.Fuzz(func(t *testing.T, text string) {
		if k, err := abi.ParsePublicKey(text); err == nil {
			if again, err := abi.ParsePublicKey(k.String()); err != nil || again.String() != k.String() {
				t.Errorf("%q is read again as %s, %v", text, again, err)
			}
		}
		if k, err := abi.ParsePrivateKey([]byte(text)); err == nil {
			if k.Sign([]byte("a file")).Verify([]byte("a file"), k.Public()) != nil {
				t.Errorf("%q signs what it does not verify", text)
			}
		}
	})
}
