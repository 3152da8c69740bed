package seal

import (
	"bytes"
	"testing"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
)

// What is taken as a key file seals and opens, and nothing in one panics.
func FuzzKeyFile(f *testing.F) {
	h, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		f.Fatal(err)
	}
	var whole bytes.Buffer
	if err := insecurecleartextkeyset.Write(h, keyset.NewJSONWriter(&whole)); err != nil {
		f.Fatal(err)
	}
	f.Add(whole.Bytes())
	f.Add(whole.Bytes()[:whole.Len()/2])
	f.Add([]byte(`{"primaryKeyId":1,"key":[]}`))
	f.Add([]byte(`{"primaryKeyId":1,"key":[{"keyData":null}]}`))
	f.Add([]byte("{}"))
	f.Fuzz(func(t *testing.T, text []byte) {
		k, err := parse(text)
		if err != nil {
			return
		}
		sealed, err := k.Seal([]byte("text"), []byte("place"))
		if err != nil {
			t.Fatalf("a key that does not seal was taken: %v", err)
		}
		if opened, err := k.Open(sealed, []byte("place")); err != nil || string(opened) != "text" {
			t.Errorf("got %q, %v", opened, err)
		}
		if _, err := k.Open(sealed, []byte("another place")); err == nil {
			t.Error("opened in another place")
		}
		if k.KeyID() == "" {
			t.Error("a key without an id")
		}
	})
}
