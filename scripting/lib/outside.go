package lib

import "github.com/connhost/connhost/scripting/value"

// An Outside does the functions that reach beyond the process or belong to the
// product around a script. Their rows are in the table like all others, with
// their types and arity, and Function.Outside tells them; the package itself
// does none of them.
//
//	getUrl(url, headers?, simple?)            web: a GET request
//	postUrl(url, params, headers?, simple?)   web: a POST request with a form
//	invokeUrl(url, method, params?, headers?, simple?)  web: the function form
//	openUrl(url, target, options?)            client: opens a page
//
// A Runtime without one answers these functions with a Fault that names them.
type Outside interface {
	// CallOutside runs the function by the canonical name of its row. The arguments
	// fit the row's parameters. What a script may catch comes back as a
	// *value.Fault; a *value.Limit is thrown.
	CallOutside(rt *Runtime, name string, args []any) (any, error)
}

// A Renderer makes a PDF of an HTML page. It must not read files or reach hosts
// for what the page refers to.
type Renderer interface {
	// RenderPDF returns the PDF; its error is one sentence for the user.
	RenderPDF(rt *Runtime, html string) ([]byte, error)
}

// Pairs are the arguments k:v of Collection(...) and insert(...). They are not a
// value: the engine makes them for one call.
type Pairs struct {
	Keys, Values []any
}

// outside is the code of a row that an Outside does.
func outside(c call) any {
	if c.rt.Outside == nil {
		value.Throw("%s cannot be used here: nothing does it for this run", c.fn.Names[0])
	}
	v, err := c.rt.Outside.CallOutside(c.rt, c.fn.Names[0], c.args)
	if err != nil {
		panic(err)
	}
	return v
}
