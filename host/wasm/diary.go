package wasm

import (
	"bytes"
	"fmt"
	"log/slog"
)

// A diary is what one call logs: at most so many bytes, the rest is counted.
type diary struct {
	room      int
	dropped   int
	connector string
	write     func(connector string, level slog.Level, line string)
	partial   [2][]byte // of standard output and standard error, without an end of line yet
}

// line writes a line, or counts it and is false.
func (d *diary) line(level slog.Level, text []byte) bool {
	text = text[:min(len(text), maxLine)]
	cost := max(len(text), 1)
	if cost > d.room {
		d.dropped++
		return false
	}
	d.room -= cost
	d.put(level, text)
	return true
}

func (d *diary) put(level slog.Level, text []byte) {
	d.write(d.connector, level, plain(string(text), maxLine))
}

// stream takes a piece of standard output (0) or error (1) and writes the
// lines that it completes. No more is looked at than there is room for: a
// guest may write all of its memory a thousand times in one call.
func (d *diary) stream(n int, text []byte) {
	if len(text) > d.room {
		text = text[:d.room]
		d.dropped++
	}
	d.room -= len(text)
	for len(text) > 0 {
		end := bytes.IndexByte(text, '\n')
		piece := text
		if end >= 0 {
			piece = text[:end]
		}
		piece = piece[:min(len(piece), maxLine-len(d.partial[n]))]
		d.partial[n] = append(d.partial[n], piece...)
		text = text[len(piece):]
		if len(piece) == end {
			text = text[1:]
		}
		if len(piece) == end || len(d.partial[n]) == maxLine {
			d.flush(n)
		}
	}
}

func (d *diary) flush(n int) {
	if len(d.partial[n]) > 0 {
		d.put([]slog.Level{slog.LevelInfo, slog.LevelWarn}[n], d.partial[n])
		d.partial[n] = d.partial[n][:0]
	}
}

// end writes what is left, and how much is missing.
func (d *diary) end() {
	d.flush(0)
	d.flush(1)
	if d.dropped > 0 {
		d.put(slog.LevelWarn, fmt.Appendf(nil, "%d more writes to the log were not kept", d.dropped))
	}
}
