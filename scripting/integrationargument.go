package scripting

import (
	"net/url"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/connhost/connhost/scripting/value"
)

// A taken is one argument of an integration: the parameter that it becomes.
type taken struct {
	name     string
	kind     argument
	optional bool
}

// An argument is what may stand at a place.
type argument string

const (
	asText   argument = "text"   // or whatever has a text: a number, a date
	asLower  argument = "lower"  // a text that goes out in lower case: modules, which scripts write as people do
	asNumber argument = "number" // or a text that is one
	asMap    argument = "map"
	asList   argument = "list"
	asEither argument = "either" // a map or a list
	asRecord argument = "record" // a map, which goes out as a list of one
	asQuery  argument = "query"  // a map, or the text of one: a=1&b=2
	asFile   argument = "file"
	// A text that picks a part of the answer, and is no parameter.
	asPick argument = "pick"
	// A map whose members are parameters.
	asMembers argument = "members"
	// A boolean that says whether workflows are set off, which goes out as the
	// list of what is; and a number of which the service's API knows one, 0,
	// which is nothing to it.
	asWorkflow argument = "workflow"
	asZero     argument = "zero"
	// The places of the first and the last record of a list, which the service's
	// API knows as a page.
	asFirst argument = "first"
	asLast  argument = "last"
	// Names of fields in brackets, such as (Last Name,Email); ALL is all.
	asColumns argument = "columns"
)

// wanted is what may stand at a place, as people say it.
func (a argument) wanted() string {
	switch a {
	case asText, asLower, asPick, asColumns:
		return "text"
	case asFirst, asLast:
		return "a number"
	case asRecord, asMembers:
		return "a map"
	case asEither:
		return "a map or a list of maps"
	case asWorkflow:
		return "true or false"
	case asZero:
		return "0"
	case asQuery:
		return `a map or a text such as "status=open&page=2"`
	}
	return article(string(a))
}

// fits says whether a value may stand there.
func (p taken) fits(v any) bool {
	text, isText := v.(string)
	_, isMap := v.(*value.Map)
	_, isList := v.(*value.List)
	_, isFile := v.(*value.File)
	switch p.kind {
	case asNumber, asFirst, asLast:
		switch v.(type) {
		case int64, decimal.Decimal:
			return true
		}
		_, err := decimal.NewFromString(text)
		return isText && (err == nil || text == "")
	case asMap, asRecord, asMembers:
		return isMap
	case asFile:
		return isFile
	case asList:
		return isList || isMap && v.(*value.Map).Len() == 0 // {} is both
	case asEither:
		return isList || isMap
	case asWorkflow:
		_, ok := v.(bool)
		return ok
	case asZero:
		return v == int64(0) || v == "0" || v == ""
	case asQuery:
		return isMap || isText && (text == "" || strings.Contains(text, "="))
	}
	return !isMap && !isList && !isFile && v != nil
}

// made is an argument as the action takes it.
func (a argument) made(b *value.Budget, v any) any {
	text, isText := v.(string)
	m, isMap := v.(*value.Map)
	switch {
	case v == nil:
	case a == asLower:
		return strings.ToLower(value.Text(b, v))
	case a == asText:
		return value.Text(b, v)
	case a == asColumns:
		return columns(value.Text(b, v))
	case a == asZero, a == asPick:
		return nil
	case a == asWorkflow:
		return workflows(v == true)
	case a == asQuery && isText:
		return queryMap(b, text)
	case a == asList && isMap:
		return value.NewList()
	case a == asRecord && isMap:
		return value.NewList(m)
	}
	return v
}

// columns are names of fields as the API takes them; nil for all.
func columns(text string) any {
	text = strings.Trim(text, "() ")
	if text == "" || strings.EqualFold(text, "all") {
		return nil
	}
	return text
}

// workflows is what a record sets off.
func workflows(on bool) *value.List {
	if on {
		return value.NewList("workflow")
	}
	return value.NewList()
}

// nothing says whether an argument that may be left out is as good as left out.
func nothing(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case *value.List:
		return v.Len() == 0
	case *value.Map:
		_, empty := v.Get("")
		return v.Len() == 0 || v.Len() == 1 && empty
	}
	return false
}

// queryMap reads parameters from the text of a query.
func queryMap(b *value.Budget, text string) *value.Map {
	out := value.NewMap()
	for part := range strings.SplitSeq(text, "&") {
		name, given, _ := strings.Cut(part, "=")
		if name = unescaped(name); name != "" {
			out.Put(b, name, unescaped(given))
		}
	}
	return out
}

// unescaped is a part of a query; one that is wrongly escaped stands for itself.
func unescaped(text string) string {
	if plain, err := url.QueryUnescape(text); err == nil {
		return plain
	}
	return text
}
