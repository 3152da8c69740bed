package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
	"github.com/connhost/connhost/plugins/abi"
)

// centreData is the data centre of a connection as it is printed.
type centreData struct {
	Name    string `json:"name"`
	Region  string `json:"region,omitempty"`
	Label   string `json:"label,omitempty"`
	Warning string `json:"warning,omitempty"` // data leave the residency
}

// newCentreData is nil for a connection without a data centre. One that the
// connector does not declare any more has its name alone.
func newCentreData(v broker.View) *centreData {
	name := v.Connection.DataCentre
	if name == "" {
		return nil
	}
	d := &centreData{Name: name, Warning: v.Crosses}
	if declared, ok := v.Connector.Manifest.DataCentre(name); ok {
		d.Region, d.Label = declared.Area(), declared.Title()
	}
	return d
}

func (d *centreData) text() string {
	if d == nil {
		return ""
	}
	text := or(plain(d.Label), d.Name) + " (region " + or(d.Region, "not known") + ")"
	if d.Warning != "" {
		text += ", outside of your residency"
	}
	return text
}

// warnOfCrossing warns of data that leave the operator's residency (design rule
// 18).
func (p *program) warnOfCrossing(v broker.View) {
	if v.Crosses != "" && !v.Brief {
		fmt.Fprintf(p.err, "warning: %s\n", plain(v.Crosses))
	}
}

// centreRows are the data centres of a connector in columns.
func centreRows(list []abi.DataCentre) (rows [][]string) {
	for _, d := range list {
		var values []string
		for _, key := range slices.Sorted(maps.Keys(d.Values)) {
			values = append(values, key+"="+d.Values[key])
		}
		rows = append(rows, plainRow(d.Name, d.Area(), d.Title(), strings.Join(values, " ")))
	}
	return rows
}

// completeCentres completes the data centres of the connector that the command
// is about.
func (p *program) completeCentres(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) == 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return p.complete(cmd, nil, func(s *session) (names []string, err error) {
		var c host.Connector
		c, err = s.broker.Connector(cmd.Context(), s.subject, args[0], "")
		for _, d := range c.Manifest.DataCentres {
			names = append(names, d.Name+"\t"+d.Title())
		}
		return names, err
	})
}
