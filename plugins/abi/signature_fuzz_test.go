package abi_test

import (
	"errors"
	"testing"

	"github.com/connhost/connhost/plugins/abi"
)

// Whatever stands in a signature file: the error is ours, what is read is
// written and read again as the same, and it vouches for no file that the key
// did not sign.
func FuzzSignature(f *testing.F) {
	key := vectorKey(f)
	signed := []byte("a file")
	f.Add(key.Sign(signed).Encode())
	f.Add([]byte(`{"connhost_signature":1,"key":"","sha256":"","signature":""}`))
	f.Add([]byte("null"))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := abi.ParseSignature(data)
		if err != nil {
			if !errors.Is(err, abi.ErrNotSignature) {
				t.Errorf("an error of another kind: %v", err)
			}
			return
		}
		again, err := abi.ParseSignature(s.Encode())
		if err != nil || again != s {
			t.Errorf("%+v is read again as %+v, %v", s, again, err)
		}
		if s.Verify([]byte("another file"), key.Public()) == nil {
			t.Errorf("%s vouches for a file that nobody signed", data)
		}
	})
}
