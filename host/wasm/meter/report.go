package meter

// A Kind is what an import or an export is.
type Kind byte

// The kinds, WebAssembly 2.0 section 5.5.5.
const (
	Function Kind = iota
	Table
	Memory
	Global
)

func (k Kind) String() string {
	if int(k) >= len(kindNames) {
		return "unknown"
	}
	return kindNames[k]
}

var kindNames = [...]string{"function", "table", "memory", "global"}

// An Import is something that a module needs. Type is that of a function, and
// empty for other kinds.
type Import struct {
	Module, Name string
	Kind         Kind
	Type         Type
}

// An Export is something that a module offers. Type is that of a function,
// and empty for other kinds.
type Export struct {
	Name string
	Kind Kind
	Type Type
}

// A Type is that of a function, in bytes of WebAssembly 2.0 section 5.3.1.
type Type struct{ Params, Results string }

// A Size is that of a memory, in pages, or of a table, in elements.
type Size struct {
	Min, Max uint32 // Max counts only where Bounded is set
	Bounded  bool
}

// A Custom is a custom section; Meter leaves it out.
type Custom struct {
	Name  string
	Bytes int
}

// A Report is what a module holds, as far as it was read.
type Report struct {
	Imports []Import
	Exports []Export
	Customs []Custom

	HasMemory bool // of its own or imported
	Memory    Size
	Tables    []Size // of its own

	Functions int // of its own
	Globals   int // of its own
	Code      int // bytes of all function bodies
	Data      int // bytes of all data segments
	Elements  int

	// The most of any one function, for comparison with Limits.
	Body, Locals, Blocks, Depth, Loops, Branches, BulkOps, Values, Paths, LocalsTimesPaths, LocalsTimesLoops int
	// The sums over all functions.
	AllValues, AllBranches, AllBulkOps, PathsSquared, PathWork, LoopWork int

	// Mutable are the indices of its own mutable globals of number types, which
	// ExportGlobals exports.
	Mutable []int

	// Restorable says that its memory and the globals that ExportGlobals
	// exports are all that running it can change: it has no mutable global of
	// another type than a number's, and no operation that changes a table or
	// drops a segment.
	Restorable bool
}
