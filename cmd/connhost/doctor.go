package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/connhost/connhost/host"
)

func (p *program) doctorCommand() *cobra.Command {
	return &cobra.Command{
		Use: "doctor", Short: "Find what is wrong with this installation, and what to type", Args: exactly(),
		Long: `Look at the files, the configuration, the store and the connections of this
installation, and tell what is wrong, each with what to type. It changes nothing,
makes nothing where there is nothing, and calls no service.

Each check is a line: ok, warning (it works, and somebody should know), problem
(something does not work, or is not safe) or skipped (it could not be looked at,
for a reason that another line tells). What cannot be opened is a finding, and the
other checks are done. The exit status is 0 unless there is a problem, and 1 then.

A super admin or an admin asks: it tells of keys, and of everyone's authorizations.`,
		Example: `  connhost doctor
  connhost doctor --output json`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			found, err := p.examine(cmd.Context())
			if err != nil {
				return err
			}
			d := newDoctorData(found)
			if err := p.show(d, func(w io.Writer) { writeDoctor(w, d) }); err != nil || d.OK {
				return err
			}
			return quiet{host.Failed}
		},
	}
}

// examine makes every check, from the outside to the inside: files,
// configuration, store, what is in it.
func (p *program) examine(ctx context.Context) (*host.Findings, error) {
	set, err := p.settings(&p.flags)
	d := &doctor{program: p, set: set, Findings: &host.Findings{}}
	d.configured(err)
	if set.store == "" || set.keyFile == "" {
		d.Bad("store", "name them: --store FILE --key-file FILE", "there is no home directory to keep the store and its key in")
		return d.Findings, nil
	}
	return d.Findings, d.stored(ctx)
}

// A doctor looks at one installation.
type doctor struct {
	*program
	*host.Findings
	set settings
}

// decided says which setting has chosen a place.
func (p *program) decided(given, flag, variable string) string {
	switch {
	case given != "":
		return flag
	case p.getenv(variable) != "":
		return variable
	}
	return "the default"
}

// doctorData is the outcome as it is printed.
type doctorData struct {
	OK       bool          `json:"ok"`
	Problems int           `json:"problems"`
	Warnings int           `json:"warnings"`
	Skipped  int           `json:"skipped"`
	Checks   []findingData `json:"checks"`
}

type findingData struct {
	Check   string            `json:"check"`
	State   host.FindingState `json:"state"`
	Message string            `json:"message"`
	Hint    string            `json:"hint,omitempty"`
}

func newDoctorData(f *host.Findings) doctorData {
	d := doctorData{Problems: f.Count(host.Problem), Warnings: f.Count(host.Warning), Skipped: f.Count(host.Skipped)}
	d.OK = d.Problems == 0
	for _, one := range f.List {
		d.Checks = append(d.Checks, findingData{one.Check, one.State, plain(one.Text), plain(one.Hint)})
	}
	return d
}

func writeDoctor(w io.Writer, d doctorData) {
	for _, c := range d.Checks {
		fmt.Fprintf(w, "%-8s %-15s %s\n", c.State, c.Check, c.Message)
		if c.Hint != "" {
			fmt.Fprintf(w, "         hint: %s\n", c.Hint)
		}
	}
	if d.Problems+d.Warnings+d.Skipped == 0 {
		fmt.Fprintf(w, "nothing is wrong: %s\n", plural(len(d.Checks), "check"))
		return
	}
	parts := []string{plural(d.Problems, "problem"), plural(d.Warnings, "warning")}
	if d.Skipped > 0 {
		parts = append(parts, plural(d.Skipped, "check")+" skipped")
	}
	fmt.Fprintf(w, "%s of %s\n", strings.Join(parts, ", "), plural(len(d.Checks), "check"))
}
