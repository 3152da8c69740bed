package lib_test

import (
	"context"
	"strings"
	"testing"

	"github.com/connhost/connhost/scripting/value"
)

func TestXML(t *testing.T) {
	for _, c := range []struct{ fn, args, want string }{
		{"executeXPath", `["<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><!DOCTYPE a><a><!-- c --><b>é &amp; x</b></a>","/a/b"]`, "<b>é &amp; x</b>"},
		{"executeXPath", `["<a><b>é &amp; x</b></a>","/a/b/text()"]`, "é & x"},
		{"executeXPath", `["<a><![CDATA[<x>]]></a>","/a/text()"]`, "<x>"},
		{"executeXPath", `["<a><b/><b/></a>","count(//b)"]`, "2"},
		{"executeXPath", `["<a><b>1</b><b>2.5</b></a>","sum(//b)"]`, "3.5"},
		{"executeXPath", `["<a><b>1</b></a>","//b = 1"]`, "true"},
		{"executeXPath", `["<a><b>x</b></a>","string(/a/b)"]`, "x"},
		{"executeXPath", `["<a><b>x</b></a>","/a/none"]`, ""},
		{"executeXPath", `["<a><b k=\"1\">x</b><b k=\"2\">y</b></a>","/a/b[@k='2']/text()"]`, "y"},
		{"executeXPath", `["<a><b>x</b><b>y</b></a>","/a/b[last()]"]`, "<b>y</b>"},
		{"executeXPath", `["<s:a xmlns:s=\"urn:s\"><s:b>x</s:b></s:a>","/s:a/s:b"]`, "<s:b>x</s:b>"},
		{"executeXPath", `["<a xmlns=\"urn:s\" k=\"v\"/>","/a/@*"]`, "<k>v</k>"},
		{"executeXPath", `["{\"a\":[{\"b\":1},{\"b\":null}]}","/root/a/b"]`, "<b>1</b><b/>"},
		{"executeXPath", `["<a>","/a"]`, "error: text is not XML, line 1: the element a is not closed"},
		{"executeXPath", `["<a></b>","/a"]`, "error: text is not XML, line 1: the element b is closed and was not open last"},
		{"executeXPath", `["<a>&nbsp;</a>","/a"]`, "error: text is not XML, line 1: invalid character entity &nbsp;"},
		{"executeXPath", `["<a/> x","/a"]`, "error: text is not XML, line 1: text stands outside an element"},
		{"executeXPath", `["<!-- only -->","/a"]`, ""},
		{"executeXPath", `["plain","/a"]`, "error: text is neither JSON nor XML"},
		{"executeXPath", `["<a/>","matches(/a, 'x')"]`, `error: "matches(/a, 'x')" is not an XPath expression`},
		{"executeXPath", `["<a/>","/a +"]`, `error: "/a +" is not an XPath expression`},
		{"executeXPath", `["<a/>",""]`, `error: "" is not an XPath expression`},
		{"toXML", `[{"a b":{"1":true},"l":[[1,2],3],"n":null}]`, "<root><a_b><_1>true</_1></a_b><l><array>1</array><array>2</array></l><l>3</l><n></n></root>"},
		{"toXML", `["@[1,\"<\"]"]`, "<root><array>1</array><array>&lt;</array></root>"},
		{"toXML", `["<a/>"]`, "<a/>"},
		{"toXMLList", `["<a><b/></a>"]`, "<a><b/></a>"},
		{"toXMLList", `[" "]`, ""},
		{"toXML", `["{null:1, true:2, _x9:3}"]`, "<root><null>1</null><true>2</true><_x9>3</_x9></root>"},
		{"toXML", `["{a:'it\\'s', b:yes, c:-1.5, d:null}"]`, "<root><a>it's</a><b>yes</b><c>-1.5</c><d></d></root>"},
	} {
		rt := runtime(t)
		if got := answer(rt, function(t, c.fn), arguments(t, rt, c.args)); got != c.want {
			t.Errorf("%s%s = %s, want %s", c.fn, c.args, got, c.want)
		}
	}
}

// An ordinary answer of a service must stay cheap.
func TestXPathOverManyElements(t *testing.T) {
	rt := runtime(t)
	rt.Budget = value.NewBudget(context.Background(), value.Limits{Steps: 2_000_000})
	doc := "<list>" + strings.Repeat("<item><name>Cup</name><price>4</price></item>", 5_000) + "</list>"
	for _, path := range []string{"/list/item/name/text()", "//name", "count(//item[price = 4])"} {
		before := rt.Budget.Steps()
		if got := answer(rt, function(t, "executeXPath"), []any{doc, path}); len(got) < 4 {
			t.Errorf("%s = %s", path, got)
		}
		t.Logf("%s: %d steps", path, rt.Budget.Steps()-before)
	}
}

// What is read and printed reads again to the same.
func FuzzXML(f *testing.F) {
	f.Add(`<a k="v&quot;"><b>x &amp; y</b><!--c--><c/></a>`, "//b")
	f.Add(`<s:a xmlns:s="u">&#65;</s:a>`, "/s:a/@*")
	f.Add(`{"a":[1,{"b":2}]}`, "count(/root/*)")
	f.Fuzz(func(t *testing.T, doc, path string) {
		rt := runtime(t)
		rt.Budget = value.NewBudget(context.Background(), value.Limits{Steps: 500_000, Memory: 16 << 20})
		defer func() {
			if p := recover(); p != nil {
				if _, ok := p.(*value.Limit); !ok {
					panic(p)
				}
			}
		}()
		answer(rt, function(t, "executeXPath"), []any{doc, path})
		first := answer(rt, function(t, "executeXPath"), []any{doc, "/*"})
		if strings.HasPrefix(first, "error") || first == "" {
			t.Skip("not XML")
		}
		if again := answer(rt, function(t, "executeXPath"), []any{first, "/*"}); again != first {
			t.Fatalf("%q prints %q and reads back as %q", doc, first, again)
		}
	})
}
