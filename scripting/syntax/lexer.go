package syntax

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A lexer turns a source into tokens and comments. It never fails: what it
// cannot read becomes a diagnostic, and reading goes on behind it.
type lexer struct {
	text     string
	page     bool // an HTML page: what is read begins as markup
	at       int
	newline  bool
	plain    bool    // every quote is taken as it stands
	guessed  bool    // a missing quote was guessed
	open     [2]bool // a text, a quoted literal was never closed
	cutOff   bool    // a comment was never closed: what it holds is missing
	tokens   []token
	comments []Comment
	report   func(code Code, span Span, message, hint string)
}

func (l *lexer) run() {
	l.newline = true
	l.tokens = make([]token, 0, len(l.text)/4+2)
	if l.page {
		l.markup()
	}
	for l.space(); l.at < len(l.text); l.space() {
		l.next()
	}
	l.add(tokEOF, l.at)
}

func (l *lexer) add(kind tokenKind, start int) {
	t := token{kind: kind, newline: l.newline, Span: Span{start, l.at}}
	if kind == tokIdent {
		t.word = lookupKeyword(l.text[start:l.at])
	}
	l.tokens = append(l.tokens, t)
	l.newline = false
}

// invisible are the characters without width that come along when text is
// copied from web pages: joiners, soft hyphens, byte order marks.
const invisible = "\u200b\u200c\u200d\u2060\u00ad\ufeff"

// space skips white space and keeps comments.
func (l *lexer) space() {
	for l.at < len(l.text) {
		switch c := l.text[l.at]; {
		case c == '\n' || c == '\r':
			l.newline = true
			l.at++
		case c == ' ' || c == '\t' || c == '\f' || c == '\v':
			l.at++
		case c == '/' && strings.HasPrefix(l.text[l.at:], "//"):
			l.lineComment()
		case c == '/' && strings.HasPrefix(l.text[l.at:], "/*"):
			l.blockComment()
		case c >= utf8.RuneSelf:
			r, size := utf8.DecodeRuneInString(l.text[l.at:])
			switch {
			case strings.ContainsRune(invisible, r):
				l.report(InvisibleChar, Span{l.at, l.at + size}, "invisible character in the script", "remove it")
			case !unicode.IsSpace(r):
				return
			}
			l.at += size
		default:
			return
		}
	}
}

func (l *lexer) lineComment() {
	start := l.at
	if n := strings.IndexAny(l.text[start:], "\n\r"); n >= 0 {
		l.at += n
	} else {
		l.at = len(l.text)
	}
	if n := strings.Index(l.text[start:l.at], "%>"); l.page && n >= 0 {
		l.at = start + n
	}
	end := start + len(strings.TrimRight(l.text[start:l.at], " \t\r"))
	l.comments = append(l.comments, Comment{Span: Span{start, end}, OwnLine: l.newline})
}

func (l *lexer) blockComment() {
	start := l.at
	comment := Comment{OwnLine: l.newline}
	if n := strings.Index(l.text[start+2:], "*/"); n >= 0 {
		l.at += n + 4
	} else {
		l.at = len(l.text)
		l.cutOff = true
		l.report(OpenComment, Span{start, start + 2}, "comment without end", "close it with */")
	}
	comment.Span = Span{start, l.at}
	if strings.Contains(l.text[start:l.at], "\n") {
		l.newline = true
	}
	l.comments = append(l.comments, comment)
}

func (l *lexer) next() {
	start := l.at
	switch c := l.text[start]; {
	case c == '"' || c == '\'':
		l.quoted(c)
	case isDigit(c) || c == '.' && isDigit(l.peek(1)):
		l.number()
	case l.page && c == '%' && l.peek(1) == '>':
		l.at += 2
		l.markup()
	case isNameStart(l.text[start:]):
		l.at += nameLength(l.text[start:])
		l.add(tokIdent, start)
	default:
		l.punctuation(start)
	}
}

func (l *lexer) peek(n int) byte {
	if l.at+n < len(l.text) {
		return l.text[l.at+n]
	}
	return 0
}

// pairOf finds the operator of two characters.
func pairOf(a, b byte) tokenKind {
	switch {
	case b == '=':
		switch a {
		case '=':
			return tokEqual
		case '!':
			return tokNotEqual
		case '<':
			return tokLessEqual
		case '>':
			return tokGreaterEqual
		case '+':
			return tokPlusAssign
		}
	case a == '&' && b == '&':
		return tokAnd
	case a == '|' && b == '|':
		return tokOr
	}
	return tokEOF
}

var singles = [utf8.RuneSelf]tokenKind{
	'(': tokLParen, ')': tokRParen, '{': tokLBrace, '}': tokRBrace, '[': tokLBracket, ']': tokRBracket,
	',': tokComma, ';': tokSemicolon, ':': tokColon, '.': tokDot, '+': tokPlus, '-': tokMinus,
	'*': tokStar, '/': tokSlash, '%': tokPercent, '!': tokNot, '=': tokAssign, '<': tokLess, '>': tokGreater,
}

func (l *lexer) punctuation(start int) {
	c := l.text[start]
	if kind := pairOf(c, l.peek(1)); kind != tokEOF {
		l.at += 2
		l.add(kind, start)
		return
	}
	if c < utf8.RuneSelf && singles[c] != 0 {
		l.at++
		l.add(singles[c], start)
		return
	}
	l.illegal(start)
}

func (l *lexer) illegal(start int) {
	r, size := utf8.DecodeRuneInString(l.text[start:])
	l.at += size
	span := Span{start, l.at}
	l.foreignText(r)
	switch {
	case r == utf8.RuneError && size == 1:
		l.report(BadCharacter, span, "the script is not valid UTF-8 here", "save the file as UTF-8")
	case strings.ContainsRune("“”„‘’«»", r):
		l.report(BadCharacter, span, "typographic quote", `use plain quotes: "`)
	case r == '`':
		l.report(ForeignSyntax, span, "Deluge has no quote `", `use plain quotes: "`)
	case r == '&':
		l.report(ForeignSyntax, span, "Deluge has no operator &", "use && for conditions")
	case r == '|':
		l.report(ForeignSyntax, span, "Deluge has no operator |", "use || for conditions")
	case r == '?':
		l.report(ForeignSyntax, span, "Deluge has no operator ?", "write if(condition, a, b)")
	case !unicode.IsPrint(r):
		l.report(BadCharacter, span, "invisible character in the script", "remove it")
	default:
		l.report(BadCharacter, span, "unexpected character "+string(r), "only texts and comments may hold it")
	}
	l.add(tokIllegal, start)
}

// foreignText moves behind the partner of a quote that Deluge does not have: what
// stands between the two was meant to be a text.
func (l *lexer) foreignText(quote rune) {
	const farthest = 500
	partners := ""
	switch quote {
	case '“', '”', '„':
		partners = "“”"
	case '‘', '’':
		partners = "‘’"
	case '«':
		partners = "»"
	case '`':
		partners = "`"
	default:
		return
	}
	rest := l.text[l.at:min(len(l.text), l.at+farthest)]
	if n := strings.IndexAny(rest, partners+"\n\r"); n >= 0 && rest[n] != '\n' && rest[n] != '\r' {
		_, size := utf8.DecodeRuneInString(rest[n:])
		l.at += n + size
	}
}

// number reads digits with at most one point; 5.text is a number and a name.
func (l *lexer) number() {
	start := l.at
	l.digits()
	if l.peek(0) == '.' && isDigit(l.peek(1)) {
		l.at++
		l.digits()
	}
	if n := nameLength(l.text[l.at:]); n > 0 {
		l.at += n
		l.report(BadNumber, Span{start, l.at}, "malformed number "+clip(l.text[start:l.at]), "a name begins with a letter, a number has digits only")
		l.add(tokIllegal, start)
		return
	}
	l.add(tokNumber, start)
}

func (l *lexer) digits() {
	for isDigit(l.peek(0)) {
		l.at++
	}
}

// quoted reads a text or a single-quoted literal.
func (l *lexer) quoted(quote byte) {
	start := l.at
	kind := tokText
	if quote == '\'' {
		kind = tokQuoted
	}
	end, closed := l.findQuote(quote)
	l.at = end
	if !closed {
		l.report(OpenText, Span{start, end}, "text without closing quote", "add "+string(quote))
		kind = tokIllegal
	}
	l.add(kind, start)
}

// findQuote finds the end of a literal. Literals may hold line ends, but where
// the text behind the closing quote cannot follow a literal, the quote that is
// missing is one of the first line: then the literal ends there, so that the
// lines below are still read as they were meant; Parse believes that only if
// the plain reading has more errors. After the first literal that is never closed,
// the others end in their line too: looking for the end of each would take
// quadratic time.
func (l *lexer) findQuote(quote byte) (end int, closed bool) {
	lineEnd := -1
	open := &l.open[0]
	if quote == '\'' {
		open = &l.open[1]
	}
	for i := l.at + 1; i < len(l.text); i++ {
		switch c := l.text[i]; c {
		case '\\':
			i++
		case '\n':
			if *open {
				return l.trimEnd(i), false
			}
			if lineEnd < 0 {
				lineEnd = i
			}
		case quote:
			if lineEnd >= 0 && !l.plain && !mayFollowLiteral(l.text[i+1:]) {
				l.guessed = true
				return l.trimEnd(lineEnd), false
			}
			return i + 1, true
		}
	}
	*open = true
	if lineEnd < 0 {
		lineEnd = len(l.text)
	}
	return l.trimEnd(lineEnd), false
}

// trimEnd leaves the closing part of a statement, as in x = f("a);, to the
// parser: its own mistakes would only repeat the one of the quote.
func (l *lexer) trimEnd(lineEnd int) int {
	return max(l.at+1, l.at+len(strings.TrimRight(l.text[l.at:lineEnd], " \t\r;)")))
}

func mayFollowLiteral(rest string) bool {
	rest = strings.TrimLeft(rest, " \t\r")
	if rest == "" {
		return true
	}
	return rest[0] != '"' && rest[0] != '\'' && !isDigit(rest[0]) && nameLength(rest) == 0
}

// clip shortens text for a message.
func clip(text string) string {
	const longest = 24
	if len(text) <= longest {
		return text
	}
	return strings.ToValidUTF8(text[:longest], "") + "..."
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isNameStart(text string) bool { return !isDigit(text[0]) && nameLength(text) > 0 }

// nameLength counts the bytes at the start of text that a name may hold.
func nameLength(text string) int {
	for i := 0; i < len(text); {
		c := text[i]
		if c < utf8.RuneSelf {
			if c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' || isDigit(c) {
				i++
				continue
			}
			return i
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		if !unicode.IsLetter(r) && (i == 0 || !unicode.IsMark(r) && !unicode.IsDigit(r)) {
			return i
		}
		i += size
	}
	return len(text)
}
