package syntax

// A Code names a kind of diagnostic or run-time error. Codes are stable: they
// are never given another meaning.
type Code string

// The codes of the parser.
const (
	Unexpected    Code = "E001"
	BadCharacter  Code = "E002"
	OpenText      Code = "E003"
	OpenComment   Code = "E004"
	BadNumber     Code = "E005"
	MissingEnd    Code = "E006"
	OpenBracket   Code = "E007"
	ForeignSyntax Code = "E008"
	MisplacedFunc Code = "E009"
	SourceTooBig  Code = "E010"
	TooNested     Code = "E011"
	TooManyNodes  Code = "E012"
	NotSupported  Code = "E013"
	BadTarget     Code = "E023"
)

// The codes of the checks.
const (
	UnknownMethod    Code = "E014"
	UnknownFunction  Code = "E015"
	ArgumentCount    Code = "E016"
	UnknownVariable  Code = "E017"
	UnknownAttribute Code = "E018"
	MissingAttribute Code = "E019"
	OutsideLoop      Code = "E020"
	Duplicate        Code = "E021"
	BadAttribute     Code = "E022"
)

// The codes of warnings.
const (
	NoSemicolon      Code = "W001"
	TaskSeparator    Code = "W002"
	Unreachable      Code = "W003"
	CompoundAssign   Code = "W004"
	UnknownEscape    Code = "W005"
	FreeVariable     Code = "W006"
	RepeatedProperty Code = "W007"
	NotInProduct     Code = "W008"
	TrailingComma    Code = "W009"
	WordOperator     Code = "W010"
	SingleEqual      Code = "W011"
	ForeignKeyword   Code = "W012"
	NoResultType     Code = "W013"
	InvisibleChar    Code = "W014"
	OtherFile        Code = "W020"
	TaskArguments    Code = "W021"
	UnknownTask      Code = "W022"
)

// refused says whether a warning is about something that the products refuse:
// then it is an error where the script is read strictly.
func (c Code) refused() bool {
	switch c {
	case NoSemicolon, TaskSeparator, CompoundAssign, NotInProduct, TrailingComma, WordOperator, ForeignKeyword, NoResultType, InvisibleChar:
		return true
	}
	return false
}

// The codes of run-time errors.
const (
	Fault         Code = "R001"
	Thrown        Code = "R002"
	NotDefined    Code = "R003"
	CallFailed    Code = "R004"
	LimitExceeded Code = "R005"
	BadArgument   Code = "R006"
	Cancelled     Code = "R007"
	Internal      Code = "R099"
)

// An Explanation tells people about a code.
type Explanation struct {
	Code  Code
	Title string
	Text  string // what it means and what to do
}

// Explanations lists every code, in order.
func Explanations() []Explanation { return explanations }

// Explain finds the explanation of a code.
func Explain(code Code) (Explanation, bool) {
	for _, e := range explanations {
		if e.Code == code {
			return e, true
		}
	}
	return Explanation{}, false
}

var explanations = []Explanation{
	{Unexpected, "unexpected text", "The grammar wants something else at this place. The caret shows where reading stopped; the mistake is there or just before it."},
	{BadCharacter, "character that is not part of the language", "Only text literals and comments may hold arbitrary characters. Typographic quotes from a word processor are a frequent cause."},
	{OpenText, "text without closing quote", "A text literal starts with \" (or ') and ends with the same quote. Inside it, write the quote as \\\"."},
	{OpenComment, "comment without end", "A comment that starts with /* ends with */."},
	{BadNumber, "malformed number", "Numbers are digits, perhaps with one decimal point: 5, 0.99, .1. Whole numbers have 64 bits."},
	{MissingEnd, "missing semicolon", "A statement ends with a semicolon. It may be left out after the ] of a task block and before }."},
	{OpenBracket, "bracket without its partner", "Every (, [ and { needs its closing partner."},
	{ForeignSyntax, "syntax of another language", "Deluge has no such construct; the hint shows what to write in its place."},
	{MisplacedFunc, "function inside a block", "Functions stand at the top of a file, never inside a block or another function."},
	{SourceTooBig, "script too long", "The script is longer than the limit 'source'. Split it into functions of their own."},
	{TooNested, "too deeply nested", "Blocks, brackets or operators stand inside each other deeper than the limit 'nesting'."},
	{TooManyNodes, "too many expressions", "The file or one expression has more parts than the limit 'nodes' allows."},
	{NotSupported, "construct that is not supported yet", "The construct was read, but connhost does not run it yet."},
	{UnknownMethod, "unknown method", "No built-in function has this name. connhost functions lists those there are."},
	{UnknownFunction, "unknown function", "Neither the file nor the table of built-in functions has this name."},
	{ArgumentCount, "wrong number of arguments", "The function takes another number of arguments."},
	{UnknownVariable, "unknown variable", "The variable is read but never assigned in this function."},
	{UnknownAttribute, "unknown attribute", "The task has no attribute of this name."},
	{MissingAttribute, "missing attribute", "The task cannot run without this attribute."},
	{OutsideLoop, "break or continue outside a loop", "break and continue belong inside for each or while."},
	{Duplicate, "name used twice", "Two functions of the file, or two parameters of a function, have the same name."},
	{BadAttribute, "attribute value that does not fit", "The attribute does not take this value."},
	{BadTarget, "this cannot be assigned to", "Only variables are assigned to. Maps and lists are changed by put and add."},
	{NoSemicolon, "missing semicolon at the end of a line", "The statement was read as complete at the end of its line. Add the semicolon."},
	{TaskSeparator, "separator in a task block", "The attributes of a task block are separated by white space only."},
	{Unreachable, "statement that never runs", "A return, break, continue or throw stands before it."},
	{CompoundAssign, "compound assignment", "x += y is read as x = x + y; other Deluge editors refuse it."},
	{UnknownEscape, "unknown escape", "The backslash is kept. Write \\\\ for a backslash."},
	{FreeVariable, "variable that nothing assigns", "A body without header may read variables that its caller gives. If this is not one of them, it is a mistake."},
	{RepeatedProperty, "attribute given twice", "The last one counts."},
	{NotInProduct, "construct that the product refuses", "The script runs here, but the editor of the product that --dialect names would not store it. With --strict it is an error."},
	{TrailingComma, "comma without a value behind it", "The last comma of a list, a map or arguments is ignored; the product's editor refuses it."},
	{WordOperator, "operator of criteria", "contains, like, in, not in and is null are operators in the criteria of records only. Elsewhere they are methods: x.contains(y)."},
	{SingleEqual, "comparison with a single =", "Only the first = of a statement assigns; one inside the value compares. Write == to show that it is meant."},
	{ForeignKeyword, "declaration of another language", "Variables need no declaration; the word is ignored."},
	{NoResultType, "function without a result type", "A header begins with the type of the result, void when there is none."},
	{InvisibleChar, "invisible character", "A character without width stands between the parts of the script; it was skipped. It comes along when text is copied from a web page."},
	{OtherFile, "function of another file", "The file has no such function and no library was given. If the function stands in another file, name its folder with --lib; else the call fails when it runs."},
	{TaskArguments, "arguments that the task refuses", "The task of the service takes other arguments, or another number of them. The call fails when it runs, unless its answer is written down with --fixtures."},
	{UnknownTask, "task that nobody knows", "Nothing here does a task of this name, and another has nearly the same. connhost functions shows what that takes. With --fixtures a task may have any name."},
	{Fault, "run-time error", "The values at this place do not fit the operation. try/catch catches it."},
	{Thrown, "thrown by the script", "The script ran a throw statement. try/catch catches it."},
	{NotDefined, "variable is not defined", "The variable was read before anything was assigned to it."},
	{CallFailed, "web call failed", "invokeurl got no usable answer. try/catch catches it."},
	{LimitExceeded, "limit exceeded", "The run was stopped at a limit, which the message names. Scripts cannot catch it."},
	{BadArgument, "argument does not fit", "A value given to the script does not fit the declared parameter."},
	{Cancelled, "run cancelled", "The run was stopped from outside."},
	{Internal, "internal error", "A mistake of connhost, not of the script. Please report it."},
}
