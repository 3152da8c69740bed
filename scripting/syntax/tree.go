package syntax

import "strings"

// A Node is a part of the tree.
type Node interface {
	Pos() Span
}

// A Stmt is a statement. The set of its kinds is closed.
type Stmt interface {
	Node
	stmt()
}

// An Expr is an expression. The set of its kinds is closed.
type Expr interface {
	Node
	expr()
}

// A File is a parsed script: functions and, or instead, a body without header.
// A page is an HTML page with scripts in it: its text between them stands as
// Markup and Output among the statements, also inside blocks.
type File struct {
	Source   *Source
	Page     bool
	Stmts    []Stmt // in the order of the text; *Function only here
	Comments []Comment
}

// Functions returns the functions with a header, in the order of the text.
func (f *File) Functions() []*Function {
	var list []*Function
	for _, s := range f.Stmts {
		if fn, ok := s.(*Function); ok {
			list = append(list, fn)
		}
	}
	return list
}

// Body returns the statements outside functions.
func (f *File) Body() []Stmt {
	var list []Stmt
	for _, s := range f.Stmts {
		if _, ok := s.(*Function); !ok {
			list = append(list, s)
		}
	}
	return list
}

// A Comment is a comment with its marks. OwnLine says that nothing but white
// space stands before it on its line.
type Comment struct {
	Span
	OwnLine bool
}

// An Ident is a name with its place.
type Ident struct {
	Span
	Name string
}

// A Type is a type as it is written: string, or list:string.
type Type struct {
	Span
	Name string
	Elem string // of list:string; mostly empty
}

// A Param is a parameter of a function; Type is nil when left out.
type Param struct {
	Type *Type
	Name Ident
}

// The statements.
type (
	// A Function has a header: string automation.greet(string name) { ... }
	Function struct {
		Span
		Result Type    // without name when it is missing
		Path   []Ident // namespaces, then the name
		Params []Param
		Body   *Block
	}
	// A Block holds statements in braces.
	Block struct {
		Span
		Stmts []Stmt
	}
	// An Empty statement is a lone semicolon.
	Empty struct{ Span }
	// An If holds the chain of its else-ifs flat.
	If struct {
		Span
		Clauses []Clause
		Else    Stmt // or nil
	}
	// A ForEach runs its body for the elements, or the indexes, of Source.
	ForEach struct {
		Span
		Index  bool
		Var    Ident
		Source Expr
		Body   Stmt
	}
	// A While runs its body as long as Cond holds.
	While struct {
		Span
		Cond Expr
		Body Stmt
	}
	// A Try runs Catch when Body fails. Var is nil in a bare catch.
	Try struct {
		Span
		Body  *Block
		Type  *Type // of the variable; means nothing
		Var   *Ident
		Catch *Block
	}
	// A Return leaves the function; Value may be nil.
	Return struct {
		Span
		Value Expr
	}
	// An Info prints a value.
	Info struct {
		Span
		Value Expr
	}
	// A Throw fails with a value.
	Throw struct {
		Span
		Value Expr
	}
	// A Break leaves the loop around it.
	Break struct{ Span }
	// A Continue starts the next turn of the loop around it.
	Continue struct{ Span }
	// An Assign sets a variable. Type means nothing; Add is true for +=.
	Assign struct {
		Span
		Type   *Type
		Target Expr
		Add    bool
		Value  Expr
	}
	// An ExprStmt evaluates an expression for its effect.
	ExprStmt struct {
		Span
		X Expr
	}
	// An Alert shows a value to the person at the form.
	Alert struct {
		Span
		Value Expr
	}
	// A CancelSubmit keeps the form from being stored.
	CancelSubmit struct{ Span }
	// A ClientTask does something with fields of the form that is open: hide
	// a, b. Its action is in lower case: hide, show, enable, disable, clear,
	// focus, reload. The fields are names, perhaps dotted.
	ClientTask struct {
		Span
		Action Ident
		Fields []Expr
	}
	// A Delete removes the records that Source selects, a Fetch or a Query.
	Delete struct {
		Span
		Source Expr
	}
	// Markup is text of an HTML page, as it is written.
	Markup struct {
		Span
		Text string
	}
	// An Output writes a value into an HTML page: <%= value %>.
	Output struct {
		Span
		Value Expr
	}
	// A BadStmt stands for text that could not be read; it was reported.
	BadStmt struct{ Span }
)

// Name is the name of a function with its namespaces.
func (f *Function) Name() string {
	if len(f.Path) == 1 {
		return f.Path[0].Name
	}
	var parts []string
	for _, part := range f.Path {
		parts = append(parts, part.Name)
	}
	return strings.Join(parts, ".")
}

// A Clause is a condition with the statement that it guards.
type Clause struct {
	Cond Expr
	Body Stmt
}

// The expressions.
type (
	// A Name is a variable, or the first part of a dotted name.
	Name struct {
		Span
		Name string
	}
	// A Text is a text literal in double quotes.
	Text struct {
		Span
		Value string
	}
	// A Quoted is a literal in single quotes: a date or time, else text.
	Quoted struct {
		Span
		Value string
	}
	// A Number is a numeric literal. Digits keeps it as it is written, with
	// the minus sign where the literal is the least whole number.
	Number struct {
		Span
		Digits string
		Whole  bool
	}
	// A Bool is true or false.
	Bool struct {
		Span
		Value bool
	}
	// A Null is null.
	Null struct{ Span }
	// An EmptyLit is {}, which becomes a list or a map by its first use.
	EmptyLit struct{ Span }
	// A List is {a, b} or [a, b].
	List struct {
		Span
		Brackets bool
		Items    []Expr
	}
	// A Map is {k: v}.
	Map struct {
		Span
		Entries []Entry
	}
	// A Unary is an operator before its operand.
	Unary struct {
		Span
		Op Operator
		X  Expr
	}
	// A Binary is an operator between its operands; OpSpan is the place of
	// the operator.
	Binary struct {
		Span
		Op     Operator
		OpSpan Span
		X, Y   Expr
	}
	// A Call calls a function by a plain name. Elem is the element type in
	// list:string().
	Call struct {
		Span
		Func Ident
		Elem string
		Args []Expr
		// Pairs holds the arguments of the form k:v instead of Args.
		Pairs []Entry
	}
	// A Method calls a function by a name behind a dot.
	Method struct {
		Span
		X     Expr
		Func  Ident
		Args  []Expr
		Pairs []Entry
	}
	// A Member is a name behind a dot, without call.
	Member struct {
		Span
		X    Expr
		Name Ident
	}
	// A Conditional is if(cond, then, else); only one branch is evaluated.
	Conditional struct {
		Span
		Cond, Then, Else Expr
	}
	// A Paren is an expression in parentheses, kept for the printer.
	Paren struct {
		Span
		X Expr
	}
	// A Task is a block of attributes: invokeurl [ url: "..." ]. Its name may be
	// dotted: zoho.sdp.invokeurl. It need not be one that is known.
	Task struct {
		Span
		Name  Ident
		Attrs []Attr
	}
	// A Several is what an attribute holds when it has more than one value: to:
	// a, b.
	Several struct {
		Span
		Items []Expr
	}
	// An Attachment is one value of the attribute attachments with its kind, in
	// lower case: file:x, view:Report[c] as PDF, template:t as PDF. As is nil
	// when left out. A template outside its form names the record to fill it:
	// template:t:Form id as PDF; else Form and Record are nil.
	Attachment struct {
		Span
		Kind   Ident
		Value  Expr
		Form   *Ident
		Record Expr
		As     *Ident
	}
	// A Fetch selects the records of a form, X, that fulfil Criteria; Criteria
	// is nil in Form[]. An element by its index is written the same way.
	Fetch struct {
		Span
		X        Expr
		Criteria Expr
	}
	// A Query orders and cuts the records of X. Either part may be missing:
	// then Sort is empty, or From and To are nil.
	Query struct {
		Span
		X        Expr
		Sort     []SortKey
		From, To Expr
	}
	// An Insert adds a record to a form: insert into Form [ Field = value ]. Its
	// value is the id of the record. Form is a name, perhaps dotted.
	Insert struct {
		Span
		Form   Expr
		Fields []Field
	}
	// A UI is the widget of a field of the open form: Field:ui.
	UI struct {
		Span
		X Expr
	}
	// An IsNull is x is null, or x is not null, in criteria.
	IsNull struct {
		Span
		X   Expr
		Not bool
	}
	// A BadExpr stands for text that could not be read; it was reported.
	BadExpr struct{ Span }
)

// An Entry is a key with its value.
type Entry struct {
	Key, Value Expr
}

// A SortKey is a field, a name that may be dotted, with its direction.
type SortKey struct {
	Field Expr
	Desc  bool
}

// A Field is a field of a new record with its value. Name is a Name, or a
// Member for a part of a composite field.
type Field struct {
	Name  Expr
	Value Expr
}

// An Attr is an attribute of a task. Its name is in lower case, its words
// joined as written: response-format, reply to.
type Attr struct {
	Name  Ident
	Value Expr
}

// An Operator is an operator as it is written, except that equality is always
// "==".
type Operator string

// The operators. The words are those of criteria.
const (
	Or           Operator = "||"
	And          Operator = "&&"
	Equal        Operator = "=="
	NotEqual     Operator = "!="
	Less         Operator = "<"
	Greater      Operator = ">"
	LessEqual    Operator = "<="
	GreaterEqual Operator = ">="
	Add          Operator = "+"
	Sub          Operator = "-"
	Mul          Operator = "*"
	Div          Operator = "/"
	Mod          Operator = "%"
	Not          Operator = "!"
	In           Operator = "in"
	NotIn        Operator = "not in"
	Contains     Operator = "contains"
	Like         Operator = "like"
)

func (*Function) stmt()     {}
func (*Block) stmt()        {}
func (*Empty) stmt()        {}
func (*If) stmt()           {}
func (*ForEach) stmt()      {}
func (*While) stmt()        {}
func (*Try) stmt()          {}
func (*Return) stmt()       {}
func (*Info) stmt()         {}
func (*Throw) stmt()        {}
func (*Break) stmt()        {}
func (*Continue) stmt()     {}
func (*Assign) stmt()       {}
func (*ExprStmt) stmt()     {}
func (*Alert) stmt()        {}
func (*CancelSubmit) stmt() {}
func (*ClientTask) stmt()   {}
func (*Delete) stmt()       {}
func (*Markup) stmt()       {}
func (*Output) stmt()       {}
func (*BadStmt) stmt()      {}

func (*Name) expr()        {}
func (*Text) expr()        {}
func (*Quoted) expr()      {}
func (*Number) expr()      {}
func (*Bool) expr()        {}
func (*Null) expr()        {}
func (*EmptyLit) expr()    {}
func (*List) expr()        {}
func (*Map) expr()         {}
func (*Unary) expr()       {}
func (*Binary) expr()      {}
func (*Call) expr()        {}
func (*Method) expr()      {}
func (*Member) expr()      {}
func (*Conditional) expr() {}
func (*Paren) expr()       {}
func (*Task) expr()        {}
func (*Several) expr()     {}
func (*Attachment) expr()  {}
func (*Fetch) expr()       {}
func (*Query) expr()       {}
func (*Insert) expr()      {}
func (*UI) expr()          {}
func (*IsNull) expr()      {}
func (*BadExpr) expr()     {}
