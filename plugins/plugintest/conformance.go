package plugintest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
	"github.com/connhost/connhost/host/lab"
	"github.com/connhost/connhost/plugins/abi"
)

// A Rule is something that every connector keeps to, as far as it applies. It is
// tried in a rehearsal of its own.
type Rule struct {
	Name string
	Asks string // a sentence

	// spared says why the rule does not apply; "" where it does. May be nil.
	spared func(m abi.Manifest) string
	check  func(ctx context.Context, r *Rehearsal) error
}

// Rules are those of the conformance suite, in their order.
func Rules() []Rule {
	return slices.Concat(accountRules, renewalRules, callRules, safetyRules)
}

// A Ruling is what came of a rule.
type Ruling string

const (
	Passed Ruling = "passed"
	Failed Ruling = "failed"
	Spared Ruling = "not applicable"
)

// A Verdict is what a rule says of a connector.
type Verdict struct {
	Rule   Rule
	Ruling Ruling
	Why    string      // it failed, or does not apply, in one line
	Saw    []lab.Entry // the last requests before it failed
	Fuel   int64       // that the hungriest call of a hook burnt
	Took   time.Duration
}

// A Suite is a connector that is held to the rules.
type Suite struct {
	File    []byte
	Staging Staging                // with what its Setting says
	Wanted  func(name string) bool // which rules; all unless given
}

// Run tries the rules. An error is not the connector's own: it cannot be
// rehearsed at all, or the caller's context ended.
func (s Suite) Run(ctx context.Context) ([]Verdict, error) {
	s.Staging.Log = nil           // garbage makes code talk
	if s.Staging.CacheDir == "" { // one for all rules: code is compiled once
		dir, err := os.MkdirTemp("", "connhost-conformance-")
		if err != nil {
			return nil, host.Errorf(host.Unavailable, "no folder can be made for the rules").Because(err)
		}
		defer os.RemoveAll(dir)
		s.Staging.CacheDir = dir
	}
	c, err := broker.ReadConnector(s.File)
	if err != nil {
		return nil, err
	}
	var list []Verdict
	for _, rule := range Rules() {
		if s.Wanted != nil && !s.Wanted(rule.Name) {
			continue
		}
		v, ok := rule.spares(c.Manifest)
		if !ok {
			v, err = s.try(ctx, rule)
		}
		if err != nil {
			return list, err
		}
		list = append(list, v)
	}
	return list, nil
}

// try tries one rule.
func (s Suite) try(ctx context.Context, rule Rule) (Verdict, error) {
	r, err := Rehearse(ctx, s.File, s.Staging)
	if err != nil {
		return Verdict{}, err
	}
	v := rule.Judge(ctx, r)
	if err := r.Close(); err != nil {
		return v, err
	}
	return v, ctx.Err()
}

// spares gives the verdict that the rule does not apply, where it does not.
func (rule Rule) spares(m abi.Manifest) (Verdict, bool) {
	v := Verdict{Rule: rule, Ruling: Spared}
	if rule.spared != nil {
		v.Why = rule.spared(m)
	}
	return v, v.Why != ""
}

// Judge tries the rule in a rehearsal that nothing has happened in.
func (rule Rule) Judge(ctx context.Context, r *Rehearsal) Verdict {
	v, ok := rule.spares(r.Manifest)
	if ok {
		return v
	}
	v.Ruling = Passed
	begun := time.Now()
	err := rule.check(ctx, r)
	v.Took = time.Since(begun)
	for _, c := range r.seen.hooked() {
		v.Fuel = max(v.Fuel, c.used.Fuel)
	}
	if why, ok := errors.AsType[spared](err); ok {
		v.Ruling, v.Why = Spared, string(why)
	} else if err != nil {
		v.Ruling, v.Why, v.Saw = Failed, r.Mask.Text(oneLine(err.Error())), tail(r.Lab.Log())
	}
	return v
}

// spared is why a rule turns out not to apply.
type spared string

func (s spared) Error() string { return string(s) }

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// tail are the last requests of a log.
func tail(log []lab.Entry) []lab.Entry {
	const most = 4
	return log[max(0, len(log)-most):]
}

// A Score counts the rules that were kept, of those that apply.
type Score struct {
	Passed  int `json:"passed"`
	Applies int `json:"applies"`
}

// ScoreOf counts verdicts.
func ScoreOf(list []Verdict) (s Score) {
	for _, v := range list {
		switch v.Ruling {
		case Passed:
			s.Passed++
			s.Applies++
		case Failed:
			s.Applies++
		}
	}
	return s
}

// Seen is a request of the lab's log on a line.
func Seen(e lab.Entry) string {
	text := fmt.Sprintf("%s %s [%s] %s", e.Method, e.Path, e.Endpoint, e.Outcome)
	if e.Fault != "" && e.Fault != "shape" { // a shape is how the service answers
		text += " by the fault " + e.Fault
	}
	return text
}
