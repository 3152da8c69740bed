package abi_test

import (
	"errors"
	"testing"

	"github.com/connhost/connhost/plugins/abi"
)

func TestExpand(t *testing.T) {
	values := map[string]string{"a": "1", "empty": ""}
	fill := func(p abi.Place) (string, error) {
		if v, ok := values[p.Name]; ok && v != "" {
			return v, nil
		}
		if p.HasFall {
			return p.Fallback, nil
		}
		return "", errors.New("no " + p.Name)
	}
	for _, c := range []struct{ template, want, err string }{
		{"", "", ""},
		{"plain", "plain", ""},
		{"{a}/{a}", "1/1", ""},
		{"https://{host|login.test}/x", "https://login.test/x", ""},
		{"{empty|}", "", ""},
		{"{{a}} {{", "{a} {", ""},
		{"{b}", "", "no b"},
		{"{a", "", `a brace without its partner in "{a"`},
		{"a}", "", `a brace without its partner in "a}"`},
		{"{a b}", "", `"a b" is not a name in "{a b}"`},
		{"{}", "", `"" is not a name in "{}"`},
	} {
		got, err := abi.Expand(c.template, fill)
		if msg := text(err); got != c.want || msg != c.err {
			t.Errorf("%q: got %q, %q, want %q, %q", c.template, got, msg, c.want, c.err)
		}
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
