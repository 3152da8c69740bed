package abi_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/connhost/connhost/plugins/abi"
)

// The examples of RFC 6901 section 5, and what is no index.
func TestAt(t *testing.T) {
	var doc any
	text := `{"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"m~n":8," ":7}`
	if err := json.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatal(err)
	}
	for pointer, want := range map[string]any{
		"/foo/0": "bar", "/": 0.0, "/a~1b": 1.0, "/c%d": 2.0, "/m~0n": 8.0, "/ ": 7.0,
	} {
		if got, ok := abi.At(doc, pointer); !ok || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: got %v, %t, want %v", pointer, got, ok, want)
		}
	}
	if got, ok := abi.At(doc, ""); !ok || !reflect.DeepEqual(got, doc) {
		t.Errorf("the whole: %v, %t", got, ok)
	}
	for _, none := range []string{"foo", "/foo/2", "/foo/-1", "/foo/00", "/foo/x", "/nothing", "/foo/0/x"} {
		if got, ok := abi.At(doc, none); ok {
			t.Errorf("%q: got %v", none, got)
		}
	}
}
