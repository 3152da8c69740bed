package lib

import (
	"slices"
	"strings"
)

// A group is a subject, as the product's documentation divides the functions.
type group struct {
	name      string
	title     string
	functions []*Function
}

// groups hold every function once, by the subject it belongs to first.
var groups = []group{
	{"text", "Texts", slices.Concat(textTests, textParts, textShapes, textRemovals, textReplacements, textForms)},
	{"number", "Numbers", slices.Concat(numbers, roundings, curves, conversions)},
	{"statistics", "Statistics", statistics},
	{"date", "Dates and times", slices.Concat(dateForms, dateParts, dateSteps, dateSpans, dateWorks)},
	{"list", "Lists", slices.Concat(containers, lists, listsWhole)},
	{"map", "Maps and JSON", maps},
	{"collection", "Collections", collections},
	{"file", "Files", slices.Concat(files, archives, documents)},
	{"encoding", "Encoding", encodings},
	{"encryption", "Hashes and encryption", slices.Concat(digests, ciphers)},
	{"xml", "XML", xmls},
	{"common", "Any value", commons},
	{"web", "Web", webs},
}

// alsoIn are further groups of functions that serve several types of receiver.
var alsoIn = map[string][]string{
	"contains": {"text", "collection"}, "notContains": {"text", "collection"}, "indexOf": {"text"}, "lastIndexOf": {"text"},
	"remove": {"text", "map"}, "get": {"map", "collection"}, "getJSON": {"map"}, "size": {"map", "collection"}, "clear": {"map", "collection"},
	"getAll": {"map"}, "sort": {"collection"}, "distinct": {"collection"}, "intersect": {"collection"},
	"containKey": {"collection"}, "containValue": {"collection"}, "keys": {"collection"}, "values": {"collection"},
	"toString": {"date", "list", "map"}, "isEmpty": {"list", "map", "collection"}, "equals": {"common"}, "text": {"number", "date"},
	"hexToText": {"text"}, "textToHex": {"text"}, "htmlEncode": {"text"}, "toList": {"list"},
	"toWords": {"number"}, "getUrl": {"common"}, "postUrl": {"common"}, "openUrl": {"common"},
}

// table holds every function in the order of the groups. It is built once and
// never changed.
var table = grouped()

func grouped() []*Function {
	var all []*Function
	for _, g := range groups {
		for _, f := range g.functions {
			f.Groups = append([]string{g.name}, alsoIn[f.Names[0]]...)
		}
		all = append(all, g.functions...)
	}
	return all
}

var byName = index(table)

func index(functions []*Function) map[string]*Function {
	m := make(map[string]*Function)
	for _, f := range functions {
		for _, n := range f.Names {
			m[strings.ToLower(n)] = f
		}
	}
	return m
}

// Lookup returns the function of that name, in any letter case.
func Lookup(name string) (*Function, bool) {
	if f, ok := byName[name]; ok {
		return f, true
	}
	f, ok := byName[strings.ToLower(name)]
	return f, ok
}

// All returns every function in the order of the table.
func All() []*Function { return slices.Clone(table) }

// Groups returns the names of the subjects, in order.
func Groups() []string {
	var list []string
	for _, g := range groups {
		list = append(list, g.name)
	}
	return list
}
