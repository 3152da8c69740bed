package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/connhost/connhost/host"
)

// capabilityData is what a connector may do, as it is printed.
type capabilityData struct {
	Auth    string            `json:"auth"`
	Hosts   []string          `json:"hosts"`
	Tokens  []string          `json:"token_hosts"`
	Hooks   []string          `json:"hooks"`
	Imports []string          `json:"imports"`
	Reveals []string          `json:"reveal_secrets"`
	Shows   []string          `json:"shows"`
	Limits  map[string]string `json:"limits"`
}

func newCapabilityData(c host.Capabilities) capabilityData {
	d := capabilityData{c.Auth, orEmpty(c.Hosts), orEmpty(c.Tokens), orEmpty(c.Hooks), orEmpty(c.Imports), orEmpty(c.Reveals), orEmpty(c.Shows), map[string]string{}}
	for _, l := range c.Limits {
		d.Limits[l.Name] = l.Value
	}
	return d
}

func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// writeCapabilities prints what a connector may do, indented.
func writeCapabilities(w io.Writer, c host.Capabilities) {
	facts(w, capabilityFacts("  ", c)...)
}

// capabilityFacts are pairs of a name and a value.
func capabilityFacts(indent string, c host.Capabilities) []string {
	var limits []string
	for _, l := range c.Limits {
		limits = append(limits, l.Name+" "+l.Value)
	}
	return []string{
		indent + "may go to", strings.Join(c.Hosts, ", "), indent + "gets tokens at", strings.Join(c.Tokens, ", "), indent + "hooks", strings.Join(c.Hooks, ", "),
		indent + "its code calls", strings.Join(c.Imports, ", "), indent + "its code reads", strings.Join(c.Reveals, ", "),
		indent + "shows", strings.Join(c.Shows, ", "),
		indent + "limits", strings.Join(limits, ", "), indent + "auth", c.Auth,
	}
}

// changeData is one line of what an upgrade changes.
type changeData struct {
	Line   string `json:"line"`
	Widens bool   `json:"widens"`
}

func newChangeData(list []host.Change) []changeData {
	out := []changeData{}
	for _, c := range list {
		out = append(out, changeData{c.String(), c.Widens})
	}
	return out
}

// writeChanges prints the difference to the version before, if there is one.
func writeChanges(w io.Writer, before *host.Connector, list []host.Change) {
	if before == nil || len(list) == 0 {
		return
	}
	fmt.Fprintf(w, "against %s:\n", before.Version())
	for _, c := range list {
		fmt.Fprintf(w, "  %s\n", c)
	}
}
