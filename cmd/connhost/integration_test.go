package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/connhost/connhost/connectors"
	"github.com/connhost/connhost/plugins/abi"
	"github.com/connhost/connhost/scripting"
)

// Every integration task is an action of a connector that is built in, which has
// the parameters that the task gives and needs no others.
func TestIntegrationsAreActions(t *testing.T) {
	for _, one := range scripting.Integrations() {
		c, ok := connectors.Find(strings.ReplaceAll(one.Service, "_", "-"))
		if !ok {
			t.Errorf("%s: no connector %s is built in", one.Name, one.Service)
			continue
		}
		if one.Action == "" {
			continue // a file, which no action takes
		}
		a, ok := c.Manifest.Action(one.Action)
		if !ok {
			t.Errorf("%s: %s has no action %s", one.Name, c.Manifest.ID, one.Action)
			continue
		}
		for _, name := range one.Parameters {
			if !slices.ContainsFunc(a.Parameters, func(p abi.Parameter) bool { return p.Key == name }) {
				t.Errorf("%s: the action %s has no parameter %s", one.Name, one.Action, name)
			}
		}
		for _, p := range a.Parameters {
			if p.Required && !strings.Contains(one.Signature, `("`) && !slices.Contains(one.Parameters, p.Key) {
				t.Errorf("%s: the action %s needs %s", one.Name, one.Action, p.Key)
			}
		}
	}
}
