package lib_test

import (
	"context"
	"strings"
	"testing"

	"github.com/connhost/connhost/scripting/value"
)

func TestJavaRegularExpressions(t *testing.T) {
	for _, c := range []struct{ fn, args, want string }{
		{"matches", `["abc","\\p{Alpha}+"]`, "true"},
		{"matches", `["a_c","[\\p{Lower}_]+"]`, "true"},
		{"matches", `["ABC","\\P{Lower}+"]`, "true"},
		{"matches", `["été","\\p{IsAlphabetic}+"]`, "true"},
		{"matches", `["été","\\p{Nonsense}+"]`, `error: regular expression "\\p{Nonsense}+" is not valid or not supported: invalid character class range`},
		{"matches", `["été","\\p{L}+"]`, "true"},
		{"matches", `["a\tb","a\\hb"]`, "true"},
		{"matches", `["foobar","foo(?=bar).*"]`, "true"},
		{"matches", `["foobaz","foo(?!bar).*"]`, "true"},
		{"replaceAll", `["price 5$ 6$","(?<=\\d)\\$","€"]`, "price 5€ 6€"},
		{"replaceAll", `["ab12cd","(?<![a-z])\\d","#"]`, "ab1#cd"},
		{"replaceAll", `["hello bookkeeper","(\\w)\\1","<$1>"]`, "he<l>o b<o><k><e>per"},
		{"replaceAll", `["été été","(?<w>é\\w+) \\k<w>","${w}!"]`, "été été"},
		{"replaceAll", `["abab","(?<w>ab)\\k<w>","${w}!"]`, "ab!"},
		{"replaceFirst", `["aXbX","(?<=b)(X)","<$1>"]`, "aXb<X>"},
		{"replaceAllIgnoreCase", `["aXbx","(?<=[ab])x","-"]`, "a-b-"},
		{"replaceAll", `["éaéa","(?<=é)a","$0$0"]`, "éaaéaa"},
		{"matches", `["aaa","a++a"]`, "false"},
		{"matches", `["aaab","(?:a|b)*+"]`, "true"},
		{"matches", `["aab","[a-c]{2}+b"]`, "true"},
		{"matches", `["xyz","[a-z&&[^aeiou]]+"]`, "true"},
		{"matches", `["xaz","[a-z&&[^aeiou]]+"]`, "false"},
		{"matches", `["aei","[a-z&&[aeiou]]+"]`, "true"},
		{"matches", `["aex","[a-z&&aeiou]+"]`, "false"},
		{"matches", `["adm","[a-d[m-p]]+"]`, "true"},
		{"matches", `["a.b","\\Qa.b\\E"]`, "true"},
		{"matches", `["axb","\\Qa.b\\E"]`, "false"},
		{"matches", `["é","\\u00e9"]`, "true"},
		{"matches", `["a\r\nb","a\\Rb"]`, "true"},
		{"matches", `["AB","(?i)ab"]`, "true"},
		{"matches", `["ab","(?x) a b # both\n"]`, "true"},
		{"matches", `["x{y","x{y"]`, "true"},
		{"matches", `["]","[]]"]`, "true"},
		{"matches", `["ab","\\Gab"]`, `error: regular expression "\\Gab" is not valid or not supported: \G has no equivalent here`},
		{"matches", `["ab","(?U)ab"]`, `error: regular expression "(?U)ab" is not valid or not supported: the flag (?U) has no equivalent here`},
		{"matches", `["ab","[["]`, `error: regular expression "[[" is not valid or not supported: missing closing ]`},
		{"matches", `["ab","(?=ab"]`, `error: regular expression "(?=ab" is not valid or not supported`},
		{"matches", `["ab","a{1,99999}"]`, `error: regular expression "a{1,99999}" is not valid or not supported: invalid repeat count`},
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

// Whatever the pattern, what comes back is an answer or an error of ours.
func FuzzPattern(f *testing.F) {
	f.Add("(?<=a)b++[a-z&&[^b]]", "ab", "$1")
	f.Add(`\Q.\E\p{Alpha}\R\u00e9(?i:x)`, "x", "${n}")
	f.Add(`([a[b]]{2,3}+)\1`, "aaaa", `\$0`)
	f.Fuzz(func(t *testing.T, pattern, text, replacement string) {
		rt := runtime(t)
		rt.Budget = value.NewBudget(context.Background(), value.Limits{Steps: 300_000, Memory: 8 << 20})
		defer func() {
			if p := recover(); p != nil {
				if _, ok := p.(*value.Limit); !ok {
					panic(p)
				}
			}
		}()
		for _, got := range []string{
			answer(rt, function(t, "matches"), []any{text, pattern}),
			answer(rt, function(t, "replaceAll"), []any{text, pattern, replacement}),
		} {
			if strings.HasPrefix(got, "error: ") && !strings.Contains(got, "regular expression") {
				t.Errorf("%q gives %s", pattern, got)
			}
		}
	})
}
