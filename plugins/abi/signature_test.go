package abi_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/connhost/connhost/plugins/abi"
)

// vectorKey is the key of RFC 8032 section 7.1, test 1.
func vectorKey(t testing.TB) abi.PrivateKey {
	t.Helper()
	seed, err := hex.DecodeString("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
	if err != nil {
		t.Fatal(err)
	}
	k, err := abi.NewPrivateKey(bytes.NewReader(seed))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// RFC 8032 section 7.1, test 1: the public key of the seed.
func TestPublicKeyVector(t *testing.T) {
	public, err := hex.DecodeString("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
	if err != nil {
		t.Fatal(err)
	}
	k := vectorKey(t).Public()
	again, err := abi.ParsePublicKey(k.String())
	if err != nil || again.String() != k.String() || k.ID() != abi.Hash(public)[:16] {
		t.Errorf("got %s, %s, %v", again, k.ID(), err)
	}
}

// The page for implementers in other languages holds a whole example: what is
// printed there is what comes out here.
func TestSigningPage(t *testing.T) {
	page, err := os.ReadFile("../SIGNING.md")
	if err != nil {
		t.Fatal(err)
	}
	k, file := vectorKey(t), abi.Empty()
	s := k.Sign(file)
	for what, want := range map[string]string{
		"public key": k.Public().String(), "key id": k.Public().ID(), "hash": abi.Hash(file),
		"key file": string(k.Encode("example")), "signature file": string(s.Encode()),
	} {
		if !strings.Contains(string(page), want) {
			t.Errorf("SIGNING.md does not hold the %s:\n%s", what, want)
		}
	}
}

func TestSignatures(t *testing.T) {
	k, file := vectorKey(t), []byte("a file")
	other, err := abi.NewPrivateKey(strings.NewReader(strings.Repeat("x", 32)))
	if err != nil {
		t.Fatal(err)
	}
	good := k.Sign(file)
	read, err := abi.ParseSignature(good.Encode())
	if err != nil || read != good {
		t.Fatalf("read again: %+v, %v", read, err)
	}
	for name, c := range map[string]struct {
		change func(s *abi.Signature, file *[]byte, key *abi.PublicKey)
		want   error
	}{
		"as it was made":  {func(*abi.Signature, *[]byte, *abi.PublicKey) {}, nil},
		"another file":    {func(_ *abi.Signature, f *[]byte, _ *abi.PublicKey) { *f = []byte("a File") }, abi.ErrOtherFile},
		"another key":     {func(_ *abi.Signature, _ *[]byte, key *abi.PublicKey) { *key = other.Public() }, abi.ErrOtherKey},
		"a borrowed id":   {func(s *abi.Signature, _ *[]byte, _ *abi.PublicKey) { *s = other.Sign(file); s.Key = good.Key }, abi.ErrForged},
		"a borrowed hash": {func(s *abi.Signature, f *[]byte, _ *abi.PublicKey) { *f = []byte("b"); s.SHA256 = abi.Hash(*f) }, abi.ErrForged},
		"no key":          {func(s *abi.Signature, _ *[]byte, key *abi.PublicKey) { *key = abi.PublicKey{}; s.Key = key.ID() }, abi.ErrForged},
	} {
		s, f, key := good, file, k.Public()
		c.change(&s, &f, &key)
		if err := s.Verify(f, key); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
}

// What the same key signs for another purpose is no signature of a connector:
// neither the file's bytes nor its hash alone are what is signed.
func TestSignaturesHaveOnePurpose(t *testing.T) {
	seed, _ := hex.DecodeString("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
	raw, k, file := ed25519.NewKeyFromSeed(seed), vectorKey(t), []byte("a file")
	hash := sha256.Sum256(file)
	for name, message := range map[string][]byte{"file": file, "hash": hash[:], "hex": []byte(abi.Hash(file)), "line": []byte("sha256:" + abi.Hash(file) + "\n")} {
		s := k.Sign(file)
		s.Signature = base64.StdEncoding.EncodeToString(ed25519.Sign(raw, message))
		if err := s.Verify(file, k.Public()); !errors.Is(err, abi.ErrForged) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestEveryBitOfASignatureCounts(t *testing.T) {
	k, file := vectorKey(t), []byte("a file")
	good := string(k.Sign(file).Encode())
	for i := range good {
		for _, bit := range []byte{1, 2, 16} {
			bad := []byte(good)
			bad[i] ^= bit
			s, err := abi.ParseSignature(bad)
			if err == nil && s != k.Sign(file) && s.Verify(file, k.Public()) == nil {
				t.Errorf("byte %d changed to %q is accepted", i, bad[i])
			}
		}
	}
}

func TestSignatureFiles(t *testing.T) {
	good := string(vectorKey(t).Sign([]byte("x")).Encode())
	for name, text := range map[string]string{
		"empty": "", "text": "hello", "list": "[]", "html": "<html>",
		"later format": strings.Replace(good, `_signature": 1`, `_signature": 2`, 1),
		"another key":  strings.Replace(good, `"key"`, `"kee"`, 1),
		"short":        strings.Replace(good, `"signature": "`, `"signature": "AA==", "x": "`, 1),
		"two":          good + good,
		"long":         good + strings.Repeat(" ", abi.MaxSignature),
	} {
		if s, err := abi.ParseSignature([]byte(text)); !errors.Is(err, abi.ErrNotSignature) {
			t.Errorf("%s: got %+v, %v", name, s, err)
		}
	}
}

func TestKeyFiles(t *testing.T) {
	k := vectorKey(t)
	file := string(k.Encode("example"))
	again, err := abi.ParsePrivateKey([]byte(file))
	if err != nil || again.Public().String() != k.Public().String() {
		t.Fatalf("read again: %v", err)
	}
	seed := "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A="
	if !strings.Contains(file, seed) {
		t.Fatalf("the key file has another seed: %s", file)
	}
	for name, text := range map[string]string{
		"empty": "", "public key": k.Public().String(),
		"no seed":    strings.Replace(file, seed, "", 1),
		"other seed": strings.Replace(file, seed, "A"+seed[1:], 1),
	} {
		if _, err := abi.ParsePrivateKey([]byte(text)); !errors.Is(err, abi.ErrNotKey) || strings.Contains(err.Error(), seed[4:20]) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	for _, text := range []string{"", "ed25519:", "ed25519:AAAA", strings.TrimPrefix(k.Public().String(), "ed25519:"), "rsa:" + seed} {
		if _, err := abi.ParsePublicKey(text); !errors.Is(err, abi.ErrNotKey) {
			t.Errorf("%q is a public key: %v", text, err)
		}
	}
}

// A private key never prints itself.
func TestPrivateKeyIsNotPrinted(t *testing.T) {
	holder := struct{ key abi.PrivateKey }{vectorKey(t)}
	marshalled, err := json.Marshal(map[string]any{"key": holder.key})
	if err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d", "%q"} {
		for _, text := range []string{fmt.Sprintf(verb, holder), fmt.Sprintf(verb, holder.key), string(marshalled)} {
			for _, leak := range []string{"9d61b1", "157 97 177", "nWGx", "0x9d"} {
				if strings.Contains(text, leak) {
					t.Errorf("%s prints %s", verb, text)
				}
			}
		}
	}
}
