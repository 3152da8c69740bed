package meter

// code is the content of the code section: every function with its meter,
// and the helpers that they use.
func (w *writer) code() []byte {
	out := make([]byte, 0, 2*w.Code)
	var one []byte
	for i := range w.bodies {
		one = w.function(one[:0], &w.bodies[i])
		out = append(appendU32(out, uint32(len(one))), one...)
	}
	if w.helperCount() > 0 {
		w.number(helperType)
	}
	for h := range w.helperCount() {
		one = w.helper(one[:0], helper(h))
		out = append(appendU32(out, uint32(len(one))), one...)
	}
	return out
}

// function writes one function. One that calls others takes its part of the
// stack, and gives it back at its only end: a return leaves the block that is
// put around its instructions.
//
//	pay and look; stack -= weight
//	block
//	  instructions
//	end
//	stack += weight
func (w *writer) function(out []byte, b *body) []byte {
	at := b.from
	for _, p := range b.patches {
		out = append(out, w.file[at:p.at]...)
		at = p.end
		switch p.kind {
		case patchIndex:
			out = appendU32(out, p.arg)
		case patchHelper:
			w.used[p.arg] = true
			out = appendU32(append(out, opCall), w.helperIndex(helper(p.arg)))
		case patchReturn:
			if b.nests {
				out = appendU32(append(out, opBr), p.arg)
			} else {
				out = append(out, opReturn)
			}
		case patchPoint:
			out = w.point(out, b, int(p.arg))
		}
	}
	out = append(out, w.file[at:b.to]...)
	if b.nests {
		out = append(w.change(out, w.stack, opI64Add, b.weight), opEnd)
	}
	return out
}

func (w *writer) point(out []byte, b *body, n int) []byte {
	p := b.points[n]
	if b.free || p.cost == 0 && !p.look {
		return out
	}
	out = w.change(out, w.fuel, opI64Sub, p.cost)
	if n == 0 && b.nests {
		out = w.change(out, w.stack, opI64Sub, b.weight)
		out = w.look(out, true)
		return w.openBlock(out, b.results)
	}
	if p.look {
		out = w.look(out, false)
	}
	return out
}

// change adds to a global or takes from it.
func (w *writer) change(out []byte, global uint32, op byte, by int64) []byte {
	out = appendU32(append(out, opGlobalGet), global)
	out = append(appendI64(append(out, opI64Const), by), op)
	return appendU32(append(out, opGlobalSet), global)
}

// look calls the host when the tank, or the stack, is below zero.
func (w *writer) look(out []byte, stack bool) []byte {
	out = appendU32(append(out, opGlobalGet), w.fuel)
	if stack {
		out = append(appendU32(append(out, opGlobalGet), w.stack), opI64Or)
	}
	out = append(out, opI64Const, 0, opI64LtS, opIf, noType)
	out = appendU32(append(out, opGlobalGet), w.fuel)
	out = appendU32(append(out, opGlobalGet), w.stack)
	out = appendU32(append(out, opCall), w.tick)
	out = appendU32(append(out, opGlobalSet), w.fuel)
	return append(out, opEnd)
}

// openBlock opens a block that gives the results of a function.
func (w *writer) openBlock(out []byte, results string) []byte {
	switch len(results) {
	case 0:
		return append(out, opBlock, noType)
	case 1:
		return append(out, opBlock, results[0])
	}
	return appendI64(append(out, opBlock), int64(w.number(Type{"", results})))
}

// A helper is a function that takes what a bulk operation costs out of the
// tank: (length i32) -> (the same i32).
type helper byte

const (
	helperBytes helper = iota
	helperElements
	helperPages
	helpers = 3
)

// helperIndex is a helper's index. It does not depend on which are used, so
// that bodies can be written before that is known.
func (w *writer) helperIndex(h helper) uint32 {
	return uint32(len(w.functions)) + 1 + uint32(h)
}

// helperCount is how many helpers are written: all up to the last used one.
func (w *writer) helperCount() int {
	for h := helpers; h > 0; h-- {
		if w.used[h-1] {
			return h
		}
	}
	return 0
}

func (w *writer) helperTypes(out []byte) []byte {
	for range w.helperCount() {
		out = appendU32(out, w.number(helperType))
	}
	return out
}

var helperType = Type{string([]byte{typeI32}), string([]byte{typeI32})}

func (w *writer) helper(out []byte, h helper) []byte {
	out = append(out, 0) // no locals
	out = appendU32(append(out, opGlobalGet), w.fuel)
	out = append(out, opLocalGet, 0, opI64ExtendU)
	switch h {
	case helperBytes:
		out = append(out, opI64Const, 4, opI64ShrU)
		out = append(appendI64(append(out, opI64Const), costBytes), opI64Add)
	case helperElements:
		out = atMost(out, max(1<<16, int64(w.config.Limits.Table)))
		out = append(appendI64(append(out, opI64Const), costElements), opI64Add)
	case helperPages:
		out = atMost(out, 1<<16)
		out = append(appendI64(append(out, opI64Const), costPage), opI64Mul)
		out = append(appendI64(append(out, opI64Const), costPages), opI64Add)
	}
	out = appendU32(append(out, opI64Sub, opGlobalSet), w.fuel)
	return append(w.look(out, false), opLocalGet, 0, opEnd)
}

// atMost takes n where the helper's length, which is on the stack, is above
// it: what cannot be done costs no more than what can.
func atMost(out []byte, n int64) []byte {
	out = append(appendI64(append(out, opI64Const), n), opLocalGet, 0)
	return append(appendI64(append(out, opI32Const), n), opI32LtU, opSelect)
}
