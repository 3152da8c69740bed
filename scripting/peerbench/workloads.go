package main

import (
	"fmt"
	"strings"
)

// A workload is the same program in every language, with what it gives. A
// language that lacks a part of it, such as JSON in plain Lua, has no script.
type workload struct {
	name    string
	input   string
	want    string
	scripts map[string]string // by the engine's name
}

// workloads are those of the table in README.
func workloads() []workload {
	return []workload{loop, maps, texts, fib, jsonText(4000), flow}
}

var loop = workload{"loop", "", "2999998", map[string]string{
	"connhost": `s = 0; i = 0;
while (i < 1000000) { i = i + 1; s = s + i % 7; }
return s;`,
	"goja": `function run() { let s = 0, i = 0;
while (i < 1000000) { i = i + 1; s = s + i % 7; }
return s; }`,
	"starlark-go": `def run():
    s = 0
    i = 0
    while i < 1000000:
        i = i + 1
        s = s + i % 7
    return s`,
	"gopher-lua": `function run() local s, i = 0, 0
while i < 1000000 do i = i + 1; s = s + i % 7 end
return s end`,
	"tengo": `run := func() { s := 0; i := 0
for i < 1000000 { i = i + 1; s = s + i % 7 }
return s }
out = string(run())`,
}}

var maps = workload{"10k maps", "", "49995000", map[string]string{
	"connhost": `m = Map(); i = 0;
while (i < 10000) { m.put("k" + i, i); i = i + 1; }
s = 0;
for each k in m.keys() { s = s + m.get(k); }
return s;`,
	"goja": `function run() { const m = new Map(); let i = 0;
while (i < 10000) { m.set("k" + i, i); i = i + 1; }
let s = 0;
for (const k of m.keys()) { s = s + m.get(k); }
return s; }`,
	"starlark-go": `def run():
    m = {}
    i = 0
    while i < 10000:
        m["k" + str(i)] = i
        i = i + 1
    s = 0
    for k in m.keys():
        s = s + m[k]
    return s`,
	"gopher-lua": `function run() local m, i = {}, 0
while i < 10000 do m["k" .. i] = i; i = i + 1 end
local s = 0
for k in pairs(m) do s = s + m[k] end
return s end`,
	"tengo": `run := func() { m := {}; i := 0
for i < 10000 { m["k" + i] = i; i = i + 1 }
s := 0
for k, _ in m { s = s + m[k] }
return s }
out = string(run())`,
}}

var texts = workload{"texts", "", "53890", map[string]string{
	"connhost": `s = ""; i = 0;
while (i < 5000) { s = s + "item " + i + "; "; i = i + 1; }
return s.length();`,
	"goja": `function run() { let s = "", i = 0;
while (i < 5000) { s = s + "item " + i + "; "; i = i + 1; }
return s.length; }`,
	"starlark-go": `def run():
    s = ""
    i = 0
    while i < 5000:
        s = s + "item " + str(i) + "; "
        i = i + 1
    return len(s)`,
	"gopher-lua": `function run() local s, i = "", 0
while i < 5000 do s = s .. "item " .. i .. "; "; i = i + 1 end
return #s end`,
	"tengo": `run := func() { s := ""; i := 0
for i < 5000 { s = s + "item " + i + "; "; i = i + 1 }
return len(s) }
out = string(run())`,
}}

var fib = workload{"fib(22)", "", "17711", map[string]string{
	"connhost": `int fib(int n) { if (n < 2) { return n; } return fib(n - 1) + fib(n - 2); }
return fib(22);`,
	"goja": `function fib(n) { if (n < 2) { return n; } return fib(n - 1) + fib(n - 2); }
function run() { return fib(22); }`,
	"starlark-go": `def fib(n):
    if n < 2:
        return n
    return fib(n - 1) + fib(n - 2)
def run():
    return fib(22)`,
	"gopher-lua": `function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end
function run() return fib(22) end`,
	"tengo": `fib := func(n) { if n < 2 { return n }; return fib(n - 1) + fib(n - 2) }
out = string(fib(22))`,
}}

// jsonText reads a text of n objects, about 1 MB for 4,000, adds up a field and
// writes it again.
func jsonText(n int) workload {
	var b strings.Builder
	b.WriteString(`{"items":[`)
	sum := 0
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"id":%d,"name":"item number %d","note":"%s","tags":["red","green","blue"],"stock":{"count":%d,"place":"shelf %d"}}`,
			i, i, strings.Repeat("lorem ipsum ", 10), i%13, i%97)
		sum += i % 13
	}
	b.WriteString(`]}`)
	size := b.Len()
	return workload{"JSON 1 MB", b.String(), fmt.Sprintf("%d %d", sum, size), map[string]string{
		"connhost": `data = text.toMap(); s = 0;
for each item in data.get("items") { s = s + item.get("stock").get("count"); }
return s + " " + data.toString().length();`,
		"goja": `function run() { const data = JSON.parse(text); let s = 0;
for (const item of data.items) { s = s + item.stock.count; }
return s + " " + JSON.stringify(data).length; }`,
		"starlark-go": `def run():
    data = json.decode(text)
    s = 0
    for item in data["items"]:
        s = s + item["stock"]["count"]
    return str(s) + " " + str(len(json.encode(data)))`,
		"tengo": `json := import("json")
run := func() { data := json.decode(input); s := 0
for item in data.items { s = s + item.stock.count }
return string(s) + " " + string(len(json.encode(data))) }
out = string(run())`,
	}}
}

var flow = workload{"30-line flow", "", "3 427.5", map[string]string{
	"connhost": `map order(map item, int quantity)
{
	total = item.get("price") * quantity;
	if (quantity > 10)
	{
		total = total * 0.5;
	}
	return {"item": item.get("name"), "quantity": quantity, "total": total};
}
items = {{"name": "Teapot", "price": 18.5}, {"name": "Cup", "price": 2.5}, {"name": "Kettle", "price": 64}};
orders = List();
sum = 0;
for each item in items
{
	quantity = 5;
	if (item.get("name").startsWith("C"))
	{
		quantity = 12;
	}
	placed = order(item, quantity);
	orders.add(placed);
	sum = sum + placed.get("total");
}
return orders.size() + " " + sum;`,
	"goja": `function order(item, quantity)
{
	let total = item.price * quantity;
	if (quantity > 10)
	{
		total = total * 0.5;
	}
	return {item: item.name, quantity: quantity, total: total};
}
function run()
{
	const items = [{name: "Teapot", price: 18.5}, {name: "Cup", price: 2.5}, {name: "Kettle", price: 64}];
	const orders = [];
	let sum = 0;
	for (const item of items)
	{
		let quantity = 5;
		if (item.name.startsWith("C"))
		{
			quantity = 12;
		}
		const placed = order(item, quantity);
		orders.push(placed);
		sum = sum + placed.total;
	}
	return orders.length + " " + sum;
}`,
	"starlark-go": `def order(item, quantity):
    total = item["price"] * quantity
    if quantity > 10:
        total = total * 0.5
    return {"item": item["name"], "quantity": quantity, "total": total}

def run():
    items = [{"name": "Teapot", "price": 18.5}, {"name": "Cup", "price": 2.5}, {"name": "Kettle", "price": 64}]
    orders = []
    sum = 0
    for item in items:
        quantity = 5
        if item["name"].startswith("C"):
            quantity = 12
        placed = order(item, quantity)
        orders.append(placed)
        sum = sum + placed["total"]
    return str(len(orders)) + " " + str(sum)`,
	"gopher-lua": `function order(item, quantity)
	local total = item.price * quantity
	if quantity > 10 then
		total = total * 0.5
	end
	return {item = item.name, quantity = quantity, total = total}
end
function run()
	local items = {{name = "Teapot", price = 18.5}, {name = "Cup", price = 2.5}, {name = "Kettle", price = 64}}
	local orders = {}
	local sum = 0
	for _, item in ipairs(items) do
		local quantity = 5
		if string.sub(item.name, 1, 1) == "C" then
			quantity = 12
		end
		local placed = order(item, quantity)
		table.insert(orders, placed)
		sum = sum + placed.total
	end
	return #orders .. " " .. sum
end`,
	"tengo": `text := import("text")
order := func(item, quantity) {
	total := item.price * quantity
	if quantity > 10 {
		total = total * 0.5
	}
	return {item: item.name, quantity: quantity, total: total}
}
run := func() {
	items := [{name: "Teapot", price: 18.5}, {name: "Cup", price: 2.5}, {name: "Kettle", price: 64}]
	orders := []
	sum := 0.0
	for item in items {
		quantity := 5
		if text.has_prefix(item.name, "C") {
			quantity = 12
		}
		placed := order(item, quantity)
		orders = append(orders, placed)
		sum = sum + placed.total
	}
	return string(len(orders)) + " " + string(sum)
}
out = string(run())`,
}}
