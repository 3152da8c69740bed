package syntax_test

import (
	"strings"
	"testing"

	"github.com/connhost/connhost/scripting/syntax"
)

// parse reads a script that must be free of errors.
func parse(t *testing.T, text string) *syntax.File {
	t.Helper()
	file, list := syntax.Parse(syntax.NewSource("test.dg", text), syntax.Options{})
	if syntax.HasErrors(list) {
		t.Fatalf("%q:\n%s", text, render(text, list))
	}
	return file
}

func render(text string, list []syntax.Diagnostic) string {
	src := syntax.NewSource("test.dg", text)
	var b strings.Builder
	for _, d := range list {
		b.WriteString(src.Render(d))
	}
	return b.String()
}

func TestExpressions(t *testing.T) {
	tests := []struct{ text, want string }{
		{`1+2*3`, `(+ 1 (* 2 3))`},
		{`1*2+3`, `(+ (* 1 2) 3)`},
		{`a - b - c`, `(- (- a b) c)`},
		{`-218.4.round(0)`, `(- (method round 218.4 0))`},
		{`1.4+3.6.round(0)`, `(+ 1.4 (method round 3.6 0))`},
		{`-9223372036854775808`, `-9223372036854775808`},
		{`.1 + 5`, `(+ .1 5)`},
		{`a = 1 && b != 2 || !c`, `(|| (&& (== a 1) (!= b 2)) (! c))`},
		{`a < 1 == b >= 2`, `(== (< a 1) (>= b 2))`},
		{`a.b.c(1,"x").D`, `(member (method c (member a b) 1 "x") D)`},
		{`{}`, `{}`},
		{`[]`, `(list true)`},
		{`{1,"a",{}}`, `(list false 1 "a" {})`},
		{`[1,[2]]`, `(list true 1 (list true 2))`},
		{`{"k":v,a:{"n":null}}`, `(map "k":v a:(map "n":null))`},
		{`if(a,b,if(c,TRUE,False))`, `(if a b (if c true false))`},
		{`List:String()`, `(call List:String)`},
		{`{list:name}`, `(map list:name)`},
		{`Collection("a":1,"b":2)`, `(call Collection: "a":1 "b":2)`},
		{`c.insert("a":1)`, `(method insert c "a":1)`},
		{`'15-Aug-1947'`, `(quoted "15-Aug-1947")`},
		{`"a\"b\\\n\t\/A\@"`, `"a\"b\\\n\t/A@"`},
		{`"\\d\d"`, `"\\d\\d"`},
		{`"\u0041\ud83d\ude00"`, `"A😀"`},
		{"\"two\r\nlines\"", `"two\nlines"`},
		{`(a)`, `(paren a)`},
		{`año.ñ("ß")`, `(method ñ año "ß")`},
		{`resp.return.if`, `(member (member resp return) if)`},
		{"invokeUrl [ url :\"x\"\n Type: GET content-type:c, detailed: true ]",
			`(task invokeurl [url "x"] [type GET] [content-type c] [detailed true])`},
		{`f(invokeurl[url:"x"])`, `(call f: (task invokeurl [url "x"]))`},
		{`a /* x */ + // y` + "\n" + `b`, `(+ a b)`},
		{`F[a = 1 && b == "x"]`, `(fetch F (&& (== a 1) (== b "x")))`},
		{`F[ID != 0].Name.getAll()`, `(method getAll (member (fetch F (!= ID 0)) Name))`},
		{`F[a in l && b not in m || c is null && d is not null || e like "x" || f contains "y"].count(ID)`,
			`(method count (fetch F (|| (|| (|| (&& (in a l) (not in b m)) (&& (null not=false c) (null not=true d))) (like e "x")) (contains f "y"))) ID)`},
		{`F[a == 1] sort by A.b desc, C range from 1 to n + 1`, `(query (fetch F (== a 1)) [(member A b) desc=true] [C desc=false] 1..(+ n 1))`},
		{`f(F[a == 1] sort by A, 2)`, `(call f: (query (fetch F (== a 1)) [A desc=false]) 2)`},
		{"insert into F [ A = 1\n B.c = if(x, 1, 2) Added_User = zoho.loginuser ]", `(insert F [A 1] [(member B c) (if x 1 2)] [Added_User (member zoho loginuser)])`},
		{"zoho.sdp.invokeurl [ url: \"x\" ]", `(task zoho.sdp.invokeurl [url "x"])`},
		{"sendmail [ from: a to: b, \"c\" reply to: d\n attachments: file:f, view:R[x == 1] as PDF, g ]",
			`(task sendmail [from a] [to (several b "c")] [reply to d] [attachments (several (file f -) (view (fetch R (== x 1)) PDF) g)])`},
		{"sendmail ( To : a Subject : b )", `(task sendmail [to a] [subject b])`},
		{`a:ui.b(1)`, `(method b (ui a) 1)`},
		{`{a:ui}`, `(map a:ui)`},
	}
	for _, tt := range tests {
		got := strings.TrimSpace(syntax.Dump(parse(t, "x = "+tt.text+";")))
		if want := "set - x add=false " + tt.want; got != want {
			t.Errorf("%s:\n got %s\nwant %s", tt.text, got, want)
		}
	}
}

func TestStatements(t *testing.T) {
	tests := []struct{ text, want string }{
		{`string ns.greet(string name, n) { return name; }`,
			"function string ns.greet(string name, - n)\n  block\n    return name\n"},
		{`a.f(string x, y) { }`, "function  a.f(string x, - y)\n  block\n"},
		{`list:string f() {}`, "function list:string f()\n  block\n"},
		{`String name = "x";`, "set String name add=false \"x\"\n"},
		{`if(a){b();}else if(c){}else{d();}`,
			"if a\n  block\n    do (call b:)\nelseif c\n  block\nelse\n  block\n    do (call d:)\n"},
		{`IF (a) info 1; Else info 2;`, "if a\n  info 1\nelse\n  info 2\n"},
		{`for each  x in {1,2} { break; }`, "for index=false x in (list false 1 2)\n  block\n    break\n"},
		{`for each index i in l { continue; }`, "for index=true i in l\n  block\n    continue\n"},
		{`for each index in l { }`, "for index=false index in l\n  block\n"},
		{`while(true){}`, "while true\n  block\n"},
		{`try{}catch(e){info e.message;}`, "try\n  block\ncatch - e\n  block\n    info (member e message)\n"},
		{`try{}catch e {}`, "try\n  block\ncatch - e\n  block\n"},
		{`try{}catch{}`, "try\n  block\ncatch - -\n  block\n"},
		{`try{}catch(Exception e){}`, "try\n  block\ncatch Exception e\n  block\n"},
		{`return;`, "return\n"},
		{`throw "x";`, "throw \"x\"\n"},
		{`info = 1; info info;`, "set - info add=false 1\ninfo info\n"},
		{`a.b = 1;`, "set - (member a b) add=false 1\n"},
		{`a == b;`, "do (== a b)\n"},
		{`x += 1;`, "set - x add=true 1\n"},
		{"x = invokeurl[url:a]\ny = 1;", "set - x add=false (task invokeurl [url a])\nset - y add=false 1\n"},
		{`{ x = 1 }`, "block\n  set - x add=false 1\n"},
		{"x = 1\ny = 2", "set - x add=false 1\nset - y add=false 2\n"},
		{";;", "empty\nempty\n"},
		{"\ufeffinfo 1;\r\n", "info 1\n"},
		{`if(a,b,c).f();`, "do (method f (if a b c))\n"},
		{`hide A, B.c; SHOW D; clear(x);`, "client hide A (member B c)\nclient show D\ndo (call clear: x)\n"},
		{`alert "x"; alert("y"); alert = 1;`, "alert \"x\"\nalert (paren \"y\")\nset - alert add=false 1\n"},
		{`cancel submit;`, "cancel submit\n"},
		{`delete from F[ID == 1];`, "delete (fetch F (== ID 1))\n"},
		{`F[ID == 1].A = 2;`, "set - (member (fetch F (== ID 1)) A) add=false 2\n"},
		{"insert into F [ A = 1 ]\ninput.B:ui = 1;", "do (insert F [A 1])\nset - (ui (member input B)) add=false 1\n"},
		{"<p><%{ if(a) { %>A<%=b;%><% } %> <% else { %>B<% } }%>\n",
			"markup \"<p>\"\nblock\n  if a\n    block\n      markup \"A\"\n      output b\n  else\n    block\n      markup \"B\"\nmarkup \"\\n\"\n"},
	}
	for _, tt := range tests {
		if got := syntax.Dump(parse(t, tt.text)); got != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.text, got, tt.want)
		}
	}
}

// Five mistakes show five errors, each at its place.
func TestFiveMistakes(t *testing.T) {
	const text = `void f(string a) {
	x = 5 5;
	if (a == 1 {
		info "ok";
	}
	name = "abc;
	y = g(1,;
	i++;
	for (i = 0; i < 3; i++) { info i; }
	z = 1;
}
`
	_, list := syntax.Parse(syntax.NewSource("flow.dg", text), syntax.Options{})
	got := render(text, list)
	t.Log("\n" + got)
	var lines []int
	for _, d := range list {
		lines = append(lines, d.Range.Start.Line)
	}
	want := []int{2, 3, 6, 7, 8, 9}
	if len(lines) != len(want) {
		t.Fatalf("lines %v, want %v", lines, want)
	}
	for i := range want {
		if lines[i] != want[i] {
			t.Fatalf("lines %v, want %v", lines, want)
		}
	}
}

// Old editors put parentheses around every + of a long text.
func TestManyParentheses(t *testing.T) {
	const parts = 1000
	file := parse(t, "x = "+strings.Repeat("(", parts)+`"a"`+strings.Repeat(` + b)`, parts)+";")
	if printed := syntax.Print(file); strings.Count(printed, "(") != parts {
		t.Errorf("printed with %d parentheses", strings.Count(printed, "("))
	}
}

// A line may be a megabyte; what is shown of it is the part around the caret.
func TestExcerptOfALongLine(t *testing.T) {
	text := "info \"" + strings.Repeat("é", 1<<19) + "\" + ; x = \"" + strings.Repeat("z", 1<<19) + "\";"
	_, list := syntax.Parse(syntax.NewSource("test.dg", text), syntax.Options{Limits: syntax.Limits{Source: 1 << 22}})
	lines := strings.Split(render(text, list), "\n")
	if len(lines) != 4 {
		t.Fatalf("%d lines", len(lines))
	}
	if !strings.HasSuffix(lines[0], "expected a value, found ;") {
		t.Error(lines[0])
	}
	if got, want := lines[1], " 1 | …"+strings.Repeat("é", 116)+`" + ; x = "`+strings.Repeat("z", 113)+"…"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got, want := lines[2], "   | "+strings.Repeat(" ", 121)+"^ add one before ;"; got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
