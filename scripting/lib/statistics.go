package lib

import (
	"math/bits"
	"slices"
	"strings"

	"github.com/connhost/connhost/scripting/value"
	"github.com/shopspring/decimal"
)

// statistics ask something about a list or collection of numbers. Texts that
// are numbers count as such.
var statistics = []*Function{
	def(Function{
		Names: names("average"), Receiver: "list|collection", Returns: "decimal",
		Semantics: "The sum of the numbers divided by how many there are.",
		Examples:  examples(Example{Expr: `{1,5,2,3}.average()`, Args: `[[1,5,2,3]]`, Want: "2.75"}, Example{Expr: `{}.average()`, Args: `[[]]`, Want: "error: average needs one number at least"}),
	}, func(c call) any {
		list := c.figures()
		sum := decimal.Zero
		for _, d := range list {
			c.budget().Tick(1)
			sum = asDecimal(value.Add(c.budget(), sum, d))
		}
		return pointed(value.Quotient(sum, decimal.NewFromInt(int64(len(list)))))
	}),
	def(Function{
		Names: names("median"), Receiver: "list|collection", Returns: "decimal",
		Semantics: "The number in the middle when they are sorted; the average of both when two are.",
		Examples:  examples(Example{Expr: `{1,5,2,3}.median()`, Args: `[[1,5,2,3]]`, Want: "2.5"}, Example{Expr: `{1,5,2}.median()`, Args: `[[1,5,2]]`, Want: "2.0"}),
	}, func(c call) any {
		list := c.ranked()
		low, high := list[(len(list)-1)/2], list[len(list)/2]
		return pointed(value.Quotient(asDecimal(value.Add(c.budget(), low, high)), decimal.NewFromInt(2)))
	}),
	def(Function{
		Names: names("largest"), Receiver: "list|collection", Returns: "number",
		Semantics: "The largest of the numbers.",
		Examples:  examples(Example{Expr: `{1,5,2,3}.largest()`, Args: `[[1,5,2,3]]`, Want: "5"}),
	}, func(c call) any { return numberAsGiven(slices.MaxFunc(c.figures(), decimal.Decimal.Cmp)) }),
	def(Function{
		Names: names("smallest"), Receiver: "list|collection", Returns: "number",
		Semantics: "The smallest of the numbers.",
		Examples:  examples(Example{Expr: `{1,5,2,3}.smallest()`, Args: `[[1,5,2,3]]`, Want: "1"}),
	}, func(c call) any { return numberAsGiven(slices.MinFunc(c.figures(), decimal.Decimal.Cmp)) }),
	def(Function{
		Names: names("nthLargest"), Receiver: "list|collection", Params: params("n number"), Returns: "number",
		Semantics: "The n-th largest of the numbers, counted from 1.",
		Examples:  examples(Example{Expr: `{300,455,124,926,780}.nthLargest(5)`, Args: `[[300,455,124,926,780],5]`, Want: "124"}, Example{Expr: `{1,2}.nthLargest(3)`, Args: `[[1,2],3]`, Want: "error: there is no number 3 among 2"}),
	}, func(c call) any { return c.nth(func(n, count int) int { return count - n }) }),
	def(Function{
		Names: names("nthSmallest"), Receiver: "list|collection", Params: params("n number"), Returns: "number",
		Semantics: "The n-th smallest of the numbers, counted from 1.",
		Examples:  examples(Example{Expr: `{300,455,124,926,780}.nthSmallest(2)`, Args: `[[300,455,124,926,780],2]`, Want: "300"}),
	}, func(c call) any { return c.nth(func(n, _ int) int { return n - 1 }) }),
	def(Function{
		Names: names("percentile"), Receiver: "list|collection", Params: params("percent number"), Returns: "number",
		Semantics: "The number below or at which percent of them lie: the one at place percent * count / 100, rounded up, when they are sorted. Percent is above 0 and at most 100.",
		Examples: examples(Example{Expr: `{300,455,124,926,780}.percentile(50)`, Args: `[[300,455,124,926,780],50]`, Want: "455"},
			Example{Expr: `{1,2}.percentile(0)`, Args: `[[1,2],0]`, Want: "error: a percentile is above 0 and at most 100, not 0"}),
	}, percentile),
	def(Function{
		Names: names("rank"), Receiver: "list|collection", Params: params("number number", "order text?"), Returns: "number",
		Semantics: "The place of a number when they are sorted downwards, or upwards with asc, counted from 1.",
		Examples: examples(Example{Expr: `{300,455,124,926,780}.rank(300)`, Args: `[[300,455,124,926,780],300]`, Want: "4"},
			Example{Expr: `{120.12,65,300.46,600.25,80.5}.rank(80.5, "asc")`, Args: `[[120.12,65,300.46,600.25,80.5],80.5,"asc"]`, Want: "2"},
			Example{Expr: `{1,2}.rank(3)`, Args: `[[1,2],3]`, Want: "error: List contains invalid(TEXT) entries hence '3' can not be cast to 'valid list and perform desired operations'"}),
	}, rank),
}

// figures returns the numbers of the receiver, of which there must be one.
func (c call) figures() []decimal.Decimal {
	items := c.items(0)
	if len(items) == 0 {
		value.Throw("%s needs one number at least", c.fn.Names[0])
	}
	c.budget().Tick(len(items))
	c.budget().AllocTimes(len(items), 16)
	list := make([]decimal.Decimal, len(items))
	for i, v := range items {
		if s, ok := v.(string); ok {
			n, err := value.ParseNumber(strings.TrimSpace(s))
			if err != nil {
				invalidEntry(s)
			}
			v = n
		}
		switch n := v.(type) {
		case int64:
			list[i] = decimal.NewFromInt(n)
		case decimal.Decimal:
			list[i] = n
		default:
			value.Throw("%s works on numbers, and the list contains a %s", c.fn.Names[0], value.TypeName(v))
		}
	}
	return list
}

// invalidEntry ends a call for a value that cannot be counted, in the product's
// own words, which it also has for a number that is to be ranked and not there.
func invalidEntry(s string) {
	value.Throw("List contains invalid(TEXT) entries hence '%s' can not be cast to 'valid list and perform desired operations'", value.Clip(s))
}

// ranked returns the numbers of the receiver from small to large.
func (c call) ranked() []decimal.Decimal {
	list := c.figures()
	c.budget().Tick(len(list) * bits.Len(uint(len(list))))
	slices.SortFunc(list, decimal.Decimal.Cmp)
	return list
}

// numberAsGiven returns a decimal without a point as the number it came from.
func numberAsGiven(d decimal.Decimal) any {
	if d.Exponent() >= 0 {
		return numberIfWhole(d)
	}
	return d
}

func (c call) nth(place func(n, count int) int) any {
	list, n := c.ranked(), c.whole(1)
	if n < 1 || n > int64(len(list)) {
		value.Throw("there is no number %d among %d", n, len(list))
	}
	return numberAsGiven(list[place(int(n), len(list))])
}

func percentile(c call) any {
	list, percent := c.ranked(), c.decimal(1)
	hundred := decimal.NewFromInt(100)
	if percent.Sign() <= 0 || percent.Cmp(hundred) > 0 {
		value.Throw("a percentile is above 0 and at most 100, not %s", value.Plain(percent))
	}
	place := percent.Mul(decimal.NewFromInt(int64(len(list)))).Div(hundred).Ceil().IntPart()
	return numberAsGiven(list[place-1])
}

func rank(c call) any {
	list, want := c.ranked(), c.decimal(1)
	ascending := false
	if c.has(2) {
		switch strings.ToLower(c.text(2)) {
		case "asc":
			ascending = true
		case "desc":
		default:
			value.Throw("the order of rank is asc or desc, not %q", value.Clip(c.text(2)))
		}
	}
	at, found := slices.BinarySearchFunc(list, want, decimal.Decimal.Cmp)
	if !found {
		invalidEntry(value.Plain(want))
	}
	if ascending {
		return int64(at + 1)
	}
	for at+1 < len(list) && list[at+1].Equal(want) {
		at++
		c.budget().Tick(1)
	}
	return int64(len(list) - at)
}

// items returns the elements of argument i, a list or a collection; of a
// key-value collection its values. They are to be read only.
func (c call) items(i int) []any {
	switch v := c.arg(i).(type) {
	case *value.List:
		return v.Items()
	case *value.Collection:
		if v.Keyed() {
			return c.valuesOf(v.Map()).Items()
		}
		if v.Len() > 0 {
			return v.List().Items()
		}
	}
	return nil
}

// valuesOf returns the values of m as a new list.
func (c call) valuesOf(m *value.Map) *value.List {
	l := value.MakeList(c.budget(), m.Len())
	for _, v := range m.All() {
		c.budget().Tick(1)
		l.Replace(append(l.Items(), v))
	}
	return l
}

// keysOf returns the keys of m as a new list.
func (c call) keysOf(m *value.Map) *value.List {
	l := value.MakeList(c.budget(), m.Len())
	for k := range m.All() {
		c.budget().Tick(1)
		l.Replace(append(l.Items(), k))
	}
	return l
}
