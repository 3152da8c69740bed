package lib

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dlclark/regexp2"

	"github.com/connhost/connhost/scripting/value"
)

// Some patterns need an engine that tries and goes back. Its time may grow with
// every character, so each use has a second at most, less if the run has less,
// and what it took is charged as steps. The clock of that engine ticks every
// tenth of a second.
const maxBacktracking = time.Second

// stepsPerMicrosecond is less than what is done elsewhere in that time, because
// a busy machine must not end a run that does little.
const stepsPerMicrosecond = 2

// A slowMatch is one match, by places in the runes of the text.
type slowMatch struct {
	*regexp2.Match
}

// slowly finds the first match, or all with use, which returns false to end it.
// It charges for the work and takes back what the engine held meanwhile.
func (c call) slowly(p pattern, s string, use func(m slowMatch) bool) {
	b := c.budget()
	held := 64 * len(s)
	if len(s) > maxSlowText {
		value.Throw("text longer than %d bytes for a regular expression that looks around or refers back", maxSlowText)
	}
	b.Alloc(held)
	start := time.Now()
	p.slow.MatchTimeout = max(time.Millisecond, min(maxBacktracking, b.Remaining()))
	m, err := p.slow.FindStringMatch(s)
	for err == nil && m != nil && use(slowMatch{m}) {
		b.Tick(1 + int(time.Since(start).Microseconds())*stepsPerMicrosecond)
		start = time.Now()
		m, err = p.slow.FindNextMatch(m)
	}
	b.Tick(1 + int(time.Since(start).Microseconds())*stepsPerMicrosecond)
	b.Free(held)
	if err != nil {
		b.Check()
		panic(&value.Limit{Name: "pattern_time", Max: maxBacktracking.String(), Err: err})
	}
}

const maxSlowText = 1 << 20 // bytes

// slowCount is the number of groups, as regexp counts them.
func (p pattern) NumSubexp() int {
	if p.slow == nil {
		return p.Regexp.NumSubexp()
	}
	return len(p.slow.GetGroupNumbers()) - 1
}

// SubexpIndex is the number of a named group, or -1.
func (p pattern) SubexpIndex(name string) int {
	if p.slow == nil {
		return p.Regexp.SubexpIndex(name)
	}
	return p.slow.GroupNumberFromName(name)
}

// wholeText reports whether p, made for the whole text, fits s.
func (c call) wholeText(p pattern, s string) bool {
	if p.slow == nil {
		return p.MatchString(s)
	}
	found := false
	c.slowly(p, s, func(slowMatch) bool {
		found = true
		return false
	})
	return found
}

// replaceSlowly replaces the first match or all.
func (c call) replaceSlowly(p pattern, s string, t template, all bool) string {
	var sb strings.Builder
	b := c.budget()
	rest, runes := s, 0 // what is not written yet, and the rune it begins with
	c.slowly(p, s, func(m slowMatch) bool {
		before := runeOffset(rest, m.Index-runes)
		end := before + runeOffset(rest[before:], m.Length)
		b.Tick(1 + before/256)
		b.AllocTimes(before, 2)
		sb.WriteString(rest[:before])
		for _, piece := range t.pieces {
			text := piece.text
			if piece.group >= 0 {
				text = m.GroupByNumber(piece.group).String()
			}
			b.AllocTimes(len(text), 2)
			sb.WriteString(text)
		}
		rest, runes = rest[end:], m.Index+m.Length
		return all
	})
	b.AllocTimes(len(rest), 2)
	return sb.String() + rest
}

// runeOffset returns the byte at which rune n of s begins. Bytes that are not
// UTF-8 count as one rune each, as they do in the engine.
func runeOffset(s string, n int) int {
	i := 0
	for ; n > 0 && i < len(s); n-- {
		_, size := utf8.DecodeRuneInString(s[i:])
		i += size
	}
	return i
}
