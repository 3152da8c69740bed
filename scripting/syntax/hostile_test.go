package syntax_test

import (
	"strings"
	"testing"
	"time"

	"github.com/connhost/connhost/scripting/syntax"
)

// hostile are texts that make careless readers slow or deep when they are
// repeated.
var hostile = []string{
	"(", "{", "[", "!", "-", "+", "\"", "'", "\\", "\\\"\n", "\"\n", "'\n", "\"\\", "<%", "%>", "<%=", "<%=a%>", "<%{%>", "<% a %>b",
	"if", "if(", "if(a)", "if(a){}", "if(a){", "else if", "else if(a){}", "if(a){}else ", "if(a)if(b)c;else ",
	"for each x in ", "for each x in y{", "while(", "while(a)", "try{", "try{}catch(e){", "catch", "{}", "{a:", "{1,", "[1,", "f(", "f(a,", "f(a:",
	"a.", "a.b", ".a", "a[", "a[b", "a[b]", "[a]", "F[a==", "a:ui.", "a:", ":", ",", ";", ";;", "a;", "a b", "a b.c(", "a b.", "a\nb.", "a = ", "a == ", "a + ",
	"a is null ", "a not in ", "a contains ", "x sort by ", "sort by a,", " range from 1 to ", "1.", ".1", "1 ", "1a", "9999999999999999999", "//", "// a\n", "/*", "/**/", "/* ", "*/",
	"}", ")", "]", "})]", "({[", "info ", "return ", "return\n", "throw ", "alert ", "hide a,", "hide ", "cancel submit ", "delete from ", "insert into F [", "insert into F [a=", "a=1\n",
	"invokeurl [", "invokeurl [a:", "invokeurl [a:b", "sendmail [ to: a, ", "a: b\n", "a b c d:", "a-b-c:", "sendmail [ attachments: file:", "sendmail (a:",
	"void f(", "void f(a b,", "void f(){", "void f(){}", "list:", "list:a(", "\x00", "\xff", "\xc3", "\u200b", "é", "“", "&", "|", "?", "\r", "\r\n", "\t", "\n", " ", "\ufeff",
	"a\n(b", "x = \"a\nb\" c\n", "\"a\" \"", "if(a,b,", "if(a;", "{{{}}}", "a=b=", "a += ", "not ", "and ", "0", "_", "a", "try ", "break ",
}

// Reading ends soon, whatever is repeated and however often: the time grows with
// the length of a text, not with its square.
func TestHostileText(t *testing.T) {
	const large, medium, small = 1 << 20, 1 << 17, 1 << 13
	unlimited := syntax.Limits{Source: 2 * large, Nodes: 1 << 30, Nesting: 1000}
	for _, piece := range hostile {
		parseSoon(t, "", piece, large, syntax.Limits{Source: 2 * large})
		parseSoon(t, "", piece, medium, unlimited)
		parseSoon(t, "<p>", piece, medium, unlimited)
		for _, start := range []string{"x = 1; ", "<% ", "void f() {\n", "x = sendmail [\na: "} {
			parseSoon(t, start, piece, small, unlimited)
		}
	}
}

func parseSoon(t *testing.T, start, piece string, size int, l syntax.Limits) {
	text := start + strings.Repeat(piece, size/len(piece))
	began := time.Now()
	file, list := syntax.Parse(syntax.NewSource("hostile.dg", text), syntax.Options{Limits: l})
	if !syntax.HasErrors(list) {
		syntax.Print(file)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("%q + %q: %v", start, piece, took)
	}
	if len(list) > 200 {
		t.Errorf("%q + %q: %d findings", start, piece, len(list))
	}
}
