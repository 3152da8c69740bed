package scripting_test

import (
	"strings"
	"testing"

	"github.com/connhost/connhost/scripting"
)

// The workloads of engine.md's table, in the language itself.
var workloads = map[string]string{
	"loop":    `s = 0; i = 0; while (i < 1000000) { i = i + 1; s = s + i % 7; } return s;`,
	"maps":    `m = Map(); i = 0; while (i < 10000) { m.put("k" + i, i); i = i + 1; } s = 0; for each k in m.keys() { s = s + m.get(k); } return s;`,
	"strings": `s = ""; i = 0; while (i < 5000) { s = s + "item " + i + "; "; i = i + 1; } return s.length();`,
	"fib":     `int fib(int n) { if (n < 2) { return n; } return fib(n - 1) + fib(n - 2); } return fib(22);`,
	"flow":    flow,
}

const flow = `
map order(map item, int quantity)
{
	price = item.get("price");
	total = price * quantity;
	if (quantity > 10)
	{
		total = total * 0.9;
	}
	return {"item": item.get("name"), "quantity": quantity, "total": total};
}

items = {{"name": "Teapot", "price": 18.50}, {"name": "Cup", "price": 4.25}, {"name": "Kettle", "price": 64.00}};
orders = List();
sum = 0;
for each item in items
{
	quantity = 5;
	if (item.get("name").startsWith("C"))
	{
		quantity = 12;
	}
	try
	{
		placed = order(item, quantity);
		orders.add(placed);
		sum = sum + placed.get("total");
	}
	catch (e)
	{
		info e.message;
	}
}
return {"orders": orders, "sum": sum}.toString();
`

func BenchmarkRun(b *testing.B) {
	for name, text := range workloads {
		b.Run(name, func(b *testing.B) {
			p := compile(b, text, scripting.Limits{Steps: 1 << 40, Memory: 1 << 32})
			for b.Loop() {
				if _, err := p.Run(b.Context(), scripting.Env{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkCold compiles a 30-line flow and runs it once.
func BenchmarkCold(b *testing.B) {
	for b.Loop() {
		p, _ := scripting.Compile(scripting.Source{Name: "flow.dg", Text: flow}, scripting.Options{})
		if _, err := p.Run(b.Context(), scripting.Env{}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCheck parses and checks a long script and reports lines a second.
func BenchmarkCheck(b *testing.B) {
	const lines = 5000
	text := strings.Repeat("x = \"a\" + 1; y = {1, 2, 3}; if (x == null) { info y.size(); }\n", lines)
	src := scripting.Source{Name: "long.dg", Text: text}
	for b.Loop() {
		if p, found := scripting.Compile(src, scripting.Options{Limits: scripting.Limits{Source: 1 << 24}}); p == nil {
			b.Fatal(found)
		}
	}
	b.ReportMetric(float64(lines*b.N)/b.Elapsed().Seconds(), "lines/s")
}
