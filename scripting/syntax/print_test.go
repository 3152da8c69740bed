package syntax_test

import (
	"testing"

	"github.com/connhost/connhost/scripting/syntax"
)

const messy = `/* head */
string   ns.f(string a,int b) // why
{
  // first
  x=a+"b"  ; // trailing

  /* two
     lines */
  y = if(a==1,2,3);
  if(x) { info 1; } // after one
  else if (y) { /* empty */ }
  else info 3;
  r = invokeurl [ url :"x" // the url
     // how
     type: POST  headers : {"a":1} ];


  m = {
     "k": 1, "l": {1,2} };
  long = "a"
     + "b" +
     "c";
  for each i in /* odd */ m.keys() { continue; }
  try { throw 'x'; } catch (e) { }
  // last
}
// end`

const tidy = `/* head */
// why
string ns.f(string a, int b) {
	// first
	x = a + "b"; // trailing

	/* two
     lines */
	y = if(a == 1, 2, 3);
	if (x) {
		info 1;
	} else if (y) {
		// after one
		/* empty */
	} else
		info 3;
	r = invokeurl
	[
		url: "x" // the url
		// how
		type: POST
		headers: {"a": 1}
	];

	m = {
		"k": 1,
		"l": {1, 2}
	};
	long = "a" +
		"b" +
		"c";
	/* odd */
	for each i in m.keys() {
		continue;
	}
	try {
		throw 'x';
	} catch (e) {}
	// last
}
// end
`

const messyPage = `<ul> <%{ /* all */
for each r in F[ID != 0] sort by N { // one
%><li class="a"><%=r.N%></li><% } %>
</ul><%
   insert into F [ A = 1 // first
   // second
   B=2 ]
hide A,B; }%>
`

const tidyPage = `<ul> <%
{ /* all */
	for each r in F[ID != 0] sort by N { // one %><li class="a"><%= r.N %></li><%
	} %>
</ul><%
	insert into F
	[
		A = 1 // first
		// second
		B = 2
	];
	hide A, B;
} %>
`

func TestPrintPage(t *testing.T) {
	got := syntax.Print(parse(t, messyPage))
	if got != tidyPage {
		t.Errorf("got:\n%s\nwant:\n%s", got, tidyPage)
	}
	if again := syntax.Print(parse(t, got)); again != got {
		t.Errorf("printing again changes it:\n%s", again)
	}
}

func TestPrint(t *testing.T) {
	got := syntax.Print(parse(t, messy))
	if got != tidy {
		t.Errorf("got:\n%s\nwant:\n%s", got, tidy)
	}
	if again := syntax.Print(parse(t, got)); again != got {
		t.Errorf("printing again changes it:\n%s", again)
	}
}
