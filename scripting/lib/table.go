package lib

import (
	"slices"
	"strings"
)

// table holds every function, by subject. It is built once and never changed.
var table = slices.Concat(
	textTests, textParts, textShapes, textRemovals, textReplacements, textForms,
	numbers, roundings, curves, conversions, statistics,
	containers, lists, listsWhole, maps, collections,
	commons,
	dateParts, dateSteps, dateSpans, dateWorks, dateForms,
	encodings, digests, ciphers, xmls, files, archives, documents, webs,
)

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
	f, ok := byName[strings.ToLower(name)]
	return f, ok
}

// All returns every function in the order of the table.
func All() []*Function { return slices.Clone(table) }
