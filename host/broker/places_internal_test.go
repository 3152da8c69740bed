package broker

import (
	"testing"

	"github.com/connhost/connhost/plugins/abi"
)

// What the code may read of an answer counts as what it may read by name: an
// authorization does not go along to a version that reads more.
func TestPublicIsAgreedTo(t *testing.T) {
	a := abi.Manifest{ID: "acme", Hooks: []string{abi.HookToken}, Public: []string{"/team", "/region"}}
	b := a
	b.Public = []string{"/region", "/team"}
	if !samePlaces(a, b) {
		t.Error("the order of public matters")
	}
	b.Public = append(b.Public, "/data/key")
	if samePlaces(a, b) || samePlaces(b, a) {
		t.Error("another pointer in public does not matter")
	}
}
