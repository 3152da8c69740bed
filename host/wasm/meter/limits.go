package meter

// Limits bound what a module may hold. They are shapes, not resources: every
// real guest that was measured stays well below, and a compiler's time and
// memory grow faster than a module's size above. A zero value means the
// default.
type Limits struct {
	Types     int // 5,000
	Arity     int // parameters or results of one type; 1,000
	Imports   int // 200
	Functions int // 20,000
	Tables    int // 16
	Table     int // elements of each table; 10,000
	Pages     int // of 64 KiB, that the memory begins with; 1,024
	Globals   int // 20,000
	Exports   int // 1,000
	Elements  int // of all element segments together, and how many of those; 100,000
	Segments  int // of data; 100,000
	Customs   int // custom sections; 1,000

	Body     int // bytes of one function; 128 KiB
	Locals   int // of one function, its parameters with them; 1,000
	Blocks   int // blocks, loops and ifs of one function; 3,000
	Depth    int // of blocks in each other; 1,000
	Loops    int // of one function; 200
	Branches int // targets of all br_tables of one function; 4,000
	BulkOps  int // bulk operations of one function; 500

	// Values are those that the instructions of one function make or pass on:
	// one for each, and the parameters and results of calls, blocks and jumps.
	Values int // 100,000

	// What a compiler walks through is made of the blocks of one function and
	// its conditional jumps, together its paths.
	Paths            int // of one function; 6,000
	LocalsTimesPaths int // of one function; 300,000
	LocalsTimesLoops int // of one function; 20,000

	// The sums over all functions.
	AllValues    int // 5,000,000
	AllBranches  int // 300,000
	AllBulkOps   int // 20,000
	PathsSquared int // 60,000,000
	PathWork     int // of LocalsTimesPaths; 2,000,000
	LoopWork     int // of LocalsTimesLoops; 200,000
}

func (l Limits) orDefault() Limits {
	for _, d := range []struct {
		v   *int
		def int
	}{
		{&l.Types, 5_000},
		{&l.Arity, 1_000},
		{&l.Imports, 200},
		{&l.Functions, 20_000},
		{&l.Tables, 16},
		{&l.Table, 10_000},
		{&l.Pages, 1024},
		{&l.Globals, 20_000},
		{&l.Exports, 1_000},
		{&l.Elements, 100_000},
		{&l.Segments, 100_000},
		{&l.Customs, 1_000},
		{&l.Body, 128 << 10},
		{&l.Locals, 1_000},
		{&l.Blocks, 3_000},
		{&l.Depth, 1_000},
		{&l.Loops, 200},
		{&l.Branches, 4_000},
		{&l.BulkOps, 500},
		{&l.Values, 100_000},
		{&l.Paths, 6_000},
		{&l.LocalsTimesPaths, 300_000},
		{&l.LocalsTimesLoops, 20_000},
		{&l.AllValues, 5_000_000},
		{&l.AllBranches, 300_000},
		{&l.AllBulkOps, 20_000},
		{&l.PathsSquared, 60_000_000},
		{&l.PathWork, 2_000_000},
		{&l.LoopWork, 200_000},
	} {
		if *d.v <= 0 {
			*d.v = d.def
		}
	}
	return l
}
