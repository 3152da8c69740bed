package scripting_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// A generator writes programs that compile: every name that it reads is
// assigned somewhere, every loop ends, every function gets its arguments.
type generator struct {
	*rand.Rand
	b      strings.Builder
	vars   []string
	loops  int
	deep   int
	indent int
	calls  bool // whether there is a function to call
}

var someVars = []string{"a", "b", "c", "l", "m", "s"}

// randomProgram writes one program.
func randomProgram(r *rand.Rand) string {
	g := &generator{Rand: r, vars: someVars, calls: true}
	for _, v := range someVars[:5] {
		if g.IntN(8) > 0 {
			g.line("%s = %s;", v, g.leaf())
		}
	}
	for range 2 + g.IntN(8) {
		// Most programs would end at their first mistake.
		g.line("try {")
		g.indent++
		g.stmt(3)
		g.indent--
		g.line("} catch (e) { info e; }")
		if g.IntN(4) == 0 {
			g.stmt(2)
		}
	}
	if g.IntN(2) == 0 {
		g.line("return %s;", g.expr(2))
	}
	g.calls = false
	g.vars = []string{"p", "q", "r"}
	g.line("any twice(any p, any q)")
	g.line("{")
	g.indent++
	g.line("r = %s;", g.expr(1))
	for range g.IntN(4) {
		g.stmt(2)
	}
	g.line("return %s;", g.expr(2))
	g.indent--
	g.line("}")
	return g.b.String()
}

func (g *generator) line(format string, args ...any) {
	g.b.WriteString(strings.Repeat("\t", g.indent))
	fmt.Fprintf(&g.b, format, args...)
	g.b.WriteByte('\n')
}

func (g *generator) one(list ...string) string { return list[g.IntN(len(list))] }

func (g *generator) name() string { return g.one(g.vars...) }

func (g *generator) block(depth int) {
	g.indent++
	for range 1 + g.IntN(3) {
		g.stmt(depth)
	}
	g.indent--
}

func (g *generator) stmt(depth int) {
	if depth == 0 {
		g.simple()
		return
	}
	switch g.IntN(10) {
	case 0, 1:
		g.line("if (%s) {", g.condition())
		g.block(depth - 1)
		if g.IntN(2) == 0 {
			g.line("} else if (%s) {", g.condition())
			g.block(depth - 1)
		}
		if g.IntN(2) == 0 {
			g.line("} else {")
			g.block(depth - 1)
		}
		g.line("}")
	case 2:
		g.line("for each %s%s in %s {", g.one("", "index "), g.name(), g.one("{1, 2, 3}", `{"x": 1, "y": 2}`, `"[1,\"z\"]"`, "{}", g.name()))
		g.loops++
		g.block(depth - 1)
		g.loops--
		g.line("}")
	case 3:
		g.line("try {")
		g.block(depth - 1)
		g.line("} catch (%s) {", g.one("e", g.name()))
		g.block(depth - 1)
		g.line("}")
		g.line("e = %s;", g.leaf())
	default:
		if g.IntN(2) == 0 {
			g.line("try {")
			g.indent++
			g.simple()
			g.indent--
			g.line("} catch { info \"caught\"; }")
			return
		}
		g.simple()
	}
}

func (g *generator) simple() {
	switch g.IntN(12) {
	case 0, 1, 2, 3:
		g.line("%s = %s;", g.name(), g.expr(3))
	case 4, 5:
		g.line("info %s;", g.expr(3))
	case 6:
		g.line("%s.put(%s, %s);", g.name(), g.expr(1), g.expr(2))
	case 7:
		g.line("%s.add(%s);", g.name(), g.expr(2))
	case 8:
		g.line("%s += %s;", g.name(), g.expr(2))
	case 9:
		if g.loops > 0 {
			g.line("if (%s) { %s; }", g.condition(), g.one("break", "continue"))
			return
		}
		g.line("if (%s) { throw %s; }", g.condition(), g.expr(1))
	case 10:
		g.line("if (%s) { return %s; }", g.condition(), g.expr(1))
	default:
		g.line("%s;", g.methodOf(g.name(), 2))
	}
}

func (g *generator) condition() string {
	if g.IntN(6) == 0 {
		return g.expr(2)
	}
	return g.expr(1) + " " + g.one("==", "!=", "=", "<", ">", "<=", ">=") + " " + g.expr(1)
}

func (g *generator) leaf() string {
	switch g.IntN(13) {
	case 0, 1, 2:
		return fmt.Sprint(g.IntN(20))
	case 3:
		return g.one("0.5", "2.50", ".1", "9223372036854775807", "100000000000000000000.25")
	case 4, 5:
		return g.one(`"x"`, `""`, `"12"`, `"aXbX"`, `"true"`, `"{\"k\":[1,2]}"`, `"a\nb"`)
	case 6:
		return g.one("true", "false")
	case 7:
		return "null"
	case 8:
		return g.one("{}", "{1, 2}", `{"k": 1}`, `[3, "y"]`, `{{1}, {}}`, "List()", "Map()")
	case 9:
		return g.one("'01-Jan-2026'", "'15-Mar-2026 10:30:00'", "'plain'", "today", "zoho.currenttime")
	}
	return g.name()
}

func (g *generator) expr(depth int) string {
	if depth == 0 {
		return g.leaf()
	}
	x, y := func() string { return g.expr(depth - 1) }, func() string { return g.expr(g.IntN(depth)) }
	switch g.IntN(12) {
	case 0:
		return x() + " + " + y()
	case 1:
		return x() + " + " + y() + " + " + g.leaf()
	case 2:
		return "(" + x() + g.one(" - ", " * ", " / ", " % ") + y() + ")"
	case 3:
		return "(" + x() + g.one(" && ", " || ") + y() + ")"
	case 4:
		return "(" + x() + g.one(" == ", " != ", " < ", " >= ") + y() + ")"
	case 5:
		return "if(" + g.condition() + ", " + x() + ", " + y() + ")"
	case 6:
		return g.one("-", "!") + "(" + x() + ")"
	case 7:
		return "{" + x() + ", " + y() + "}"
	case 8:
		return `{"k": ` + x() + `, ` + g.one(`"n"`, "1", g.name()) + `: ` + y() + `}`
	case 9, 10:
		return g.methodOf("("+x()+")", depth)
	}
	if g.calls {
		return "twice(" + x() + ", " + y() + ")"
	}
	return x()
}

// methodOf calls a built-in function, as a method or as a function.
func (g *generator) methodOf(x string, depth int) string {
	arg := func() string { return g.expr(g.IntN(depth + 1)) }
	switch g.IntN(20) {
	case 0:
		return x + ".size()"
	case 1:
		return x + ".length()"
	case 2:
		return x + ".toString()"
	case 3:
		return x + ".get(" + arg() + ")"
	case 4:
		return x + ".contains(" + arg() + ")"
	case 5:
		return x + ".toUpperCase()"
	case 6:
		return "ifnull(" + x + ", " + arg() + ")"
	case 7:
		return "isNull(" + x + ")"
	case 8:
		return x + ".isEmpty()"
	case 9:
		return x + ".keys()"
	case 10:
		return x + ".subString(" + arg() + ")"
	case 11:
		return x + ".toLong()"
	case 12:
		return x + ".replaceAll(\"X\", " + arg() + ")"
	case 13:
		return x + ".k"
	case 14:
		return x + ".toMap()"
	case 15:
		return x + ".addDay(" + arg() + ")"
	case 16:
		return x + ".round(" + fmt.Sprint(g.IntN(3)) + ")"
	case 17:
		return x + ".indexOf(" + arg() + ")"
	case 18:
		return x + ".abs()"
	}
	return x + ".toList(\",\")"
}
