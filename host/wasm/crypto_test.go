package wasm_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/wasm"
	"github.com/connhost/connhost/plugins/abi"
)

// actIn lets the guest do something with a vault.
func (b *bench) actIn(hash, what string, vault host.Vault) (string, error) {
	input, _ := json.Marshal(abi.TestInput{Response: abi.Response{Body: what}})
	out, _, err := b.Call(context.Background(), host.GuestCall{Hash: hash, Hook: "test", Input: input, Vault: vault, Bodies: [][]byte{[]byte("a body")}})
	var answer abi.TestOutput
	_ = json.Unmarshal(out, &answer)
	return answer.Message, err
}

func keys(pairs ...string) host.Vault {
	v := host.Vault{Keys: map[string]host.Secret{}}
	for i := 0; i < len(pairs); i += 2 {
		v.Keys[pairs[i]] = host.NewSecret(pairs[i+1])
	}
	return v
}

// Published values: FIPS 180-4, RFC 1321, RFC 4231 section 4.3, RFC 6979
// section A.2.5, RFC 8032 section 7.1, and AWS's example of Signature Version 4.
func TestCryptoVectors(t *testing.T) {
	b := open(t, wasm.Options{})
	hash := b.add(guest(t))
	vault := keys("jefe", "Jefe", "hexed", "4a656665", "based", "SmVmZQ", "ec", ecKey(t, "C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721"),
		"ed", "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
		"secret_key", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
	const jefe = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
	for _, c := range []struct{ what, want string }{
		{`crypto {"op":"hash","alg":"sha256","data":"abc"}`, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
		{`crypto {"op":"hash","alg":"md5","data":"abc"}`, "900150983cd24fb0d6963f7d28e17f72"},
		{`crypto {"op":"hash","alg":"sha1","data_base64":"YWJj"}`, "a9993e364706816aba3e25717850c26c9cd0d89d"},
		{`crypto {"op":"hash","alg":"sha256","data_handle":1}`, sha256Hex("a body")},
		{`crypto {"op":"hmac","alg":"sha256","key":"{{secret:jefe}}","data":"what do ya want for nothing?"}`, jefe},
		{`crypto {"op":"hmac","alg":"sha256","key":"Jefe","data":"what do ya want for nothing?"}`, jefe},
		{`crypto {"op":"hmac","alg":"sha256","key":"{{secret:hexed}}","key_encoding":"hex","data":"what do ya want for nothing?"}`, jefe},
		{`crypto {"op":"hmac","alg":"sha256","key":"{{secret:based}}","key_encoding":"base64","data":"what do ya want for nothing?"}`, jefe},
		{`crypto {"op":"sign","alg":"ES256","key":"{{secret:ec}}","data":"sample"}`,
			"efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"},
		{`crypto {"op":"sign","alg":"EdDSA","key":"{{secret:ed}}","key_encoding":"hex","data":"r"}`,
			"92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
		{"sigv4", "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"},
	} {
		if got, err := b.actIn(hash, c.what, vault); err != nil || got != c.want {
			t.Errorf("%s: got %q, %v, want %s", c.what, got, err, c.want)
		}
	}
}

// A secret goes into a MAC under another secret only; it never comes out of a
// hash, of a MAC with a known key, or of a signature.
func TestCryptoKeepsSecrets(t *testing.T) {
	b := open(t, wasm.Options{})
	hash := b.add(guest(t))
	vault := keys("token", "tok-1234567890", "mac", "mac-key-1234567890", "ec", ecKey(t, "01"))
	vault.Answer = func(p string) (host.Secret, bool) { return host.NewSecret("code-987"), p == "/code" }
	vault.Revealed = []string{"password"}
	for what, part := range map[string]string{
		`crypto {"op":"hash","alg":"sha256","data":"{{secret:token}}"}`:                                "data of a MAC only",
		`crypto {"op":"hmac","alg":"sha256","key":"mine","data":"{{secret:token}}"}`:                   "data of a MAC only",
		`crypto {"op":"derive","alg":"sha256","key":"mine","data":"{{secret:token}}"}`:                 "data of a MAC only",
		`crypto {"op":"sign","alg":"ES256","key":"{{secret:ec}}","data":"{{secret:token}}"}`:           "data of a MAC only",
		`crypto {"op":"verify","alg":"ES256","key":"{{secret:ec}}","data":"{{secret:token}}"}`:         "data of a MAC only",
		`crypto {"op":"hmac","alg":"sha256","key":"{{secret:other}}","data":"x"}`:                      "{{secret:other}} names no secret",
		`crypto {"op":"hmac","alg":"sha256","key":"{{secret:mac}}","data":"{{secret:answer:/other}}"}`: "names no secret",
		`crypto {"op":"hash","alg":"sha256","key":"x","data":"x"}`:                                     "a hash has no key",
		`crypto {"op":"hmac","alg":"sha256","data":"x"}`:                                               "needs a key",
		`crypto {"op":"hmac","alg":"sha3","key":"{{secret:mac}}","data":"x"}`:                          "must be one of md5",
		`crypto {"op":"sign","alg":"none","key":"{{secret:mac}}","data":"x"}`:                          "must be one of RS256",
		`crypto {"op":"sign","alg":"RS256","key":"{{secret:mac}}","data":"x"}`:                         "the private key is not PEM",
		`crypto {"op":"sign","alg":"RS256","key":"{{secret:ec}}","data":"x"}`:                          "not one for this algorithm",
		`crypto {"op":"sign","alg":"ES384","key":"{{secret:ec}}","data":"x"}`:                          "not one for this algorithm",
		`crypto {"op":"hmac","alg":"md5","key":"{{secret:mac}}","key_encoding":"hex","data":"x"}`:      "the key is not hex",
		`crypto {"op":"hmac","alg":"md5","key":"{{secret:mac}}","key_encoding":"rot13","data":"x"}`:    "key_encoding must be",
		`crypto {"op":"encrypt","alg":"aes","key":"{{secret:mac}}","data":"x"}`:                        "op must be one of",
		`crypto {"op":"hash","alg":"md5","data":"x","data_base64":"eA=="}`:                             "exclude each other",
		`crypto {"op":"hash","alg":"md5","data_base64":"!"}`:                                           "not base64",
		`crypto {"op":"hash","alg":"md5","data_handle":2}`:                                             "no body with that handle",
		`crypto {"op":"hash","alg":"md5","data":"x","signature":"eA=="}`:                               "belongs to verify only",
		"secret token":    "not listed in reveal_secrets",
		"secret password": "the connection has no such secret",
	} {
		_, err := b.actIn(hash, what, vault)
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%s: got %v, want %s", what, err, part)
		}
		for _, secret := range []string{"tok-1234567890", "mac-key-1234567890", "code-987"} {
			if err != nil && strings.Contains(err.Error(), secret) {
				t.Errorf("%s: %v", what, err)
			}
		}
	}
	// What is allowed is the MAC of the filled text.
	got, err := b.actIn(hash, `crypto {"op":"hmac","alg":"sha256","key":"{{secret:mac}}","data":"code={{secret:answer:/code}}"}`, vault)
	want, _ := b.actIn(hash, `crypto {"op":"hmac","alg":"sha256","key":"mac-key-1234567890","data":"code=code-987"}`, vault)
	if err != nil || got != want || got == "" {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
	vault.Keys["password"] = host.NewSecret("open sesame")
	if got, err := b.actIn(hash, "secret password", vault); err != nil || got != "open sesame" {
		t.Errorf("a granted secret: got %q, %v", got, err)
	}
	if got, err := b.actIn(hash, "secret password", keys("password", "open sesame")); err == nil {
		t.Errorf("a secret that nobody granted: got %q", got)
	}
}

// A key that the guest knows is no secret, however it is named: a MAC under it
// would let the guest try guesses of another secret.
func TestCryptoWantsUnknownKeys(t *testing.T) {
	b := open(t, wasm.Options{})
	hash := b.add(guest(t))
	vault := keys("pin", "4711", "password", "open sesame", "mac", "mac-key-1234567890")
	vault.Revealed = []string{"password"}
	for what, part := range map[string]string{
		`crypto {"op":"derive","alg":"sha256","key":"mine","data":"x"}`:                                                 "derived from a secret",
		`crypto {"op":"derive","alg":"sha256","key":"{{secret:password}}","data":"x"}`:                                  "derived from a secret",
		`crypto {"op":"hmac","alg":"sha256","key":"{{secret:password}}","data":"{{secret:pin}}"}`:                       "data of a MAC only",
		`crypto {"op":"verify","alg":"sha256","key":"a{{secret:password}}","data":"{{secret:pin}}","signature":"eA=="}`: "data of a MAC only",
		`crypto {"op":"hmac","alg":"sha256","key":"{{secret:password}}","data":"mine"}`:                                 "",
		`crypto {"op":"hmac","alg":"sha256","key":"{{secret:password}}{{secret:mac}}","data":"mine,{{secret:pin}}"}`:    "",
		`crypto {"op":"derive","alg":"sha256","key":"AWS4{{secret:mac}}","data":"20260101"}`:                            "",
	} {
		if _, err := b.actIn(hash, what, vault); (err == nil) != (part == "") || err != nil && !strings.Contains(err.Error(), part) {
			t.Errorf("%s: got %v, want %q", what, err, part)
		}
	}
}

// What one operation signs, the other verifies, for every algorithm.
func TestCryptoVerifies(t *testing.T) {
	b := open(t, wasm.Options{})
	hash := b.add(guest(t))
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	private, public := map[string]string{}, map[string]string{}
	put := func(alg string, key any, pub any) {
		priv, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			t.Fatal(err)
		}
		pubDER, err := x509.MarshalPKIXPublicKey(pub)
		if err != nil {
			t.Fatal(err)
		}
		private[alg] = string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: priv}))
		public[alg] = string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: pubDER}))
	}
	for _, alg := range []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"} {
		put(alg, rsaKey, rsaKey.Public())
	}
	for alg, curve := range map[string]elliptic.Curve{"ES256": elliptic.P256(), "ES384": elliptic.P384(), "ES512": elliptic.P521()} {
		k, err := ecdsa.GenerateKey(curve, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		put(alg, k, k.Public())
	}
	for alg, key := range private {
		signed, err := b.actIn(hash, `crypto {"op":"sign","alg":"`+alg+`","key":"{{secret:k}}","data":"m"}`, keys("k", key))
		if err != nil {
			t.Fatalf("%s: %v", alg, err)
		}
		raw, _ := hex.DecodeString(signed)
		for data, want := range map[string]string{"m": "true", "n": "false"} {
			call, _ := json.Marshal(abi.CryptoCall{Op: "verify", Alg: alg, Key: public[alg], Data: data, Signature: base64.StdEncoding.EncodeToString(raw)})
			got, err := b.actIn(hash, "crypto "+string(call), host.Vault{})
			if text, _ := hex.DecodeString(got); err != nil || string(text) != want {
				t.Errorf("%s of %s: got %q, %v", alg, data, text, err)
			}
		}
	}
	for signature, want := range map[string]string{"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843": "true", "00": "false"} {
		raw, _ := hex.DecodeString(signature)
		call, _ := json.Marshal(abi.CryptoCall{Op: "verify", Alg: "sha256", Key: "{{secret:k}}", Data: "what do ya want for nothing?", Signature: base64.StdEncoding.EncodeToString(raw)})
		got, err := b.actIn(hash, "crypto "+string(call), keys("k", "Jefe"))
		if text, _ := hex.DecodeString(got); err != nil || string(text) != want {
			t.Errorf("a MAC: got %q, %v", text, err)
		}
	}
}

// ecKey is a P-256 private key as PEM, from its number.
func ecKey(t *testing.T, number string) string {
	t.Helper()
	d, ok := new(big.Int).SetString(number, 16)
	if !ok {
		t.Fatal(number)
	}
	raw := d.FillBytes(make([]byte, 32))
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), raw)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der}))
}
