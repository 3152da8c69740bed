package meter

import (
	"fmt"
	"unicode/utf8"
)

// Section ids, WebAssembly 2.0 section 5.5.2.
const (
	secCustom = iota
	secType
	secImport
	secFunction
	secTable
	secMemory
	secGlobal
	secExport
	secStart
	secElement
	secCode
	secData
	secDataCount
)

// A module is what was read, and what is needed to write it again.
type module struct {
	Report
	limits Limits

	file     []byte
	sections [secDataCount + 1]section

	types     []Type
	kinds     [4]int   // how many of each kind are imported
	functions []uint32 // the types of all, imported ones first
	globals   []global // all, imported ones first
	tables    int      // imported ones with them
	bodies    int

	// write, if there is one, gets each function as soon as it is read: what
	// is known of one is several times larger than its bytes.
	write func(*body)
}

func newModule(file []byte, l Limits) *module {
	return &module{file: file, limits: l, Report: Report{Restorable: true}}
}

// A section is the content of one, and what of it is written differently.
type section struct {
	there   bool
	from    int // its content in the file, without the count
	to      int
	count   int
	patches []patch
}

type global struct {
	kind    byte
	mutable bool
}

// scan reads every count, size and instruction of a module once, from front
// to back, and refuses what a compiler must not meet.
//
// It is strict where compilers are not: a section must hold exactly what it
// announces, and sections stand in their order, so that both see the same
// module.
func (m *module) scan() error {
	c := &cursor{b: m.file}
	if string(c.bytes(8)) != "\x00asm\x01\x00\x00\x00" {
		c.malformed("not a core module")
	}
	var last byte
	for c.err == nil && c.left() > 0 {
		id := c.byte()
		part := c.part(c.u32())
		if c.err != nil {
			break
		}
		if id != secCustom {
			if order(id) <= order(last) && last != 0 {
				part.malformed("section %d stands after section %d", id, last)
			}
			last = id
		}
		m.section(id, part)
		c.join(part, fmt.Sprintf("section %d", id))
	}
	if c.err == nil && m.bodies != m.Functions {
		c.malformed("%d functions and %d function bodies", m.Functions, m.bodies)
	}
	if c.err != nil {
		return c.err
	}
	return nil
}

// order is the place of a section: the data count stands before the code.
func order(id byte) int {
	if id == secDataCount {
		return 2*secElement + 1
	}
	return 2 * int(id)
}

func (m *module) section(id byte, c *cursor) {
	if id == secCustom {
		name := string(c.bytes(c.u32()))
		if !utf8.ValidString(name) {
			c.malformed("the name of a custom section is not UTF-8")
		}
		if len(m.Customs) == m.limits.Customs {
			c.fail("customs", "more than %d custom sections", m.limits.Customs)
		}
		m.Customs = append(m.Customs, Custom{Name: name, Bytes: c.left()})
		c.at = len(c.b)
		return
	}
	if id > secDataCount {
		what := "malformed"
		if id == 13 {
			what = "exceptions"
		}
		c.fail(what, "a section of unknown kind %d", id)
		return
	}
	s := &m.sections[id]
	s.there = true
	read := [...]func(*module, *cursor, *section){
		secType: (*module).readTypes, secImport: (*module).readImports, secFunction: (*module).readFunctions,
		secTable: (*module).readTables, secMemory: (*module).readMemories, secGlobal: (*module).readGlobals,
		secExport: (*module).readExports, secStart: (*module).readStart, secElement: (*module).readElements,
		secCode: (*module).readCode, secData: (*module).readData, secDataCount: (*module).readDataCount,
	}[id]
	read(m, c, s)
	s.to = c.place()
}

// begin reads the count of a section.
func (s *section) begin(c *cursor, code, what string, limit, size int) int {
	s.count = c.count(code, what, limit, size)
	s.from = c.place()
	return s.count
}

// function reads the index of a function and has it written anew.
func (m *module) function(c *cursor, s *section) uint32 {
	at := c.place()
	i := c.index("function", len(m.functions))
	if i >= uint32(m.kinds[Function]) {
		s.patches = append(s.patches, patch{at: at, end: c.place(), kind: patchIndex, arg: i + 1})
	}
	return i
}

// typeOf is the type of a function.
func (m *module) typeOf(function uint32) Type { return m.types[m.functions[function]] }
