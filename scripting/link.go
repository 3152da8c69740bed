package scripting

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"sync"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/compiler"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/vm"
)

// A code is one expression. It is linked when it is run for the first time: to
// check a script costs no bytecode. Its variables are the slots of a frame, and
// its constants hold refs that every machine replaces by functions of its own.
type code struct {
	node  ast.Node // until it is linked
	slots []int

	once    sync.Once
	err     error
	program *vm.Program
	refs    []int // places of refs in the constants
}

// A ref is a function that an expression calls. Bind makes it for one machine:
// so it needs no global state, and no argument for it.
type ref struct {
	bind func(*machine) any
}

// The types of functions that expr's machine calls without an argument slice,
// and the one that takes any number.
var (
	typeOf0     = reflect.TypeFor[func() any]()
	typeOf1     = reflect.TypeFor[func(any) any]()
	typeOf1Bool = reflect.TypeFor[func(any) bool]()
	typeOf2     = reflect.TypeFor[func(any, any) any]()
	typeOf2Bool = reflect.TypeFor[func(any, any) bool]()
	typeOfMany  = reflect.TypeFor[func(...any) any]()
	typeOfBool  = reflect.TypeFor[bool]()
)

// slotName is how an expression names a slot.
func slotName(slot int) string { return "v" + strconv.Itoa(slot) }

// link compiles the tree, whose identifiers are slots. The tree is wrapped in a
// declaration of each, so that the compiler makes them variables; the
// declarations are then jumped over and the variables renumbered.
func (c *code) link() error {
	node, slots := c.node, c.slots
	c.node = nil
	for i := len(slots) - 1; i >= 0; i-- {
		node = &ast.VariableDeclaratorNode{Name: slotName(slots[i]), Value: &ast.NilNode{}, Expr: node}
	}
	program, err := compiler.Compile(&parser.Tree{Node: node, Source: file.NewSource("")}, newConfig())
	if err != nil {
		return err
	}
	prologue := 2 * len(slots) // OpNil, OpStore for each
	for ip := prologue; ip < len(program.Bytecode); ip++ {
		if program.Bytecode[ip] == vm.OpLoadVar {
			program.Arguments[ip] = slots[program.Arguments[ip]]
		}
	}
	if prologue > 0 {
		program.Bytecode[0], program.Arguments[0] = vm.OpJump, prologue-1
	}
	c.program = program
	for i, constant := range program.Constants {
		if _, ok := constant.(*ref); ok {
			c.refs = append(c.refs, i)
		}
	}
	return nil
}

// newConfig is expr's configuration for one compilation: none of its own
// functions, and no optimizer, which takes 1 && true for 1. It holds a cache and
// is used by one goroutine.
func newConfig() *conf.Config {
	return &conf.Config{MaxNodes: conf.DefaultMaxNodes, ShortCircuit: true}
}

// bind makes the expression's program for one machine.
func (c *code) bind(m *machine) (*vm.Program, error) {
	c.once.Do(func() { c.err = c.link() })
	if c.err != nil || len(c.refs) == 0 {
		return c.program, c.err
	}
	p := *c.program
	p.Constants = slices.Clone(c.program.Constants)
	for _, i := range c.refs {
		p.Constants[i] = p.Constants[i].(*ref).bind(m)
	}
	return &p, nil
}

// selfTest compiles one expression and compares the opcodes with those that
// link counts on: another version of expr must not be taken on trust.
var selfTest = sync.OnceValue(func() error {
	call := &ast.CallNode{Callee: constant(&ref{}, typeOf2), Arguments: []ast.Node{slotNode(5), slotNode(3)}}
	c := &code{node: call, slots: []int{3, 5}}
	if err := c.link(); err != nil {
		return err
	}
	want := []vm.Opcode{vm.OpJump, vm.OpStore, vm.OpNil, vm.OpStore, vm.OpLoadVar, vm.OpLoadVar, vm.OpPush, vm.OpCallTyped}
	if !slices.Equal(c.program.Bytecode, want) || c.program.Arguments[0] != 3 ||
		c.program.Arguments[4] != 5 || c.program.Arguments[5] != 3 || len(c.refs) != 1 {
		return fmt.Errorf("this version of expr compiles to other bytecode than the engine knows")
	}
	return nil
})

// constant is a constant node of a type.
func constant(v any, t reflect.Type) *ast.ConstantNode {
	n := &ast.ConstantNode{Value: v}
	if t != nil {
		n.SetType(t)
	}
	return n
}

func slotNode(slot int) *ast.IdentifierNode { return &ast.IdentifierNode{Value: slotName(slot)} }
