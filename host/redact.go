package host

import (
	"bytes"
	"encoding/base64"
	"io"
	"net/http"
	"strings"
	"sync"
)

// minRedact is the length in bytes from which a value is masked wherever it
// stands. Shorter ones would mask half of any text; they are masked by place.
const minRedact = 6

// A Redactor masks by value: it knows secrets and every form in which they
// may come back, and replaces them by Mask. A nil Redactor masks nothing. It
// is safe for concurrent use.
type Redactor struct {
	parent *Redactor

	mu    sync.RWMutex
	known map[string]bool
	forms index
}

// NewRedactor makes an empty Redactor. What it learns, parent learns too; a
// connection's redactor has the process's as its parent, so that answers are
// searched for a few values and logs for all of them. Parent may be nil.
func NewRedactor(parent *Redactor) *Redactor {
	return &Redactor{parent: parent, known: map[string]bool{}}
}

// Learn adds secrets in all their forms, and of a private key in PEM its lines,
// because whoever quotes it may quote one. Values under six bytes are passed
// over.
func (r *Redactor) Learn(secrets ...string) {
	if r == nil {
		return
	}
	r.parent.Learn(secrets...)
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range secrets {
		if r.known[s] {
			continue
		}
		for _, part := range append(keyLines(s), s) {
			if len(part) < minRedact || r.known[part] {
				continue
			}
			r.known[part] = true
			for _, f := range forms(part) {
				r.forms.add(f)
			}
		}
	}
}

// keyLines are the lines inside the private keys of a PEM text, also where \n
// stands between them. Certificates beside a key are no secrets.
func keyLines(s string) (lines []string) {
	if !strings.Contains(s, "PRIVATE KEY-----") {
		return nil
	}
	inside := false
	for line := range strings.SplitSeq(strings.NewReplacer(`\r`, "", `\n`, "\n").Replace(s), "\n") {
		switch line = strings.TrimSpace(line); {
		case strings.HasPrefix(line, "-----"):
			inside = strings.HasPrefix(line, "-----BEGIN") && strings.HasSuffix(line, "PRIVATE KEY-----")
		case inside:
			lines = append(lines, line)
		}
	}
	return lines
}

// LearnSecret is Learn for Secrets.
func (r *Redactor) LearnSecret(secrets ...Secret) {
	for _, s := range secrets {
		r.Learn(s.Reveal())
	}
}

// forms lists what a service may make of a value when it sends it back. How
// the characters of each are spelled is the index's affair.
func forms(s string) []string {
	list := []string{s, toValid(s)}
	for shift := range 3 {
		// The base64 of a text that holds s at any place: the characters that
		// depend on s alone.
		padded := append(bytes.Repeat([]byte{0}, shift), s...)
		for _, enc := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			text := enc.EncodeToString(padded)
			from, to := (shift*8+5)/6, len(padded)*8/6
			if to-from >= minRedact {
				list = append(list, text[from:to])
			}
		}
	}
	return list
}

// Text masks a text.
func (r *Redactor) Text(s string) string {
	if r == nil {
		return s
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.text(s)
}

// text is Text for one who has locked.
func (r *Redactor) text(s string) string {
	if begin, _, _ := find(&r.forms, s, 0, false); begin < 0 {
		return s
	}
	out, _ := mask(&r.forms, nil, s, false)
	return string(out)
}

// mask appends a text to out with its secrets replaced. Where more may come
// the text from rest on has to wait for it.
func mask[T text](x *index, out []byte, t T, more bool) (masked []byte, rest int) {
	for rest < len(t) {
		begin, end, open := find(x, t, rest, more)
		if begin < 0 {
			return append(out, t[rest:]...), len(t)
		}
		out = append(out, t[rest:begin]...)
		rest = end
		if open {
			break
		}
		out = append(out, Mask...)
	}
	return out, rest
}

// Header masks the values of a header, in place.
func (r *Redactor) Header(h http.Header) {
	if r == nil || len(h) == 0 {
		return
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	for _, values := range h {
		for i, v := range values {
			values[i] = r.text(v)
		}
	}
}

// Reader masks a stream, also across the edges of its chunks. It holds back
// only bytes that may be the beginning of a secret, and masks what is learned
// while it reads from then on.
func (r *Redactor) Reader(in io.Reader) io.Reader {
	if r == nil {
		return in
	}
	return &maskReader{in: in, redactor: r}
}

type maskReader struct {
	in       io.Reader
	redactor *Redactor
	held     []byte // read, and perhaps the beginning of a secret
	masked   []byte // not given yet
	room     []byte // of masked
	err      error
}

func (r *maskReader) Read(p []byte) (int, error) {
	for len(r.masked) == 0 && r.err == nil && len(p) > 0 {
		var n int
		n, r.err = r.in.Read(p)
		if n = r.pass(p[:n]); n > 0 {
			return n, nil
		}
	}
	n := copy(p, r.masked)
	r.masked = r.masked[n:]
	if len(r.masked) > 0 || n > 0 && r.err == nil {
		return n, nil
	}
	return n, r.err
}

// pass judges a chunk. It gives how many bytes of it may be given as they
// stand; the others, which it clears, are in held and masked.
func (r *maskReader) pass(chunk []byte) int {
	r.redactor.mu.RLock()
	defer r.redactor.mu.RUnlock()
	forms, more := &r.redactor.forms, r.err == nil
	clean := 0
	if len(r.held) == 0 {
		begin, _, _ := find(forms, chunk, 0, more)
		if begin < 0 {
			return len(chunk)
		}
		clean = begin
	}
	r.held = append(r.held, chunk[clean:]...)
	clear(chunk[clean:])
	var rest int
	r.masked, rest = mask(forms, r.room[:0], r.held, more)
	r.room = r.masked
	r.held = append(r.held[:0], r.held[rest:]...)
	return clean
}
