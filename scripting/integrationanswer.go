package scripting

import (
	"errors"
	"net/http"
	"strings"

	"github.com/connhost/connhost/scripting/value"
)

// A shape is what a script gets of a service's answer. An answer without the part
// that is wanted, such as that of an error, is given as it is: scripts look at
// its code and message.
type shape int

const (
	wholeAnswer  shape = iota
	allRecords         // the list under data
	firstRecord        // the first of the list under data
	firstEntry         // that too; what was done with one record
	firstDetails       // its details; of what was not done the entry itself, which tells why
	pickedValue        // of the variable that the first argument names; null without one
	withStatus         // {"status_code": 200, "response": "..."}, the answer as text
)

// shapes tell people what a script gets.
var shapes = map[shape]string{
	wholeAnswer: "map", allRecords: "list", firstRecord: "map, the record", firstEntry: "map, what was done with it",
	firstDetails: "map, the details of what was done", pickedValue: "the value",
	withStatus: "map of status_code and response",
}

// integrate does an integration task by the named action behind it.
func (m *machine) integrate(t *integration, args []any) any {
	if wrong := t.misfit(args); wrong != "" {
		value.Throw("%s", wrong)
	}
	rest, connection := t.split(args)
	if t.uploads() {
		name, _ := connection.(string)
		return m.shaped(t, m.invoked(m.upload(t, rest, name)), rest)
	}
	call := ActionCall{Service: t.service, Action: t.action, Task: t.name, Parameters: value.JSON(m.budget, t.parameters(m.budget, rest))}
	call.Connection, _ = connection.(string)
	resp, err := m.acted(call)
	if _, none := errors.AsType[*Missing](err); none {
		panic(&Missing{"task", t.name})
	}
	if err != nil {
		panic(&callFailed{err})
	}
	return m.shaped(t, resp, rest)
}

// shaped reads the answer of an integration task. One without anything, which
// says that there is nothing, is an empty list or map.
func (m *machine) shaped(t *integration, resp *http.Response, args []any) any {
	body := m.body(resp)
	if t.gives == withStatus {
		out := value.NewMap()
		out.Put(m.budget, "status_code", int64(resp.StatusCode))
		out.Put(m.budget, "response", strings.ToValidUTF8(string(body), "\uFFFD"))
		return out
	}
	if len(strings.TrimSpace(string(body))) == 0 && resp.StatusCode < http.StatusBadRequest {
		if t.gives == allRecords {
			return value.NewList()
		}
		return value.NewMap()
	}
	typed := m.answer(body, resp.Header, t.name, wanted{})
	answer, ok := typed.(*value.Map)
	if !ok && resp.StatusCode >= http.StatusBadRequest {
		panic(&callFailed{m.refused(resp, body)})
	}
	if !ok {
		return typed
	}
	if t.gives == pickedValue {
		return picked(answer, value.Text(m.budget, args[0]))
	}
	return t.gives.of(answer)
}

// picked is the value of a variable.
func picked(answer *value.Map, name string) any {
	list, ok := field(answer, "variables").(*value.List)
	if !ok {
		return answer
	}
	for _, item := range list.Items() {
		if one, ok := value.Resolve(item).(*value.Map); ok && field(one, "api_name") == any(name) {
			return field(one, "value")
		}
	}
	return nil
}

// of takes an answer apart.
func (s shape) of(answer *value.Map) any {
	data, _ := answer.Get("data")
	list, ok := value.Resolve(data).(*value.List)
	switch {
	case s == wholeAnswer || !ok:
		return answer
	case s == allRecords:
		return list
	case list.Len() == 0:
		return value.NewMap()
	}
	first := value.Resolve(list.At(0))
	entry, ok := first.(*value.Map)
	if s != firstDetails || !ok || field(entry, "status") != any("success") {
		return first
	}
	if details, ok := field(entry, "details").(*value.Map); ok {
		return details
	}
	return entry
}
