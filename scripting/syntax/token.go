package syntax

import "strings"

type tokenKind uint8

const (
	tokEOF     tokenKind = iota
	tokIllegal           // already reported
	tokIdent
	tokNumber
	tokText   // "..."
	tokQuoted // '...'
	tokLParen
	tokRParen
	tokLBrace
	tokRBrace
	tokLBracket
	tokRBracket
	tokComma
	tokSemicolon
	tokColon
	tokDot
	tokPlus
	tokMinus
	tokStar
	tokSlash
	tokPercent
	tokNot
	tokAssign
	tokEqual
	tokNotEqual
	tokLess
	tokGreater
	tokLessEqual
	tokGreaterEqual
	tokAnd
	tokOr
	tokPlusAssign
	tokMarkup // what stands between %> and <% in a page; perhaps empty
	tokOutput // <%=
)

var tokenNames = [...]string{
	tokEOF: "the end of the script", tokIllegal: "this", tokIdent: "a name", tokNumber: "a number",
	tokText: "a text", tokQuoted: "a quoted value",
	tokLParen: "(", tokRParen: ")", tokLBrace: "{", tokRBrace: "}", tokLBracket: "[", tokRBracket: "]",
	tokComma: ",", tokSemicolon: ";", tokColon: ":", tokDot: ".",
	tokPlus: "+", tokMinus: "-", tokStar: "*", tokSlash: "/", tokPercent: "%", tokNot: "!",
	tokAssign: "=", tokEqual: "==", tokNotEqual: "!=", tokLess: "<", tokGreater: ">",
	tokLessEqual: "<=", tokGreaterEqual: ">=", tokAnd: "&&", tokOr: "||", tokPlusAssign: "+=", tokMarkup: "%>", tokOutput: "<%=",
}

func (k tokenKind) String() string { return tokenNames[k] }

// A token is a piece of the source; its text is read from there on demand.
type token struct {
	kind    tokenKind
	word    keyword // of an identifier
	newline bool    // first token on its line
	Span
}

// A keyword is an identifier that means something at some places. All of them
// are contextual: after a dot they are plain names.
type keyword uint8

const (
	notKeyword keyword = iota
	wordAlert
	wordBreak
	wordCancel
	wordCatch
	wordContinue
	wordDelete
	wordEach
	wordElse
	wordFalse
	wordFor
	wordIf
	wordIn
	wordIndex
	wordInfo
	wordInsert
	wordNull
	wordReturn
	wordThrow
	wordTrue
	wordTry
	wordUIAction // hide, show, ...
	wordWhile
	wordTask // invokeurl, sendmail, ...
)

var keywords = map[string]keyword{
	"alert": wordAlert, "break": wordBreak, "cancel": wordCancel, "catch": wordCatch,
	"continue": wordContinue, "delete": wordDelete, "each": wordEach, "else": wordElse, "false": wordFalse,
	"for": wordFor, "if": wordIf, "in": wordIn, "index": wordIndex, "info": wordInfo, "insert": wordInsert,
	"null": wordNull, "return": wordReturn, "throw": wordThrow, "throws": wordThrow, "true": wordTrue,
	"try": wordTry, "while": wordWhile, "invokeurl": wordTask,
	"hide": wordUIAction, "show": wordUIAction, "enable": wordUIAction, "disable": wordUIAction,
	"focus": wordUIAction, "clear": wordUIAction, "reload": wordUIAction,
	"sendmail": wordTask, "sendsms": wordTask, "invokeapi": wordTask, "ftp": wordTask, "sftp": wordTask,
}

const longestKeyword = 9

// lookupKeyword finds the keyword that a name is, letter case ignored.
func lookupKeyword(name string) keyword {
	if len(name) < 2 || len(name) > longestKeyword {
		return notKeyword
	}
	var lower [longestKeyword]byte
	for i := range len(name) {
		c := name[i]
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		lower[i] = c
	}
	return keywords[string(lower[:len(name)])]
}

// reserved says whether a keyword can never be a variable.
func (k keyword) reserved() bool {
	switch k {
	case wordBreak, wordCatch, wordContinue, wordElse, wordFor, wordIf, wordReturn, wordTry, wordWhile:
		return true
	}
	return false
}

// isForeignKeyword knows the words that declare variables and functions in other
// languages.
func isForeignKeyword(name string) bool {
	switch strings.ToLower(name) {
	case "var", "let", "const", "dim", "function", "func", "def", "sub":
		return true
	}
	return false
}

func isTypeName(name string) bool {
	switch strings.ToLower(name) {
	case "string", "text", "int", "integer", "number", "long", "bigint", "float", "decimal", "double",
		"bool", "boolean", "date", "datetime", "timestamp", "time", "map", "list", "file", "collection":
		return true
	}
	return false
}
