package lib

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"strings"

	"github.com/connhost/connhost/scripting/value"
)

// digests are hashes and keyed hashes. MD5 and SHA-1 are there because services
// ask for them in signatures, not because they protect anything.
var digests = []*Function{
	digest("md5", md5.New, "900150983cd24fb0d6963f7d28e17f72"),
	digest("sha1", sha1.New, "a9993e364706816aba3e25717850c26c9cd0d89d"),
	digest("sha256", sha256.New, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
	digest("sha384", sha512.New384, "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"),
	digest("sha512", sha512.New, "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"),
	keyedDigest("hmacsha1", sha1.New, "7/zfauXrL6LSdBbV8YTfnCWafHk="),
	keyedDigest("hmacsha256", sha256.New, "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM="),
	keyedDigest("hmacsha384", sha512.New384, "r0XS43ZIQDFhf3jStYprG5x+9GT1oBtH5C7Dc2MiRF6OIkDKXmnix4syOez6shZJ"),
	keyedDigest("hmacsha512", sha512.New, "Fkt6e/z4GeLjlfvnO1bgo4e9ZCIugx/WECcM1+olBVSXWL91wFqZSm0DT2X48Ob9yuqxo01Ka0tjbgcKOLznNw=="),
}

func digest(name string, algorithm func() hash.Hash, abc string) *Function {
	return def(Function{
		Names: names("zoho.encryption."+name, name), Params: params("data any", "format text?"), Returns: "text",
		Semantics: "The " + strings.ToUpper(name) + " hash of a text or file, in hexadecimal digits, or as format says: hex, base64 or binary, which is in digits 0 and 1.",
		Examples:  examples(Example{Expr: `zoho.encryption.` + name + `("abc")`, Args: `["abc"]`, Want: abc}),
	}, func(c call) any {
		data := c.data(0)
		c.hashing(data)
		h := algorithm()
		h.Write([]byte(data))
		return c.sum(h, 1, "hex")
	})
}

func keyedDigest(name string, algorithm func() hash.Hash, jefe string) *Function {
	return def(Function{
		Names: names("zoho.encryption."+name, name), Params: params("key text", "data any", "format text?"), Returns: "text",
		Semantics: "The HMAC of a text or file under the key (RFC 2104), in Base64, or as format says: base64, hex or binary, which is in digits 0 and 1.",
		Examples:  examples(Example{Expr: `zoho.encryption.` + name + `("Jefe", "what do ya want for nothing?")`, Args: `["Jefe","what do ya want for nothing?"]`, Want: jefe}),
	}, func(c call) any {
		key, data := c.text(0), c.data(1)
		c.hashing(data)
		h := hmac.New(algorithm, []byte(key))
		h.Write([]byte(data))
		return c.sum(h, 2, "base64")
	})
}

// hashing charges for a hash over data, which is copied for it.
func (c call) hashing(data string) {
	c.grow(1, len(data))
	c.budget().Tick(len(data) / 16)
}

// sum prints the sum of h in the format of argument i.
func (c call) sum(h hash.Hash, i int, format string) string {
	if c.has(i) {
		format = strings.ToLower(c.text(i))
	}
	switch sum := h.Sum(nil); format {
	case "hex":
		return hex.EncodeToString(sum)
	case "base64":
		return base64.StdEncoding.EncodeToString(sum)
	case "binary":
		var sb strings.Builder
		for _, b := range sum {
			fmt.Fprintf(&sb, "%08b", b)
		}
		return sb.String()
	}
	panic(value.Faultf("unknown format %q: hex, base64 or binary", value.Clip(format)))
}
