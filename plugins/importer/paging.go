package importer

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/connhost/connhost/plugins/abi"
)

var (
	nextURL    = regexp.MustCompile(`(?i)^(@odata\.nextlink|odata\.nextlink|next_?link|next_?(page_?)?ur[il]|next_?href|next_?page_?link|href)$`)
	nextName   = regexp.MustCompile(`(?i)^next$`)
	cursorName = regexp.MustCompile(`(?i)^(next_?cursor|next_?page_?token|next_?token|end_?cursor|next_?page_?cursor|cursor|next_?page_?id|continuation_?token|next_?marker|next_?offset_?token|bookmark|after|scroll_?id|next_?start_?key)$`)

	cursorParam = regexp.MustCompile(`(?i)^(cursor|page_?token|next_?token|next_?page_?token|next_?cursor|start_?cursor|starting_?after|after|continuation_?token|continuation|marker|bookmark|page\[(after|cursor)\]|page_?cursor|scroll_?id|start_?key|next|next_?page)$`)
	lastParam   = regexp.MustCompile(`^starting_after$`)
	pageParam   = regexp.MustCompile(`(?i)^(page|page_?num|page_?number|page_?no|page_?index|current_?page|page\[number\]|p)$`)
	offsetParam = regexp.MustCompile(`(?i)^(offset|skip|\$skip|start|start_?at|start_?index|from|page\[offset\]|first_?result)$`)
	limitParam  = regexp.MustCompile(`(?i)^(limit|per_?page|page_?size|max_?results?|count|size|\$top|top|take|page\[(size|limit)\]|results_?per_?page|num_?results?|max_?page_?size)$`)
)

// pagingOf recognizes how the pages of an operation follow each other, nil where
// it does not. The header Link needs no saying.
func pagingOf(o operation) *abi.Paging {
	if o.Method != "" || o.linked {
		return nil
	}
	answer := o.answer()
	if len(answer.members) == 0 && answer.kind != "array" {
		return nil
	}
	items := itemsOf(answer)
	if items == "" && answer.kind != "array" {
		return nil
	}
	if cursor := queryName(o, cursorParam); cursor != "" {
		if at := cursorAt(answer); at != "" {
			return &abi.Paging{Cursor: at, Parameter: cursor}
		}
	}
	if at := nextAt(answer); at != "" {
		return &abi.Paging{Next: at}
	}
	if name := queryName(o, lastParam); name != "" && items != "" {
		if more := lookup(answer, 0, func(name string, inner shape) bool { return name == "has_more" && inner.kind == "boolean" }); len(more) > 0 {
			return &abi.Paging{Last: "/id", Parameter: name, Items: items, More: more[0].pointer}
		}
	}
	if name := queryName(o, pageParam); name != "" && queryKind(o, name) != "" {
		p := &abi.Paging{Number: name, Items: items}
		if o.fromZero {
			p.First = new(int)
		}
		return p
	}
	if name := queryName(o, offsetParam); name != "" && queryKind(o, name) == abi.KindNumber {
		return &abi.Paging{Offset: name, Items: items}
	}
	return nil
}

// queryName is the query parameter with a name of that form, if there is one
// whose value the caller chooses.
func queryName(o operation, form *regexp.Regexp) string {
	for _, p := range o.Parameters {
		for name, template := range o.Query {
			if template == "{"+p.Key+"}" && form.MatchString(name) {
				return name
			}
		}
	}
	return ""
}

// dropQuery takes a cursor out of what callers give: it is the pager's.
func (o *operation) dropQuery(name string) {
	template := o.Query[name]
	o.Query = maps.Clone(o.Query)
	delete(o.Query, name)
	o.Parameters = slices.DeleteFunc(slices.Clone(o.Parameters), func(p abi.Parameter) bool { return template == "{"+p.Key+"}" })
}

func queryKind(o operation, name string) string {
	for _, p := range o.Parameters {
		if o.Query[name] == "{"+p.Key+"}" {
			return p.Kind
		}
	}
	return ""
}

// itemsOf points at the list of an answer: its only one, or the one with a
// usual name.
func itemsOf(s shape) string {
	lists := lookup(s, 1, func(_ string, inner shape) bool { return inner.kind == "array" })
	top := lookup(s, 0, func(_ string, inner shape) bool { return inner.kind == "array" })
	usual := slices.IndexFunc(lists, func(f found) bool {
		return slices.Contains([]string{"data", "items", "results", "value", "values", "records", "entries", "list", "elements", "rows", "objects"}, strings.ToLower(lastName(f.pointer)))
	})
	switch {
	case len(top) == 1:
		return top[0].pointer
	case usual >= 0:
		return lists[usual].pointer
	case len(lists) == 1:
		return lists[0].pointer
	}
	return ""
}

func scalarText(s shape) bool { return s.kind == "string" || s.kind == "" || s.kind == "number" }

func cursorAt(s shape) string {
	list := lookup(s, 2, func(name string, inner shape) bool {
		return scalarText(inner) && (cursorName.MatchString(name) || nextName.MatchString(name) && inner.format != "uri")
	})
	list = slices.DeleteFunc(list, func(f found) bool { return !aboutPages(f.pointer) })
	if i := slices.IndexFunc(list, func(f found) bool { return cursorName.MatchString(lastName(f.pointer)) }); i >= 0 {
		return list[i].pointer
	}
	if len(list) > 0 {
		return list[0].pointer
	}
	return ""
}

var speaksOfURL = regexp.MustCompile(`(?i)\b(url|uri|link|href)s?\b`)

func nextAt(s shape) string {
	list := lookup(s, 2, func(name string, inner shape) bool {
		return inner.kind == "string" && (nextURL.MatchString(name) || nextName.MatchString(name) && (inner.format == "uri" || inner.format == "url" || speaksOfURL.MatchString(inner.help)))
	})
	for _, f := range list {
		if last := lastName(f.pointer); aboutPages(f.pointer) && (!strings.EqualFold(last, "href") || strings.HasSuffix(strings.ToLower(f.pointer), "/next/href")) {
			return f.pointer
		}
	}
	for _, f := range lookup(s, 2, func(name string, inner shape) bool { return nextName.MatchString(name) && inner.kind == "string" }) {
		if aboutPages(f.pointer) && strings.Contains(strings.ToLower(f.pointer), "links/") {
			return f.pointer
		}
	}
	return ""
}

func lastName(pointer string) string { return pointer[strings.LastIndexByte(pointer, '/')+1:] }

var pageObject = regexp.MustCompile(`(?i)^(_?links?|next|paging|pagination|pager|page|page_?info|meta|_?metadata|response_?metadata|cursors?|result_?info|info)$`)

// aboutPages says whether a pointer leads through nothing but objects that tell
// of pages, and not into an item that has pages of its own.
func aboutPages(pointer string) bool {
	names := strings.Split(strings.TrimPrefix(pointer, "/"), "/")
	return !slices.ContainsFunc(names[:len(names)-1], func(name string) bool { return !pageObject.MatchString(name) })
}
