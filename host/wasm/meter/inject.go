package meter

// function writes one function. One that calls others takes its part of the
// stack, and gives it back at its only end: a return leaves the block that is
// put around its instructions.
//
//	saved = stack
//	pay; stack -= weight; look
//	block
//	  instructions
//	end
//	stack = saved
//
// The stack is saved in a local, because adding the weight again would have
// each call wait for the one before it. For the same reason a function that
// loops and calls nothing has the tank in a local until its end.
func (w *writer) function(b *body) {
	at, out := b.from, w.one[:0]
	for _, p := range b.patches {
		out = append(out, w.file[at:p.at]...)
		at = p.end
		switch p.kind {
		case patchIndex:
			out = appendU32(out, p.arg)
		case patchHelper:
			out = w.callHelper(out, b, helper(p.arg))
		case patchLocals:
			if b.wrapped() {
				p.arg++
			}
			out = appendU32(out, p.arg)
		case patchReturn:
			if b.wrapped() {
				out = appendU32(append(out, opBr), p.arg)
			} else {
				out = append(out, opReturn)
			}
		case patchPoint:
			out = w.point(out, b, int(p.arg))
		}
	}
	out = append(out, w.file[at:b.to]...)
	if b.wrapped() {
		saved := w.stack()
		if b.keeps {
			saved = w.fuel()
		}
		out = appendU32(append(out, opLocalGet), b.locals)
		out = append(appendU32(append(out, opGlobalSet), saved), opEnd)
	}
	w.one = out
	w.code = append(appendU32(w.code, uint32(len(out))), out...)
}

// callHelper has a helper take from the tank.
func (w *writer) callHelper(out []byte, b *body, h helper) []byte {
	w.used[h] = true
	if b.keeps {
		out = appendU32(append(out, opLocalGet), b.locals)
		out = appendU32(append(out, opGlobalSet), w.fuel())
	}
	out = appendU32(append(out, opCall), w.helperIndex(h))
	if b.keeps {
		out = appendU32(append(out, opGlobalGet), w.fuel())
		out = appendU32(append(out, opLocalSet), b.locals)
	}
	return out
}

// wrapped says that a function has a block around its instructions, and one
// more local.
func (b *body) wrapped() bool { return b.nests || b.keeps }

func (w *writer) point(out []byte, b *body, n int) []byte {
	p := b.points[n]
	if b.free || p.cost == 0 && !p.look {
		return out
	}
	if n == 0 && b.wrapped() {
		return w.enter(out, b)
	}
	t := w.tank(b)
	out = t.pay(out, p.cost)
	if p.look {
		out = w.look(out, t, false)
	}
	return out
}

// enter begins a function that has a block around its instructions.
func (w *writer) enter(out []byte, b *body) []byte {
	out = append(out, 1, typeI64) // the last group of locals
	t := w.tank(b)
	if b.keeps {
		out = appendU32(append(out, opGlobalGet), w.fuel())
		out = appendU32(append(out, opLocalSet), b.locals)
		return w.openBlock(w.look(t.pay(out, b.points[0].cost), t, false), b.results)
	}
	out = t.pay(out, b.points[0].cost)
	out = appendU32(append(out, opGlobalGet), w.stack())
	out = appendU32(append(out, opLocalTee), b.locals)
	out = append(appendI64(append(out, opI64Const), b.weight), opI64Sub)
	out = appendU32(append(out, opGlobalSet), w.stack())
	return w.openBlock(w.look(out, t, true), b.results)
}

// A tank is where a function has its fuel: in the global, or in a local.
type tank struct {
	get, set byte
	index    uint32
}

func (w *writer) tank(b *body) tank {
	if b.keeps {
		return tank{opLocalGet, opLocalSet, b.locals}
	}
	return tank{opGlobalGet, opGlobalSet, w.fuel()}
}

// pay takes from the tank.
func (t tank) pay(out []byte, cost int64) []byte {
	out = appendU32(append(out, t.get), t.index)
	out = append(appendI64(append(out, opI64Const), cost), opI64Sub)
	return appendU32(append(out, t.set), t.index)
}

// look calls the host when the tank, or the stack, is below zero.
func (w *writer) look(out []byte, t tank, stack bool) []byte {
	out = appendU32(append(out, t.get), t.index)
	if stack {
		out = append(appendU32(append(out, opGlobalGet), w.stack()), opI64Or)
	}
	out = append(out, opI64Const, 0, opI64LtS, opIf, noType)
	out = appendU32(append(out, t.get), t.index)
	out = appendU32(append(out, opGlobalGet), w.stack())
	out = appendU32(append(out, opCall), w.tick())
	out = appendU32(append(out, t.set), t.index)
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

// helper writes one, with its size before it.
func (w *writer) helper(code []byte, h helper) []byte {
	out := []byte{0} // no locals
	out = appendU32(append(out, opGlobalGet), w.fuel())
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
	out = appendU32(append(out, opI64Sub, opGlobalSet), w.fuel())
	out = append(w.look(out, w.tank(&body{}), false), opLocalGet, 0, opEnd)
	return append(appendU32(code, uint32(len(out))), out...)
}

// atMost takes n where the helper's length, which is on the stack, is above
// it: what cannot be done costs no more than what can.
func atMost(out []byte, n int64) []byte {
	out = append(appendI64(append(out, opI64Const), n), opLocalGet, 0)
	return append(appendI64(append(out, opI32Const), n), opI32LtU, opSelect)
}
