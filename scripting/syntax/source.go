package syntax

import (
	"sort"
	"strings"
	"unicode/utf8"
)

// A Source is the text of one script, under the name that messages show.
// It is immutable and safe for concurrent use.
type Source struct {
	Name string
	Text string // without a byte order mark

	lines []int // offset of the first byte of each line
}

// NewSource takes a text as it was read from a file; a byte order mark at its
// start is dropped. Lines end with "\n", "\r\n" or "\r".
func NewSource(name, text string) *Source {
	s := &Source{Name: name, Text: strings.TrimPrefix(text, "\ufeff"), lines: []int{0}}
	for i := 0; i < len(s.Text); i++ {
		if c := s.Text[i]; c == '\n' || c == '\r' && !strings.HasPrefix(s.Text[i+1:], "\n") {
			s.lines = append(s.lines, i+1)
		}
	}
	return s
}

// A Span is a half-open interval of byte offsets in a Source. Every node of
// the tree embeds one.
type Span struct {
	Start, End int
}

// Pos returns the span itself; it makes a node of whatever embeds a Span.
func (s Span) Pos() Span { return s }

// To returns the span from the start of s to the end of t.
func (s Span) To(t Span) Span { return Span{s.Start, t.End} }

// A Position is a place in a Source for people: lines and columns count from
// 1, columns in characters (runes).
type Position struct {
	Offset int `json:"offset"`
	Line   int `json:"line"`
	Column int `json:"column"`
}

// A Range is a Span with the lines and columns worked out. End is exclusive.
type Range struct {
	Start Position `json:"start"`
	End   Position `json:"end"`
}

// Position works out the line and column of an offset; offsets outside the
// text are moved to its nearest end.
func (s *Source) Position(offset int) Position {
	offset = max(0, min(offset, len(s.Text)))
	line := sort.SearchInts(s.lines, offset+1) - 1
	return Position{
		Offset: offset,
		Line:   line + 1,
		Column: utf8.RuneCountInString(s.Text[s.lines[line]:offset]) + 1,
	}
}

// Range works out the lines and columns of a span.
func (s *Source) Range(span Span) Range {
	return Range{s.Position(span.Start), s.Position(max(span.Start, span.End))}
}

// Line returns the text of a line, counted from 1, without its end; it is
// empty for a line that does not exist.
func (s *Source) Line(n int) string {
	if n < 1 || n > len(s.lines) {
		return ""
	}
	end := len(s.Text)
	if n < len(s.lines) {
		end = s.lines[n] - 1
	}
	return strings.TrimSuffix(s.Text[s.lines[n-1]:end], "\r")
}

// Slice returns the text of a span.
func (s *Source) Slice(span Span) string { return s.Text[span.Start:span.End] }
