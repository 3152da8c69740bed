//go:build wasip1

package sdk

import (
	"encoding/json"
	"unsafe"
)

//go:wasmimport connhost http
func hostHTTP(ptr unsafe.Pointer, size uint32) int32

// Fetch sends a request with the connection's credential and gives the answer,
// whatever its status. Only the hook "action" may call it. An error is an
// *Error in the host's words: there was no answer.
func Fetch(r GuestRequest) (Response, error) {
	text, err := json.Marshal(r)
	if err != nil {
		return Response{}, err
	}
	staged, err := taken(hostHTTP(unsafe.Pointer(unsafe.SliceData(text)), uint32(len(text))))
	if err != nil {
		return Response{}, err
	}
	var out Response
	return out, json.Unmarshal(staged, &out)
}
