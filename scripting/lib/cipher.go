package lib

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"strings"

	"github.com/connhost/connhost/scripting/value"
)

// ciphers are there for texts that the product or a service encrypted so. Their
// keys are passwords filled up with zero bytes and nothing tells a changed text
// from an unchanged one: they protect little, and new things should not be built
// on them.
var ciphers = []*Function{
	def(Function{
		Names: names("zoho.encryption.aesEncode", "aesEncode"), Params: params("key text", "text text", "iv text?"), Returns: "text",
		Semantics: "The text in AES-256-CBC, in Base64. The key is filled with zero bytes or cut to 32. Without iv a random one is made and put before the encrypted text. For compatibility only.",
		Examples:  examples(Example{Expr: `zoho.encryption.aesEncode("passkey", "This is a secret", "a00000000000000b")`, Args: `["passkey","This is a secret","a00000000000000b"]`, Want: "W4OLWZ4EtTQYpH3G+kgqyb6Xw+R/zS4kAZa68zeluqs="}),
	}, func(c call) any {
		if c.has(2) {
			return c.encrypt(32, c.iv(2), nil)
		}
		iv := make([]byte, aes.BlockSize)
		_, _ = rand.Read(iv) // crypto/rand never fails
		return c.encrypt(32, iv, iv)
	}),
	def(Function{
		Names: names("zoho.encryption.aesDecode", "aesDecode"), Params: params("key text", "text text", "iv text?"), Returns: "text",
		Semantics: "What aesEncode encrypted. Without iv the first 16 bytes of the text are it.",
		Examples: examples(Example{Expr: `zoho.encryption.aesDecode("passkey", "W4OLWZ4EtTQYpH3G+kgqyb6Xw+R/zS4kAZa68zeluqs=", "a00000000000000b")`, Args: `["passkey","W4OLWZ4EtTQYpH3G+kgqyb6Xw+R/zS4kAZa68zeluqs=","a00000000000000b"]`, Want: "This is a secret"},
			Example{Expr: `zoho.encryption.aesDecode("passkey", "abc")`, Args: `["passkey","abc"]`, Want: "error: the text was not encrypted so, or with another key"}),
	}, func(c call) any {
		data := c.fromBase64(c.text(1))
		if c.has(2) {
			return c.decrypt(32, c.iv(2), data)
		}
		if len(data) < aes.BlockSize {
			notEncrypted()
		}
		return c.decrypt(32, data[:aes.BlockSize], data[aes.BlockSize:])
	}),
	def(Function{
		Names: names("zoho.encryption.aesEncode128", "aesEncode128"), Params: params("key text", "text text", "iv text", "iterations number?"), Returns: "text",
		Semantics: "The text in AES-128-CBC, in Base64. The key is filled with zero bytes or cut to 16; iv has 16 characters. The number of iterations changes nothing, as in the product.",
		Examples:  examples(Example{Expr: `zoho.encryption.aesEncode128("passkey", "This is a secret", "a00000000000000b", 201)`, Args: `["passkey","This is a secret","a00000000000000b",201]`, Want: "pWBt7NM4llIu0n9gES91lR5fXNaAG/mx5UNPtJY0Bv8="}),
	}, func(c call) any { return c.encrypt(16, c.iv(2), nil) }),
	def(Function{
		Names: names("zoho.encryption.aesDecode128", "aesDecode128"), Params: params("key text", "text text", "iv text", "iterations number?"), Returns: "text",
		Semantics: "What aesEncode128 encrypted.",
		Examples:  examples(Example{Expr: `zoho.encryption.aesDecode128("passkey", "pWBt7NM4llIu0n9gES91lR5fXNaAG/mx5UNPtJY0Bv8=", "a00000000000000b", 201)`, Args: `["passkey","pWBt7NM4llIu0n9gES91lR5fXNaAG/mx5UNPtJY0Bv8=","a00000000000000b",201]`, Want: "This is a secret"}),
	}, func(c call) any { return c.decrypt(16, c.iv(2), c.fromBase64(c.text(1))) }),
}

// iv returns argument i as an initialization vector.
func (c call) iv(i int) []byte {
	iv := []byte(c.text(i))
	if len(iv) != aes.BlockSize {
		value.Throw("the iv of %s must have 16 bytes, not %d", c.fn.Names[0], len(iv))
	}
	return iv
}

// block is the cipher for argument 0 as a key of size bytes.
func (c call) block(size int) cipher.Block {
	key := make([]byte, size)
	copy(key, c.text(0))
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // the size is one of AES
	}
	return block
}

// encrypt returns Base64 of prefix and the encrypted argument 1, padded as
// PKCS #7 says (RFC 5652 section 6.3).
func (c call) encrypt(size int, iv, prefix []byte) string {
	text := c.text(1)
	c.grow(6, len(text)+2*aes.BlockSize)
	c.budget().Tick(len(text) / 16)
	padding := aes.BlockSize - len(text)%aes.BlockSize
	data := append([]byte(text), bytes.Repeat([]byte{byte(padding)}, padding)...)
	cipher.NewCBCEncrypter(c.block(size), iv).CryptBlocks(data, data)
	return base64.StdEncoding.EncodeToString(append(prefix, data...))
}

func (c call) decrypt(size int, iv, data []byte) string {
	if len(data) == 0 || len(data)%aes.BlockSize != 0 {
		notEncrypted()
	}
	c.grow(2, len(data))
	c.budget().Tick(len(data) / 16)
	plain := make([]byte, len(data))
	cipher.NewCBCDecrypter(c.block(size), iv).CryptBlocks(plain, data)
	padding := int(plain[len(plain)-1])
	if padding < 1 || padding > aes.BlockSize || !bytes.HasSuffix(plain, bytes.Repeat([]byte{byte(padding)}, padding)) {
		notEncrypted()
	}
	return utf8Text(string(plain[:len(plain)-padding]))
}

func notEncrypted() { value.Throw("the text was not encrypted so, or with another key") }

// fromBase64 reads Base64; blanks, line ends and missing = do not matter.
func (c call) fromBase64(s string) []byte {
	c.grow(4, len(s))
	compact := strings.TrimRight(strings.Join(strings.Fields(s), ""), "=")
	encoding := base64.RawStdEncoding
	if strings.ContainsAny(compact, "-_") {
		encoding = base64.RawURLEncoding
	}
	data, err := encoding.DecodeString(compact)
	if err != nil {
		panic(&value.Fault{Msg: "text is not Base64", Err: err})
	}
	return data
}
