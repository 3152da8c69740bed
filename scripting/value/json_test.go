package value_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/connhost/connhost/scripting/value"
)

func TestParseJSON(t *testing.T) {
	for in, want := range map[string]string{
		`{"b":1,"a":{"x":[true,false,null]}}`: `{"b":1,"a":{"x":[true,false,null]}}`,
		` [ 1 , 2.50 , -0 , 1e2 ] `:           `[1,2.50,0,100]`,
		`9007199254740993`:                    `9007199254740993`,
		`123456789012345678901234567890`:      `123456789012345678901234567890`,
		`{"a":1,"b":2,"a":3}`:                 `{"a":3,"b":2}`,
		`"\u00e9\ud83d\ude00\/\b\f"`:          `"é😀/\u0008\u000c"`,
		`"\ud83dx\ude00\ud83d\u0041"`:         "\"\uFFFDx\uFFFD\uFFFDA\"",
		"\"\xff\"":                            "\"\uFFFD\"",
		"\uFEFF{}":                            `{}`,
		`{"\u0061":1}`:                        `{"a":1}`,
		`[]`:                                  `[]`,
	} {
		v, err := value.ParseJSON(budget(), in)
		if err != nil {
			t.Errorf("%s: %v", in, err)
			continue
		}
		if got := value.JSON(budget(), v); got != want {
			t.Errorf("%s prints %s, want %s", in, got, want)
		}
	}
}

func TestParseJSONErrorsHaveAPlace(t *testing.T) {
	for _, c := range []struct {
		in     string
		offset int
		msg    string
	}{
		{``, 0, "unexpected end"},
		{`[1,`, 3, "unexpected end"},
		{`[1 2]`, 3, "a comma or ] expected"},
		{`{"a" 1}`, 5, "a colon expected after the key"},
		{`{a:1}`, 1, "a key in quotes expected"},
		{`{"a":1,}`, 7, "a key in quotes expected"},
		{`{"a":1`, 6, "a comma or } expected"},
		{`{} x`, 3, `unexpected 'x' after the value`},
		{`tru`, 0, `unexpected 't'`},
		{`01`, 0, "a number begins with 0"},
		{`-`, 1, "a digit expected"},
		{`1.`, 2, "a digit expected"},
		{`1e+`, 3, "a digit expected"},
		{`"a`, 2, "a text without closing quote"},
		{`"a\x"`, 2, `unknown escape \x`},
		{`"\u12"`, 1, `four hexadecimal digits expected after \u`},
		{"\"a\nb\"", 2, "control character in a text"},
		{`[1e999999999]`, 1, "number out of range"},
		{strings.Repeat("[", 1_000_000), value.MaxNesting, "nested deeper than 500 levels"},
		{strings.Repeat(`{"a":`, 1_000_000), 5 * value.MaxNesting, "nested deeper than 500 levels"},
	} {
		_, err := value.ParseJSON(budget(), c.in)
		var e *value.JSONError
		if !errors.As(err, &e) || e.Offset != c.offset || e.Msg != c.msg {
			t.Errorf("%.20s: got %v, want %q at %d", c.in, err, c.msg, c.offset)
		}
	}
}

func TestParseJSONIsCharged(t *testing.T) {
	wantLimit(t, "memory", func() { value.ParseJSON(small(), "["+strings.Repeat("[],", 100_000)+"[]]") })
	wantLimit(t, "memory", func() { value.ParseJSON(small(), `"`+strings.Repeat("x", 2<<20)+`"`) })
	wantLimit(t, "memory", func() { value.ParseJSON(small(), `"`+strings.Repeat(`\n`, 1<<20)+`"`) })
}

func FuzzJSON(f *testing.F) {
	for _, s := range []string{`{a:'x\'',_b:yes}`, `{"b":[1,2.50,null,true],"a":"\u00e9\\"}`, `[1e2,-0.0,123456789012345678901]`, `{"a":1,"a":2}`, `"\ud83d"`, `[[[`, "\uFEFF0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		b := budget()
		v, err := value.ParseJSON(b, s)
		loose, looseErr := value.ParseLooseJSON(b, s)
		for _, err := range []error{err, looseErr} {
			var e *value.JSONError
			if err != nil && (!errors.As(err, &e) || e.Offset < 0 || e.Offset > len(s) || e.Msg == "") {
				t.Fatalf("%q: %v has no place in it", s, err)
			}
		}
		if err != nil {
			return
		}
		if looseErr != nil || !value.Equal(b, v, loose) {
			t.Fatalf("%q is JSON and reads otherwise as loose JSON: %v", s, looseErr)
		}
		printed := value.JSON(b, v)
		if !json.Valid([]byte(printed)) {
			t.Fatalf("%q prints %q, which is not JSON", s, printed)
		}
		again, err := value.ParseJSON(b, printed)
		if err != nil || !value.Equal(b, v, again) || value.JSON(b, again) != printed {
			t.Fatalf("%q prints %q and reads back otherwise: %v", s, printed, err)
		}
	})
}

// sampleJSON is about 1 MB of records as services send them.
func sampleJSON() string {
	var sb strings.Builder
	sb.WriteString(`{"data":[`)
	for i := 0; sb.Len() < 1<<20; i++ {
		if i > 0 {
			sb.WriteByte(',')
		}
		fmt.Fprintf(&sb, `{"id":%d,"name":"Customer %d","email":"c%d@example.test","total":%d.%02d,"active":%t,"tags":["a","b"],"owner":{"id":7,"name":"Zoë"}}`,
			3_000_000_000_000+i, i, i, i%1000, i%100, i%2 == 0)
	}
	sb.WriteString(`]}`)
	return sb.String()
}

func BenchmarkParseJSON(b *testing.B) {
	text := sampleJSON()
	b.Run("value", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			if _, err := value.ParseJSON(budget(), text); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("encoding_json", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			var v any
			if err := json.Unmarshal([]byte(text), &v); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkJSON(b *testing.B) {
	text := sampleJSON()
	ours, err := value.ParseJSON(budget(), text)
	if err != nil {
		b.Fatal(err)
	}
	var theirs any
	if err := json.Unmarshal([]byte(text), &theirs); err != nil {
		b.Fatal(err)
	}
	b.Run("value", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			value.JSON(budget(), ours)
		}
	})
	b.Run("encoding_json", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			json.Marshal(theirs)
		}
	})
}
