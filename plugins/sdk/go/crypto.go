//go:build wasip1

package sdk

import (
	"encoding/base64"
	"encoding/json"
	"unsafe"
)

//go:wasmimport connhost crypto
func hostCrypto(ptr unsafe.Pointer, size uint32) int32

// Place is the text that stands for a secret in what a hook gives: in a header,
// a query value, a body, a key.
func Place(name string) string { return "{{secret:" + name + "}}" }

// Crypto makes one operation and gives what it stages. An error is an *Error in
// the host's words.
func Crypto(c CryptoCall) ([]byte, error) {
	text, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	return taken(hostCrypto(unsafe.Pointer(unsafe.SliceData(text)), uint32(len(text))))
}

// HMAC is the MAC of data under a key that may hold places. Data may hold them
// too where the key does.
func HMAC(alg, key, data string) ([]byte, error) {
	return Crypto(CryptoCall{Op: "hmac", Alg: alg, Key: key, Data: data})
}

// Derive makes a MAC the host's own key and gives the name of it, for Place.
func Derive(alg, key, data string) (string, error) {
	name, err := Crypto(CryptoCall{Op: "derive", Alg: alg, Key: key, Data: data})
	return string(name), err
}

// Sign is the signature of data under a private key, which is a place.
func Sign(alg, key string, data []byte) ([]byte, error) {
	return Crypto(CryptoCall{Op: "sign", Alg: alg, Key: key, DataBase64: base64.StdEncoding.EncodeToString(data)})
}
