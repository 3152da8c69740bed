package syntax

import "testing"

// Tokens and comments follow each other without overlap, inside the text.
func FuzzLexer(f *testing.F) {
	for _, text := range []string{
		"x = 1.5 + .5 /* a */ // b\n", `"a\"b" 'c' "open`, "año && || <= >= != == += <%", "1a \xff \u200b “q”", "/* open",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		src := NewSource("fuzz.dg", text)
		lex := lexer{text: src.Text, report: func(code Code, span Span, message, _ string) {
			if span.Start < 0 || span.End > len(src.Text) || span.Start > span.End || message == "" {
				t.Errorf("%s at %v", code, span)
			}
		}}
		lex.run()
		at := 0
		for _, tok := range lex.tokens {
			if tok.Start < at || tok.End < tok.Start || tok.End > len(src.Text) {
				t.Fatalf("token %v %v after %d", tok.kind, tok.Span, at)
			}
			at = tok.End
		}
		for i, c := range lex.comments {
			if i > 0 && c.Start < lex.comments[i-1].End {
				t.Fatalf("comment %v overlaps", c.Span)
			}
		}
	})
}
