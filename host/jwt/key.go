package jwt

import (
	"encoding/base64"
	"encoding/hex"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// DecodeKey gives the bytes of a key that is written in hex or Base64, as a
// text. Its error does not quote the key.
func DecodeKey(code, text string) (string, error) {
	var key []byte
	var err error
	switch code {
	case abi.CodeHex:
		key, err = hex.DecodeString(text)
	case abi.CodeBase64:
		key, err = base64.StdEncoding.DecodeString(text)
	default:
		return text, nil
	}
	if err != nil {
		return "", host.Errorf(host.NeedsAuth, "the key of the connection is not written in %s", code).
			WithHint("authorize the connection again and paste the key as the service shows it")
	}
	return string(key), nil
}
