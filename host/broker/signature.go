package broker

import (
	"errors"
	"maps"
	"slices"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// Signed tells who signed a connector's file.
type Signed struct {
	Name string // the operator's name of the key
	Key  string // its id
}

// CheckSignature finds out which of the trusted keys has signed a file. Without
// trusted keys nothing is asked for and nobody has signed; with one, a file
// without a valid signature is Refused.
func CheckSignature(trusted map[string]abi.PublicKey, file, signature []byte) (Signed, error) {
	if len(trusted) == 0 {
		return Signed{}, nil
	}
	names := slices.Sorted(maps.Keys(trusted))
	if signature == nil {
		return Signed{}, host.Errorf(host.Refused, "the connector is not signed, and only signed ones may be installed").
			WithHint("put the signature beside it, NAME.wasm%s, made by the key of: %s", abi.SignatureSuffix, join(names))
	}
	s, err := abi.ParseSignature(signature)
	if err != nil {
		return Signed{}, badSignature(err)
	}
	for _, name := range names {
		if s.Key != trusted[name].ID() {
			continue
		}
		if err := s.Verify(file, trusted[name]); err != nil {
			return Signed{}, badSignature(err)
		}
		return Signed{Name: name, Key: s.Key}, nil
	}
	if s.SHA256 != abi.Hash(file) {
		return Signed{}, badSignature(abi.ErrOtherFile)
	}
	return Signed{}, host.Errorf(host.Refused, "the connector is signed by a key that is not trusted").
		WithHint("trusted are: %s; see them with: connhost connector keys list", join(names))
}

func badSignature(err error) error {
	switch {
	case errors.Is(err, abi.ErrOtherFile):
		return host.Errorf(host.Refused, "the signature was made for another file: the connector or its signature was altered").
			Because(err).WithHint("fetch both again from their author")
	case errors.Is(err, abi.ErrNotSignature):
		return host.Errorf(host.Refused, "the connector's signature cannot be read: %v", err).WithHint("fetch it again from its author")
	}
	return host.Errorf(host.Refused, "the connector's signature is not valid: it was altered or made with another key").
		Because(err).WithHint("fetch it again from its author")
}
