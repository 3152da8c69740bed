package oauth

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// handlePrefix begins the name of every secret of a token answer.
const handlePrefix = "answer:"

// maxVeiled bounds what a hook reads. Handles hold whole pointers, so a deep
// answer grows with its depth.
const maxVeiled = 8 << 20

var errVeil = errors.New("the answer is too deep for a hook")

// A veil says which texts of an answer a hook may read; all others become
// handles. A number is not veiled.
type veil struct {
	open   map[string]bool
	closed map[string]bool // never open, whatever the manifest says
	out    bytes.Buffer
}

// newVeil opens what is no secret by its nature and what the manifest makes
// public, but never the tokens themselves.
func newVeil(r reader) *veil {
	v := &veil{open: map[string]bool{}, closed: map[string]bool{}}
	for _, p := range []string{"/access_token", "/refresh_token", "/id_token", r.pointers.Access, r.pointers.Refresh} {
		v.closed[p] = true
	}
	for _, p := range []string{
		"/token_type", "/scope", "/expires_in", "/state",
		r.pointers.TokenType, r.pointers.Scope, r.pointers.ExpiresIn, r.pointers.Error,
	} {
		v.open[p] = true
	}
	for _, p := range r.manifest.Public {
		v.open[p] = true // one into the callback's query is no pointer of an answer
	}
	for _, p := range r.manifest.Capture {
		v.open[p] = true
	}
	return v
}

// isOpen says whether the text at a pointer is shown. The members error,
// error_description and so on are, at the top of the answer.
func (v *veil) isOpen(pointer string) bool {
	if v.closed[pointer] {
		return false
	}
	return v.open[pointer] || strings.HasPrefix(pointer, "/error") && strings.Count(pointer, "/") == 1
}

// shows says whether the text at a pointer is shown, by itself or because it
// stands in lists that are.
func (v *veil) shows(pointer string) bool {
	for !v.isOpen(pointer) {
		up := strings.LastIndexByte(pointer, '/')
		if up < 0 || strings.Trim(pointer[up+1:], "0123456789") != "" {
			return false
		}
		pointer = pointer[:up]
	}
	return true
}

// answer is the veiled answer as JSON.
func (v *veil) answer(a answer) (json.RawMessage, error) {
	err := v.write(nil, false, a.tree)
	return v.out.Bytes(), err
}

// write adds one value. Open says that it stands in a list whose texts are
// shown.
func (v *veil) write(path []string, open bool, value any) error {
	if v.out.Len() > maxVeiled {
		return errVeil
	}
	switch value := value.(type) {
	case map[string]any:
		return v.object(path, value)
	case []any:
		return v.list(path, open || v.isOpen(pointerTo(path)), value)
	case string:
		pointer := pointerTo(path)
		if !open && !v.isOpen(pointer) {
			return v.put(abi.Handle{Secret: handlePrefix + pointer})
		}
	}
	return v.put(value)
}

func (v *veil) object(path []string, m map[string]any) error {
	v.out.WriteByte('{')
	for i, name := range sortedKeys(m) {
		if i > 0 {
			v.out.WriteByte(',')
		}
		if err := v.put(name); err != nil {
			return err
		}
		v.out.WriteByte(':')
		if err := v.write(append(path, name), false, m[name]); err != nil {
			return err
		}
	}
	v.out.WriteByte('}')
	return nil
}

func (v *veil) list(path []string, open bool, list []any) error {
	v.out.WriteByte('[')
	for i, e := range list {
		if i > 0 {
			v.out.WriteByte(',')
		}
		if err := v.write(append(path, strconv.Itoa(i)), open, e); err != nil {
			return err
		}
	}
	v.out.WriteByte(']')
	return nil
}

func (v *veil) put(value any) error {
	b, err := json.Marshal(value)
	v.out.Write(b)
	return err
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// shownHeaders are the headers of a token answer that a hook reads. Any other
// may hold a credential: some services send the token itself in one.
var shownHeaders = []string{"Cache-Control", "Content-Language", "Content-Type", "Date", "Expires", "Retry-After"}

func veilHeader(h http.Header, r *host.Redactor) map[string]string {
	m := map[string]string{}
	for _, name := range shownHeaders {
		if text := h.Get(name); text != "" {
			m[strings.ToLower(name)] = r.Text(text)
		}
	}
	return m
}

// unveil is the value that a handle stands for; false for a handle that names
// no text or number of the answer.
func unveil(a answer, h abi.Handle) (any, bool) {
	pointer, ok := strings.CutPrefix(h.Secret, handlePrefix)
	if !ok || a.doubtful(pointer) {
		return nil, false
	}
	v, ok := a.at(pointer)
	if _, isText := asText(v); !ok || !isText {
		return nil, false
	}
	return v, true
}
