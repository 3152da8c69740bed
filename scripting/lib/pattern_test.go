package lib_test

import "testing"

func TestJavaRegularExpressions(t *testing.T) {
	for _, c := range []struct{ fn, args, want string }{
		{"matches", `["abc","\\p{Alpha}+"]`, "true"},
		{"matches", `["a_c","[\\p{Lower}_]+"]`, "true"},
		{"matches", `["ABC","\\P{Lower}+"]`, "true"},
		{"matches", `["été","\\p{IsAlphabetic}+"]`, "true"},
		{"matches", `["été","\\p{Nonsense}+"]`, `error: regular expression "\\p{Nonsense}+" is not valid or not supported: invalid character class range`},
		{"matches", `["été","\\p{L}+"]`, "true"},
		{"matches", `["a\tb","a\\hb"]`, "true"},
		{"matches", `["a@b.example","\\w+\\@[a-z.]+"]`, "true"},
		{"matches", `["a\nb","a.b"]`, "false"},
		{"replaceAll", `["abc","x*","-"]`, "-a-b-c-"},
		{"replaceAll", `["abc","(?<first>a)","${first}${first}"]`, "aabc"},
		{"replaceAll", `["abc","(a)(b)","$2$10"]`, "ba0c"},
		{"replaceAll", `["abc","b","\\$"]`, "a$c"},
		{"replaceAll", `["abc","b","5$ off"]`, "a5$ offc"},
		{"replaceAll", `["abc","b","$0$0"]`, "abbc"},
		{"replaceAll", `["abc","b","${no}"]`, `error: the regular expression has no group "no"`},
		{"replaceAll", `["a.b.c",".","$1",true]`, "a$1b$1c"},
		{"replaceAllIgnoreCase", `["A.a","a.","$",true]`, "$a"},
		{"replaceFirst", `["aXbX","(X)","<$1>"]`, "a<X>bX"},
		{"replaceFirst", `["abc","x","y"]`, "abc"},
	} {
		rt := runtime(t)
		if got := answer(rt, function(t, c.fn), arguments(t, rt, c.args)); got != c.want {
			t.Errorf("%s%s = %s, want %s", c.fn, c.args, got, c.want)
		}
	}
}
