package scripting

import (
	"github.com/connhost/connhost/scripting/syntax"
	"github.com/connhost/connhost/scripting/value"
)

// IsPage says whether the script is an HTML page with scripts in it, whose
// output is the page.
func (p *Program) IsPage() bool { return p.page }

// write compiles what a page writes: its text, and values in it, as they are
// printed. Values are not escaped: pages put HTML together from them.
func (c *builder) write(st syntax.Stmt) exec {
	switch n := st.(type) {
	case *syntax.Markup:
		text := n.Text
		return func(f *frame) flow {
			f.m.budget.Tick(1 + len(text)/256)
			f.m.write(text)
			return next
		}
	case *syntax.Output:
		expr := c.expr(n.Value)
		return func(f *frame) flow {
			v, ok := f.eval(expr)
			if !ok {
				return failed
			}
			if v = value.Resolve(v); v != nil {
				f.m.write(value.Text(f.m.budget, v))
			}
			return next
		}
	}
	return nil
}

func (m *machine) write(text string) {
	m.budget.Alloc(len(text))
	if m.Page != nil {
		m.Page(text)
	}
}
