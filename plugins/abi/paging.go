package abi

import (
	"cmp"
	"slices"
)

// FirstNumber is First or its default.
func (p Paging) FirstNumber() int {
	if p.First == nil {
		return 1
	}
	return *p.First
}

// Most is Max or its default.
func (p Paging) Most() int { return cmp.Or(p.Max, 1000) }

// Paging is how the pages of an action follow each other; with an empty one,
// those of any other call.
func (m Manifest) Paging(a Action) Paging {
	switch {
	case a.Page != nil:
		return *a.Page
	case m.Page != nil:
		return *m.Page
	}
	return Paging{Next: headerPrefix + "Link"}
}

func (c *checker) paging(at string, p *Paging) {
	if p == nil {
		return
	}
	ways := slices.DeleteFunc([]string{p.Next, p.Cursor, p.Last, p.Offset, p.Number}, func(s string) bool { return s == "" })
	if len(ways) != 1 {
		c.fault("M621", at, "write for example: {next: /links/next}", `%s needs one of "next", "cursor", "last", "offset" and "number"`, last(at))
		return
	}
	marked := p.Cursor != "" || p.Last != ""
	if marked && p.Parameter == "" {
		c.fault("M622", at, "write for example: parameter: cursor", `%q needs "parameter": what it is sent as`, map[bool]string{true: "cursor", false: "last"}[p.Cursor != ""])
	}
	if p.Limit != "" && p.Size == 0 {
		c.fault("M622", KeyPath(at, "limit"), "write for example: size: 100", `"limit" needs "size": how many items a page may hold`)
	}
	for _, k := range []struct {
		key   string
		given bool
		with  string
		there bool
	}{
		{"parameter", p.Parameter != "", `"cursor" or "last"`, marked},
		{"first", p.First != nil, `"number"`, p.Number != ""},
	} {
		if k.given && !k.there {
			c.fault("M622", KeyPath(at, k.key), "leave it out", "%q means nothing without %s", k.key, k.with)
		}
	}
}
