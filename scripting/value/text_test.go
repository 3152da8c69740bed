package value_test

import (
	"strings"
	"testing"

	"github.com/connhost/connhost/scripting/value"
)

func mapOf(b *value.Budget, pairs ...any) *value.Map {
	m := value.NewMap()
	for i := 0; i < len(pairs); i += 2 {
		m.Put(b, pairs[i], pairs[i+1])
	}
	return m
}

func TestTextAndJSON(t *testing.T) {
	b := budget()
	file := value.NewTextFile("a \"b\".txt", "text/plain", "x")
	for _, c := range []struct {
		v          any
		text, json string
	}{
		{nil, "null", "null"},
		{"a\"b", `a"b`, `"a\"b"`},
		{int64(-5), "-5", "-5"},
		{dec("1.50"), "1.50", "1.50"},
		{dec("1e3"), "1000", "1000"},
		{dec("-1e-10"), "-0.0000000001", "-0.0000000001"},
		{true, "true", "true"},
		{date(t, "15-Aug-1947"), "15-Aug-1947", `"15-Aug-1947"`},
		{date(t, "15-Aug-1947 07:05:00 PM"), "15-Aug-1947 19:05:00", `"15-Aug-1947 19:05:00"`},
		{value.NewList("Product", int64(1), nil), "Product,1,null", `["Product",1,null]`},
		{value.NewList(), "", "[]"},
		{value.NewList(int64(1), value.NewList("a")), `[1,["a"]]`, `[1,["a"]]`},
		{mapOf(b, "k", "v", "n", int64(5)), `{"k":"v","n":5}`, `{"k":"v","n":5}`},
		{mapOf(b, int64(1), true, nil, &value.Empty{}), `{"1":true,"null":{}}`, `{"1":true,"null":{}}`},
		{&value.Empty{}, "{}", "{}"},
		{file, `a "b".txt`, `"a \"b\".txt"`},
		{"\x01\n\r\t\\/é\u2028\xff", "\x01\n\r\t\\/é\u2028\xff", `"\u0001\n\r\t\\/é` + "\u2028\uFFFD\""},
	} {
		if got := value.Text(b, c.v); got != c.text {
			t.Errorf("Text = %s, want %s", got, c.text)
		}
		if got := value.JSON(b, c.v); got != c.json {
			t.Errorf("JSON = %s, want %s", got, c.json)
		}
	}
}

func TestMapKeepsOrderAndFindsEveryType(t *testing.T) {
	b := budget()
	m := value.NewMap()
	var want []string
	for i := range int64(200) {
		m.Put(b, i, i)
		m.Put(b, value.Text(b, i), i)
		want = append(want, value.Text(b, i), value.Text(b, i))
	}
	m.Put(b, dec("5.0"), "same as 5")
	m.Put(b, date(t, "15-Aug-1947"), "day")
	want = append(want, "15-Aug-1947")
	for _, c := range []struct{ k, want any }{
		{int64(5), "same as 5"}, {"5", int64(5)}, {dec("5.00"), "same as 5"},
		{date(t, "08/15/1947"), "day"}, {true, nil}, {nil, nil}, {"05", nil},
	} {
		if got, _ := m.Get(c.k); got != c.want {
			t.Errorf("Get(%v) = %v, want %v", c.k, got, c.want)
		}
	}
	var keys []string
	for k := range m.All() {
		keys = append(keys, value.Text(b, k))
	}
	if strings.Join(keys, ",") != strings.Join(want, ",") {
		t.Errorf("keys in another order: %v", keys)
	}
	if _, err := outcome(func() any { m.Put(b, value.NewList(), 1); return nil }); err == nil || err.Error() != "a list cannot be the key of a map" {
		t.Errorf("a list as key: %v", err)
	}
}

// A slice of keys is the model that a map with removals must agree with.
func TestMapAgreesWithAModel(t *testing.T) {
	b := budget()
	m, model := value.NewMap(), []int64{}
	seed := uint32(1)
	for range 20_000 {
		seed = seed*1664525 + 1013904223
		k := int64(seed>>16) % 40
		at := -1
		for i, have := range model {
			if have == k {
				at = i
			}
		}
		if seed&1 == 0 {
			m.Put(b, k, k)
			if at < 0 {
				model = append(model, k)
			}
		} else {
			_, had := m.Delete(b, k)
			if had != (at >= 0) {
				t.Fatalf("Delete(%d) found %v, the model %v", k, had, at >= 0)
			}
			if at >= 0 {
				model = append(model[:at], model[at+1:]...)
			}
		}
		if m.Len() != len(model) {
			t.Fatalf("%d entries, want %d", m.Len(), len(model))
		}
	}
	i := 0
	for k := range m.All() {
		if k != model[i] {
			t.Fatalf("key %d is %v, want %d", i, k, model[i])
		}
		i++
	}
}

func TestListFaults(t *testing.T) {
	l := value.NewList("a")
	for _, i := range []int64{-1, 1, 1 << 40} {
		_, err := outcome(func() any { return l.At(i) })
		if err == nil || !strings.Contains(err.Error(), "is greater than the list size") {
			t.Errorf("At(%d): %v", i, err)
		}
	}
}

func TestFileContentIsReplayable(t *testing.T) {
	f := value.NewTextFile("a.txt", "text/plain", strings.Repeat("x", 100_000))
	for range 2 {
		if s, err := f.Content(budget()); err != nil || len(s) != 100_000 {
			t.Errorf("%d bytes, %v", len(s), err)
		}
	}
	wantLimit(t, "memory", func() {
		b := small()
		for range 20 {
			f.Content(b)
		}
	})
}
