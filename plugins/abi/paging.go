package abi

import (
	"cmp"
	"slices"
)

// FirstNumber is First or its default.
func (p Paging) FirstNumber() int { return cmp.Or(p.First, 1) }

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
	ways := slices.DeleteFunc([]string{p.Next, p.Cursor, p.Offset, p.Number}, func(s string) bool { return s == "" })
	if len(ways) != 1 {
		c.fault("M621", at, "write for example: {next: /links/next}", `%s needs one of "next", "cursor", "offset" and "number"`, last(at))
		return
	}
	if p.Cursor != "" && p.Parameter == "" {
		c.fault("M622", at, "write for example: parameter: cursor", `"cursor" needs "parameter": what it is sent as`)
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
		{"parameter", p.Parameter != "", "cursor", p.Cursor != ""},
		{"first", p.First != 0, "number", p.Number != ""},
	} {
		if k.given && !k.there {
			c.fault("M622", KeyPath(at, k.key), "leave it out", "%q means nothing without %q", k.key, k.with)
		}
	}
}
