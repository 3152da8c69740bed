// Package value holds the values a script works on, the operators between
// them, their printed forms and the budget that bounds all of it.
//
// A value is an `any` of one of these Go types, and of no other:
//
//	nil               null
//	string            text, UTF-8
//	int64             number; never goes through a float
//	decimal.Decimal   decimal, kept within MaxWhole and MaxScale
//	bool              boolean
//	Time              date, date-time or time of day
//	*List *Map *Collection *File  the mutable ones, shared by reference
//	*Empty            the neutral {} until its first use decides
//	Object            what the world around a script made: a record, a form
//
// The package knows nothing of syntax, of built-in functions or of hosts.
// Operators report what a script may catch by panicking with a *Fault, and what
// it may not with a *Limit; the engine recovers both at its own boundary.
package value

import (
	"github.com/shopspring/decimal"
)

// MaxNesting is how deep lists and maps may stand in each other when they are
// printed, compared or read from JSON. It is also what stops a list that
// contains itself.
const MaxNesting = 500

// TypeName returns the word users know the type of v by: number, decimal, text,
// boolean, date, list, map, collection, file or null, or what an Object calls
// itself. An undecided {} counts as a list.
func TypeName(v any) string {
	switch t := Resolve(v).(type) {
	case nil:
		return "null"
	case string:
		return "text"
	case int64:
		return "number"
	case decimal.Decimal:
		return "decimal"
	case bool:
		return "boolean"
	case Time:
		return "date"
	case *Map:
		return "map"
	case *File:
		return "file"
	case *List, *Empty:
		return "list"
	case *Collection:
		return "collection"
	case Object:
		return t.TypeName()
	}
	return "unknown"
}

// operandName is the name of a type inside the message of a failed + or -,
// where the product's own words are kept so that known scripts can compare them.
func operandName(v any) string {
	switch t := Resolve(v).(type) {
	case nil:
		return "NULL"
	case string:
		return "TEXT"
	case int64:
		return "BIGINT"
	case decimal.Decimal:
		return "DECIMAL"
	case bool:
		return "BOOLEAN"
	case Time:
		switch {
		case t.IsClock():
			return "TIME"
		case t.DateOnly:
			return "DATE"
		}
		return "TIMESTAMP"
	case *Map:
		return "KEY-VALUE"
	case *Collection:
		return "COLLECTION"
	case *File:
		return "FILE"
	}
	return "LIST"
}
