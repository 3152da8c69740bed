package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/plugintest"
)

// resultData is what came of a case, a flow or a rule, as it is printed.
type resultData struct {
	Kind    string   `json:"kind"` // hook, recorded, flow or rule
	Name    string   `json:"name"`
	File    string   `json:"file,omitempty"`
	Hook    string   `json:"hook,omitempty"`
	Asks    string   `json:"asks,omitempty"` // of a rule
	OK      bool     `json:"ok"`
	Applies bool     `json:"applies"` // false for a rule that does not
	Failed  string   `json:"failed,omitempty"`
	Why     string   `json:"why,omitempty"` // a rule does not apply
	Saw     []string `json:"saw,omitempty"` // the last requests before it failed
	Fuel    int64    `json:"fuel"`
	Micros  int64    `json:"time_us"`
}

func caseData(r plugintest.Result) resultData {
	return resultData{
		Kind: "hook", Name: r.Case.Name, File: r.Case.File, Hook: r.Case.Hook, OK: r.OK(), Applies: true, Failed: r.Failed,
		Fuel: r.Used.Fuel, Micros: r.Used.Time.Microseconds(),
	}
}

func tapeData(r plugintest.TapeResult) resultData {
	return resultData{Kind: "recorded", Name: r.Case.Name, File: r.Case.File, OK: r.OK(), Applies: true, Failed: r.Failed, Fuel: r.Fuel, Micros: r.Took.Microseconds()}
}

func flowData(r plugintest.FlowResult) resultData {
	d := resultData{Kind: "flow", Name: r.Flow.Name, File: r.Flow.File, OK: r.OK(), Applies: true, Failed: r.Failed, Fuel: r.Fuel, Micros: r.Took.Microseconds()}
	for _, e := range r.Saw {
		d.Saw = append(d.Saw, plugintest.Seen(e))
	}
	return d
}

func ruleData(v plugintest.Verdict) resultData {
	d := resultData{
		Kind: "rule", Name: v.Rule.Name, Asks: v.Rule.Asks, OK: v.Ruling != plugintest.Failed, Applies: v.Ruling != plugintest.Spared,
		Fuel: v.Fuel, Micros: v.Took.Microseconds(),
	}
	if d.Failed = v.Why; d.OK {
		d.Failed, d.Why = "", v.Why
	}
	for _, e := range v.Saw {
		d.Saw = append(d.Saw, plugintest.Seen(e))
	}
	return d
}

// rehearsable turns the hint of a lab that cannot make up a value into one for
// the place where a test looks for it.
func rehearsable(err error) error {
	if e, ok := errors.AsType[*host.Error](err); ok && strings.HasPrefix(e.Hint, "give it one: --param ") {
		key, _, _ := strings.Cut(strings.TrimPrefix(e.Hint, "give it one: --param "), "=")
		return e.WithHint("give it one in %s, beside connector.yaml: values: {%s: VALUE}", plugintest.SettingFile, key)
	}
	return err
}

func (t *tested) failed() (n int) {
	for _, d := range t.list {
		if !d.OK {
			n++
		}
	}
	return n
}

func (p *program) showTested(t *tested) error {
	var err error
	switch p.flags.output {
	case "junit":
		err = writeJUnit(p.out, t.path, t.list)
	default:
		err = p.show(map[string]any{"results": t.list, "score": plugintest.ScoreOf(t.verdicts)}, func(w io.Writer) { t.write(w) })
	}
	if t.failed() > 0 && err == nil {
		return quiet{host.Failed}
	}
	return err
}

// write prints a table, what failed, and the score.
func (t *tested) write(w io.Writer) {
	var rows [][]string
	var spared []string
	cases, untested := 0, slices.Clone(t.hooks)
	for _, d := range t.list {
		if d.Kind != "rule" {
			cases++
		}
		if !d.Applies {
			spared = append(spared, d.Name+" ("+d.Why+")")
			continue
		}
		of := d.Kind
		if d.Kind == "hook" {
			of = d.Hook
			untested = slices.DeleteFunc(untested, func(h string) bool { return h == d.Hook })
		}
		rows = append(rows, []string{
			map[bool]string{true: "ok", false: "FAIL"}[d.OK], plain(d.Name), of, strconv.FormatInt(d.Fuel, 10), spent(time.Duration(d.Micros) * time.Microsecond),
		})
	}
	table(w, "RESULT NAME OF FUEL TIME", rows)
	for _, d := range t.list {
		if d.OK {
			continue
		}
		fmt.Fprintf(w, "\n%s: %s\n", or(d.File, "rule "+d.Name), plain(d.Failed))
		if d.Asks != "" {
			fmt.Fprintf(w, "  the rule: %s\n", d.Asks)
		}
		for _, line := range d.Saw {
			fmt.Fprintf(w, "  the service saw: %s\n", plain(line))
		}
	}
	s := plugintest.ScoreOf(t.verdicts)
	fmt.Fprintf(w, "\n%s, %d failed\n", plural(cases, "case"), t.failed()-(s.Applies-s.Passed))
	if s.Applies > 0 {
		fmt.Fprintf(w, "score: %d of %s\n", s.Passed, plural(s.Applies, "rule"))
	}
	if len(spared) > 0 {
		fmt.Fprintf(w, "not applicable: %s\n", plain(strings.Join(spared, ", ")))
	}
	if len(untested) > 0 {
		fmt.Fprintf(w, "no case calls: %s\n", strings.Join(untested, ", "))
	}
}

// spent is a time as it is read.
func spent(d time.Duration) string {
	if d < 10*time.Millisecond {
		return fmt.Sprintf("%d µs", d.Microseconds())
	}
	return fmt.Sprintf("%d ms", d.Milliseconds())
}
