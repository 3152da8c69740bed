package meter

import "strconv"

// A patch is a place in the file that is written differently: the bytes from
// at to end are replaced.
type patch struct {
	at, end int
	arg     uint32
	kind    patchKind
}

type patchKind byte

const (
	patchIndex  patchKind = iota // arg is the new index of a function
	patchTable                   // arg is the table whose sizes stand there
	patchLocals                  // the number of groups of locals, which is arg; nothing unless the stack is counted
	patchReturn                  // arg is the label of the function
	patchPoint                   // arg is the point where the function pays
	patchHelper                  // arg is the helper that takes what a bulk operation costs
)

// A writer writes a module with its meter: the functions while it is read,
// the rest afterwards.
type writer struct {
	*module
	config  Config
	types   []Type // with those that were added
	numbers map[Type]uint32
	used    [helpers]bool
	code    []byte // the content of the code section, without its count
	one     []byte
	out     []byte
}

func newWriter(m *module, c Config) *writer {
	w := &writer{module: m, config: c}
	m.write = w.function
	return w
}

// The indices of what is added: the import, and the two globals. All that
// counts towards them stands before the code.
func (w *writer) tick() uint32  { return uint32(w.kinds[Function]) }
func (w *writer) fuel() uint32  { return uint32(len(w.globals)) }
func (w *writer) stack() uint32 { return uint32(len(w.globals) + 1) }

// number is the index of a type, which is added where it is not there.
func (w *writer) number(t Type) uint32 {
	if w.numbers == nil {
		w.types, w.numbers = w.module.types, map[Type]uint32{}
		for i, t := range w.types {
			if _, ok := w.numbers[t]; !ok {
				w.numbers[t] = uint32(i)
			}
		}
	}
	n, ok := w.numbers[t]
	if !ok {
		n = uint32(len(w.types))
		w.types = append(w.types, t)
		w.numbers[t] = n
	}
	return n
}

// all writes the sections. What needs more types comes first.
func (w *writer) all() []byte {
	tick := w.number(Type{string([]byte{typeI64, typeI64}), string([]byte{typeI64})})
	helpers := w.helperCount()
	functions := w.helperTypes(w.content(secFunction))
	for h := range helpers {
		w.code = w.helper(w.code, helper(h))
	}
	w.out = append(make([]byte, 0, len(w.file)+len(w.code)-w.Code+4096), w.file[:8]...)
	w.add(secType, len(w.types), w.typeSection())
	imports := appendName(appendName(w.content(secImport), TickModule), TickName)
	w.add(secImport, len(w.Imports)+1, appendU32(append(imports, byte(Function)), tick))
	w.add(secFunction, w.Functions+helpers, functions)
	w.copy(secTable)
	w.copy(secMemory)
	w.add(secGlobal, w.Globals+2, w.globalSection())
	w.exportSection()
	if w.sections[secStart].there {
		w.put(secStart, w.content(secStart))
	}
	w.copy(secElement)
	if w.sections[secDataCount].there {
		w.put(secDataCount, w.content(secDataCount))
	}
	w.add(secCode, w.Functions+helpers, w.code)
	w.copy(secData)
	return w.out
}

// put writes a section.
func (w *writer) put(id byte, content []byte) {
	w.out = appendU32(append(w.out, id), uint32(len(content)))
	w.out = append(w.out, content...)
}

// add writes a section of n things, unless there are none.
func (w *writer) add(id byte, n int, content []byte) {
	if n == 0 && !w.sections[id].there {
		return
	}
	count := appendU32(nil, uint32(n))
	w.out = appendU32(append(w.out, id), uint32(len(count)+len(content)))
	w.out = append(append(w.out, count...), content...)
}

func (w *writer) copy(id byte) { w.add(id, w.sections[id].count, w.content(id)) }

// content is what a section holds behind its count, with its patches.
func (w *writer) content(id byte) []byte {
	s := &w.sections[id]
	out := make([]byte, 0, s.to-s.from+64)
	at := s.from
	for _, p := range s.patches {
		out = append(out, w.file[at:p.at]...)
		if p.kind == patchIndex {
			out = appendU32(out, p.arg)
		} else {
			least := w.Tables[p.arg].Min
			out = appendU32(appendU32(append(out, 1), least), max(least, uint32(w.config.Limits.Table)))
		}
		at = p.end
	}
	return append(out, w.file[at:s.to]...)
}

func (w *writer) typeSection() []byte {
	out := w.content(secType)
	for _, t := range w.types[len(w.module.types):] {
		out = appendName(appendName(append(out, 0x60), t.Params), t.Results)
	}
	return out
}

func (w *writer) globalSection() []byte {
	out := w.content(secGlobal)
	for _, first := range []int64{w.config.Tank, w.config.Stack} {
		out = append(appendI64(append(out, typeI64, 1, opI64Const), first), opEnd)
	}
	return out
}

func (w *writer) exportSection() {
	out := w.content(secExport)
	n := len(w.Exports)
	export := func(name string, index uint32) {
		out = appendU32(append(appendName(out, name), byte(Global)), index)
		n++
	}
	export(FuelExport, w.fuel())
	if w.config.ExportGlobals {
		for _, i := range w.Mutable {
			export(GlobalExport+strconv.Itoa(i), uint32(i))
		}
	}
	w.add(secExport, n, out)
}

func appendU32(b []byte, v uint32) []byte {
	for v >= 0x80 {
		b = append(b, byte(v)|0x80)
		v >>= 7
	}
	return append(b, byte(v))
}

// appendI64 writes a signed LEB128 number, WebAssembly 2.0 section 5.2.2.
func appendI64(b []byte, v int64) []byte {
	for v < -64 || v > 63 {
		b = append(b, byte(v)|0x80)
		v >>= 7
	}
	return append(b, byte(v)&0x7f)
}

func appendName(b []byte, s string) []byte { return append(appendU32(b, uint32(len(s))), s...) }
