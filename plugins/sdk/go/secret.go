//go:build wasip1

package sdk

import "unsafe"

//go:wasmimport connhost secret
func hostSecret(ptr unsafe.Pointer, size uint32) int32

// Secret is the value of a secret that the manifest lists in reveal_secrets and
// an administrator granted. Calling it anywhere makes the module import
// "secret", which is refused where that list is empty.
func Secret(name string) (string, error) {
	b, err := taken(hostSecret(unsafe.Pointer(unsafe.StringData(name)), uint32(len(name))))
	return string(b), err
}
