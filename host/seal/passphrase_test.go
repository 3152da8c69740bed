package seal_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/seal"
)

func TestWrapOpensWithItsPassphraseOnly(t *testing.T) {
	pass := host.NewSecret("correct horse battery staple")
	plain := bytes.Repeat([]byte("tokens "), 20_000) // more than one chunk
	wrapped, err := seal.WrapLightly(plain, pass)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(wrapped, []byte("tokens")) {
		t.Error("it stands there in clear")
	}
	if got, err := seal.Unwrap(wrapped, pass, 1<<20); err != nil || !bytes.Equal(got, plain) {
		t.Fatalf("got %d bytes, %v", len(got), err)
	}
	flipped := bytes.Clone(wrapped)
	flipped[len(flipped)-1] ^= 1
	for name, c := range map[string]struct {
		data []byte
		pass string
		says string
	}{
		"another passphrase": {wrapped, "another passphrase", "the passphrase does not open the file"},
		"a flipped bit":      {flipped, pass.Reveal(), "damaged"},
		"something else":     {[]byte("hello"), pass.Reveal(), "is none that connhost export has made"},
	} {
		got, err := seal.Unwrap(c.data, host.NewSecret(c.pass), 1<<20)
		if host.CodeOf(err) != host.Failed || !strings.Contains(err.Error(), c.says) || got != nil {
			t.Errorf("%s: got %d bytes, %v", name, len(got), err)
		}
	}
	if _, err := seal.Wrap(plain, host.NewSecret("short")); host.CodeOf(err) != host.Usage {
		t.Errorf("a short passphrase: %v", err)
	}
}
