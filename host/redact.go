package host

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
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
	forms [][]byte // longest first
}

// NewRedactor makes an empty Redactor. What it learns, parent learns too; a
// connection's redactor has the process's as its parent, so that answers are
// searched for a few values and logs for all of them. Parent may be nil.
func NewRedactor(parent *Redactor) *Redactor {
	return &Redactor{parent: parent, known: map[string]bool{}}
}

// Learn adds secrets in all their forms. Values under six bytes are passed
// over.
func (r *Redactor) Learn(secrets ...string) {
	if r == nil {
		return
	}
	r.parent.Learn(secrets...)
	r.mu.Lock()
	defer r.mu.Unlock()
	added := false
	for _, s := range secrets {
		if len(s) < minRedact || r.known[s] {
			continue
		}
		r.known[s] = true
		for _, f := range forms(s) {
			if !slices.ContainsFunc(r.forms, func(g []byte) bool { return string(g) == f }) {
				r.forms = append(slices.Clip(r.forms), []byte(f))
				added = true
			}
		}
	}
	if added {
		r.forms = slices.SortedStableFunc(slices.Values(r.forms), func(a, b []byte) int { return len(b) - len(a) })
	}
}

// LearnSecret is Learn for Secrets.
func (r *Redactor) LearnSecret(secrets ...Secret) {
	for _, s := range secrets {
		r.Learn(s.Reveal())
	}
}

// forms lists how a value may be spelled when a service sends it back.
func forms(s string) []string {
	list := []string{s, url.QueryEscape(s), url.PathEscape(s), strings.ToLower(url.QueryEscape(s))}
	quoted, _ := json.Marshal(s)
	list = append(list, string(quoted[1:len(quoted)-1]), strings.ReplaceAll(s, "/", `\/`))
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
	return slices.DeleteFunc(list, func(f string) bool { return len(f) < minRedact })
}

func (r *Redactor) snapshot() [][]byte {
	if r == nil {
		return nil
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.forms
}

// Text masks a text.
func (r *Redactor) Text(s string) string {
	m := masker{forms: r.snapshot()}
	if len(m.forms) == 0 {
		return s
	}
	m.buf = []byte(s)
	m.scan(true)
	return string(m.out)
}

// Header masks the values of a header, in place.
func (r *Redactor) Header(h http.Header) {
	for _, values := range h {
		for i, v := range values {
			values[i] = r.Text(v)
		}
	}
}

// Reader masks a stream, also across the edges of its chunks. It holds back
// only bytes that may be the beginning of a secret.
func (r *Redactor) Reader(in io.ReadCloser) io.ReadCloser {
	f := r.snapshot()
	if len(f) == 0 {
		return in
	}
	return &maskReader{in: in, m: masker{forms: f}}
}

type maskReader struct {
	in  io.ReadCloser
	m   masker
	tmp [16 << 10]byte
	err error
}

func (r *maskReader) Read(p []byte) (int, error) {
	for len(r.m.out) == 0 && r.err == nil {
		n, err := r.in.Read(r.tmp[:])
		r.m.buf = append(r.m.buf, r.tmp[:n]...)
		r.err = err
		r.m.scan(err != nil)
	}
	n := copy(p, r.m.out)
	r.m.out = r.m.out[n:]
	if len(r.m.out) > 0 {
		return n, nil
	}
	return n, r.err
}

func (r *maskReader) Close() error { return r.in.Close() }

// A masker moves bytes from buf to out and masks on the way.
type masker struct {
	forms    [][]byte
	buf, out []byte
}

// scan masks what is certain in buf. Before the end of the text, bytes from
// the first place where a form might begin and not yet be whole stay in buf.
func (m *masker) scan(final bool) {
	m.out = m.out[:0]
	hold := len(m.buf)
	if !final {
		hold = m.hold()
	}
	pos := 0
	next := make([]int, len(m.forms)) // where each form stands next; -1: nowhere
	for i, f := range m.forms {
		next[i] = bytes.Index(m.buf, f)
	}
	for {
		best := -1
		for i, f := range m.forms {
			if next[i] >= 0 && next[i] < pos {
				if at := bytes.Index(m.buf[pos:], f); at >= 0 {
					next[i] = pos + at
				} else {
					next[i] = -1
				}
			}
			if next[i] >= 0 && (best < 0 || next[i] < next[best]) {
				best = i // forms are longest first: a tie goes to the longest
			}
		}
		if best < 0 || next[best] >= hold {
			break
		}
		m.out = append(m.out, m.buf[pos:next[best]]...)
		m.out = append(m.out, Mask...)
		pos = next[best] + len(m.forms[best])
	}
	if hold > pos {
		m.out = append(m.out, m.buf[pos:hold]...)
		pos = hold
	}
	m.buf = append(m.buf[:0], m.buf[pos:]...)
}

// hold is where the longest suffix of buf begins that is a proper beginning
// of a form; the length of buf if there is none.
func (m *masker) hold() int {
	longest := len(m.forms[0])
	for i := max(0, len(m.buf)-longest+1); i < len(m.buf); i++ {
		for _, f := range m.forms {
			if len(f) > len(m.buf)-i && bytes.HasPrefix(f, m.buf[i:]) {
				return i
			}
		}
	}
	return len(m.buf)
}
