package sdk_test

import (
	"reflect"
	"testing"

	"github.com/connhost/connhost/plugins/abi"
	sdk "github.com/connhost/connhost/plugins/sdk/go"
)

// The copies have the fields, the JSON names and the order of the originals.
func TestWireTypes(t *testing.T) {
	for _, pair := range []struct{ original, copied any }{
		{abi.Handle{}, sdk.Handle{}},
		{abi.TokenInput{}, sdk.TokenInput{}},
		{abi.TokenOutput{}, sdk.TokenOutput{}},
		{abi.Response{}, sdk.Response{}},
		{abi.RespondInput{}, sdk.RespondInput{}},
		{abi.RespondOutput{}, sdk.RespondOutput{}},
		{abi.TestInput{}, sdk.TestInput{}},
		{abi.TestOutput{}, sdk.TestOutput{}},
		{abi.Account{}, sdk.Account{}},
		{abi.GuestRequest{}, sdk.GuestRequest{}},
		{abi.SentRequest{}, sdk.SentRequest{}},
		{abi.AuthorizeInput{}, sdk.AuthorizeInput{}},
		{abi.AuthorizeOutput{}, sdk.AuthorizeOutput{}},
		{abi.CallbackInput{}, sdk.CallbackInput{}},
		{abi.CallbackOutput{}, sdk.CallbackOutput{}},
		{abi.SignInput{}, sdk.SignInput{}},
		{abi.SignOutput{}, sdk.SignOutput{}},
		{abi.PrepareInput{}, sdk.PrepareInput{}},
		{abi.PrepareOutput{}, sdk.PrepareOutput{}},
		{abi.PageInput{}, sdk.PageInput{}},
		{abi.PageOutput{}, sdk.PageOutput{}},
		{abi.ActionInput{}, sdk.ActionInput{}},
		{abi.ActionOutput{}, sdk.ActionOutput{}},
		{abi.CryptoCall{}, sdk.CryptoCall{}},
		{abi.HookError{}, sdk.Error{}},
	} {
		same(t, reflect.TypeOf(pair.original), reflect.TypeOf(pair.copied))
	}
}

func same(t *testing.T, a, b reflect.Type) {
	t.Helper()
	if a.Kind() != b.Kind() {
		t.Errorf("%s is a %s, %s a %s", a, a.Kind(), b, b.Kind())
		return
	}
	switch a.Kind() {
	case reflect.Pointer, reflect.Slice:
		same(t, a.Elem(), b.Elem())
	case reflect.Map:
		same(t, a.Key(), b.Key())
		same(t, a.Elem(), b.Elem())
	case reflect.Struct:
		if a.NumField() != b.NumField() {
			t.Errorf("%s has %d fields, %s has %d", a, a.NumField(), b, b.NumField())
			return
		}
		for i := range a.NumField() {
			x, y := a.Field(i), b.Field(i)
			if x.Name != y.Name || x.Tag != y.Tag {
				t.Errorf("%s.%s %s differs from %s.%s %s", a, x.Name, x.Tag, b, y.Name, y.Tag)
			}
			same(t, x.Type, y.Type)
		}
	}
}
