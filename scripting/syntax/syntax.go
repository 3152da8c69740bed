// Package syntax reads Deluge: text -> tokens -> tree, with comments kept and
// every mistake reported at its place. It knows no built-in function, no
// connection and no value; package scripting gives the tree its meaning.
//
//	NewSource -> Parse -> *File, []Diagnostic -> Print
//
// The grammar and the places where it is more tolerant than the documented
// language stand in scripting/SPEC.md.
package syntax
