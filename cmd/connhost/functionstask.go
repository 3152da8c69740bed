package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/connhost/connhost/scripting"
)

// taskFunctionData is an integration task as functions prints it.
type taskFunctionData struct {
	Name       string   `json:"name"`
	Signatures []string `json:"signatures"` // more than one, where the first argument says what is done
	Returns    string   `json:"returns"`
	Connector  string   `json:"connector"`
	Actions    []string `json:"actions"` // that do it; none where a file is sent
}

// taskNamed finds an integration task by its name in any letter case.
func taskNamed(name string) (d taskFunctionData, ok bool) {
	for _, one := range scripting.Integrations() {
		if !strings.EqualFold(one.Name, name) {
			continue
		}
		d.Name, d.Returns, d.Connector = one.Name, one.Gives, strings.ReplaceAll(one.Service, "_", "-")
		d.Signatures = append(d.Signatures, one.Signature)
		if d.Actions == nil {
			d.Actions = []string{}
		}
		if one.Action != "" {
			d.Actions = append(d.Actions, one.Action)
		}
	}
	return d, d.Name != ""
}

// taskNames are the names of all integration tasks.
func taskNames() (names []string) {
	for _, one := range scripting.Integrations() {
		names = append(names, one.Name)
	}
	return names
}

func (d taskFunctionData) print(w io.Writer) {
	fmt.Fprintf(w, "%s\n\nAn integration task. A connection of connector %s does it: the one that is named, or the\none that there is.\n\n",
		strings.Join(d.Signatures, "\n"), d.Connector)
	facts(w, "gives", d.Returns, "named action", strings.Join(d.Actions, ", "))
}
