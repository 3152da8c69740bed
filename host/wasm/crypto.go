package wasm

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"hash"
	"slices"
	"strconv"
	"strings"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// digests are abi.HashAlgorithms. The weak ones are there because services
// ask for them.
var digests = map[string]func() hash.Hash{
	"md5": md5.New, "sha1": sha1.New, "sha256": sha256.New, "sha384": sha512.New384, "sha512": sha512.New,
}

// doCrypto makes one cryptographic operation. A secret goes in by its name and
// only its MAC or signature comes out.
func (g guest) doCrypto(ptr, size uint64) int32 {
	var c abi.CryptoCall
	if errno := g.callJSON(ptr, size, &c); errno != nil {
		return *errno
	}
	data, err := g.cryptoData(c)
	if err != nil {
		return g.cryptoError(err)
	}
	g.pay(price(c.Op, len(data)))
	staged, err := g.operate(c, data)
	if err != nil {
		return g.cryptoError(err)
	}
	return g.stage.put(staged)
}

// price is what an operation costs the guest in fuel: about the time that it
// takes.
func price(op string, data int) int64 {
	if op == abi.OpSign || op == abi.OpVerify {
		return 5_000_000 + int64(data)
	}
	return 2_000 + int64(data)
}

// What a crypto call fails of, beside an argument that makes no sense.
var (
	errNoHandle = errors.New("there is no body with that handle")
	errUnkeyed  = errors.New("a place of a secret may stand in the data of a MAC only, whose key is a secret too")
	errKnown    = errors.New("a key is derived from a secret that the code may not read")
)

func (g guest) cryptoError(err error) int32 {
	switch {
	case errors.Is(err, errNoHandle):
		return g.stage.refuse(abi.ErrnoHandle, "handle", err.Error())
	case errors.Is(err, errUnkeyed), errors.Is(err, errKnown):
		return g.stage.denied(err.Error())
	}
	if own, ok := errors.AsType[*host.Error](err); ok {
		return g.stage.argument(own.Msg)
	}
	return g.stage.argument(err.Error())
}

// cryptoData is what the operation works on, with the places of its secrets
// filled.
func (g guest) cryptoData(c abi.CryptoCall) ([]byte, error) {
	given := 0
	for _, there := range []bool{c.Data != "", c.DataBase64 != "", c.DataHandle != 0} {
		if there {
			given++
		}
	}
	switch {
	case given > 1:
		return nil, errors.New("data, data_base64 and data_handle exclude each other")
	case c.DataHandle != 0:
		if c.DataHandle < 1 || c.DataHandle > len(g.bodies) {
			return nil, errNoHandle
		}
		return g.bodies[c.DataHandle-1], nil
	case c.DataBase64 != "":
		b, err := base64.StdEncoding.DecodeString(c.DataBase64)
		if err != nil {
			return nil, errors.New("data_base64 is not base64")
		}
		return b, nil
	case !host.HasPlace(c.Data):
		return []byte(c.Data), nil
	case !g.secretKey(c.Key) || !isDigest(c.Alg) || c.Op == abi.OpHash:
		// Whoever has the public key reads the digest out of a signature.
		return nil, errUnkeyed
	}
	text, err := host.Fill(c.Data, g.find)
	return []byte(text), err
}

// secretKey reports whether a key holds a secret that the guest does not know:
// one that it may read is none.
func (g guest) secretKey(key string) bool {
	for {
		_, rest, found := strings.Cut(key, host.SecretPlace)
		if !found {
			return false
		}
		name, after, _ := strings.Cut(rest, "}}")
		if !slices.Contains(g.in.Vault.Revealed, name) {
			return true
		}
		key = after
	}
}

func isDigest(alg string) bool { return digests[alg] != nil }

// operate makes the operation.
func (g guest) operate(c abi.CryptoCall, data []byte) ([]byte, error) {
	if c.Op != abi.OpVerify && c.Signature != "" {
		return nil, errors.New("signature belongs to verify only")
	}
	switch c.Op {
	case abi.OpHash:
		if c.Key != "" {
			return nil, errors.New("a hash has no key")
		}
		return digest(c.Alg, data)
	case abi.OpHMAC:
		return g.mac(c, data)
	case abi.OpDerive:
		return g.derive(c, data)
	case abi.OpSign:
		key, err := g.key(c)
		if err != nil {
			return nil, err
		}
		return signature(c.Alg, key, data, g.opts.Random)
	case abi.OpVerify:
		return g.verify(c, data)
	}
	return nil, errors.New("op must be one of hash, hmac, derive, sign, verify")
}

func digest(alg string, data []byte) ([]byte, error) {
	if !isDigest(alg) {
		return nil, errors.New("the algorithm must be one of " + strings.Join(abi.HashAlgorithms(), ", "))
	}
	h := digests[alg]()
	h.Write(data)
	return h.Sum(nil), nil
}

func (g guest) mac(c abi.CryptoCall, data []byte) ([]byte, error) {
	if !isDigest(c.Alg) {
		return nil, errors.New("the algorithm must be one of " + strings.Join(abi.HashAlgorithms(), ", "))
	}
	key, err := g.key(c)
	if err != nil {
		return nil, err
	}
	m := hmac.New(digests[c.Alg], key)
	m.Write(data)
	return m.Sum(nil), nil
}

// maxDerived is how many keys one call may derive.
const maxDerived = 64

// derive keeps a MAC as a key of the call and gives its name: the chain of AWS
// Signature Version 4 is four of them. The first key is a secret, so all are:
// a derived key that the guest can work out would undo what secretKey asks.
func (g guest) derive(c abi.CryptoCall, data []byte) ([]byte, error) {
	if !g.secretKey(c.Key) {
		return nil, errKnown
	}
	if len(g.derived) == maxDerived {
		return nil, errors.New("one call derives at most " + strconv.Itoa(maxDerived) + " keys")
	}
	mac, err := g.mac(c, data)
	if err != nil {
		return nil, err
	}
	if g.derived == nil {
		g.call.derived = map[string]host.Secret{}
	}
	name := "derived:" + strconv.Itoa(len(g.derived)+1)
	g.derived[name] = host.NewSecret(string(mac))
	return []byte(name), nil
}

// verify compares a MAC or a signature.
func (g guest) verify(c abi.CryptoCall, data []byte) ([]byte, error) {
	given, err := base64.StdEncoding.DecodeString(c.Signature)
	if err != nil {
		return nil, errors.New("signature is not base64")
	}
	var right bool
	if isDigest(c.Alg) {
		want, err := g.mac(c, data)
		if err != nil {
			return nil, err
		}
		right = hmac.Equal(given, want)
	} else {
		key, err := g.key(c)
		if err != nil {
			return nil, err
		}
		if right, err = verified(c.Alg, key, data, given); err != nil {
			return nil, err
		}
	}
	return strconv.AppendBool(nil, right), nil
}

// key is the key of an operation, with the places of its secrets filled.
func (g guest) key(c abi.CryptoCall) ([]byte, error) {
	if c.Key == "" {
		return nil, errors.New("the operation needs a key")
	}
	text, err := host.Fill(c.Key, g.find)
	if err != nil {
		return nil, err
	}
	g.pay(int64(len(text)))
	return decodeKey(text, c.KeyEncoding)
}

// decodeKey does not quote the key in its errors.
func decodeKey(text, encoding string) ([]byte, error) {
	var key []byte
	var err error
	switch encoding {
	case "":
		return []byte(text), nil
	case "base64":
		key, err = decodeBase64(text)
	case "hex":
		key, err = hex.DecodeString(text)
	default:
		return nil, errors.New("key_encoding must be base64 or hex")
	}
	if err != nil {
		return nil, errors.New("the key is not " + encoding)
	}
	return key, nil
}

// decodeBase64 reads every usual spelling: services hand keys out in all.
func decodeBase64(text string) ([]byte, error) {
	text = strings.TrimRight(strings.NewReplacer("-", "+", "_", "/", "\n", "", "\r", "").Replace(text), "=")
	return base64.RawStdEncoding.DecodeString(text)
}
