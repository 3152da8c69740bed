package egress

import (
	"bytes"
	"compress/gzip"
	"io"

	"github.com/connhost/connhost/host"
)

// A source reads from the connection: its errors become ours, and bytes beyond
// left become the error that the answer is too large.
type source struct {
	in   io.Reader
	left int64
	of   *body
}

func (s *source) Read(p []byte) (int, error) {
	n, err := capped(s.in, p, &s.left, s.of)
	if err != nil && err != io.EOF {
		err = s.of.explain(err)
	}
	return n, err
}

// A limited reader ends with that error, and not quietly, when there is more
// than left.
type limited struct {
	in   io.Reader
	left int64
	of   *body
}

func (l *limited) Read(p []byte) (int, error) { return capped(l.in, p, &l.left, l.of) }

// capped reads at most one byte too many, to know that there is one.
func capped(in io.Reader, p []byte, left *int64, of *body) (int, error) {
	if *left < 0 {
		return 0, of.tooLarge()
	}
	if int64(len(p)) > *left+1 {
		p = p[:*left+1]
	}
	n, err := in.Read(p)
	*left -= int64(n)
	if *left < 0 {
		return n - 1, of.tooLarge()
	}
	return n, err
}

// peek looks at how a stream begins. The reader that it gives has everything,
// also the error that the look met.
func peek(in io.Reader) ([]byte, io.Reader) {
	head := make([]byte, sniffed)
	n, err := io.ReadFull(in, head)
	if err != nil {
		in = ended{err}
	}
	return head[:n], io.MultiReader(bytes.NewReader(head[:n]), in)
}

// An ended stream has only its error left.
type ended struct{ err error }

func (e ended) Read([]byte) (int, error) {
	if e.err == io.ErrUnexpectedEOF { // ReadFull's word for a short stream
		return 0, io.EOF
	}
	return 0, e.err
}

// A gunzip decodes; it begins at the first Read, because there may be no body.
type gunzip struct {
	in io.Reader
	z  *gzip.Reader
	of *body
}

func (g *gunzip) Read(p []byte) (int, error) {
	if g.z == nil {
		z, err := gzip.NewReader(g.in)
		if err != nil {
			return 0, g.failure(err)
		}
		g.z = z
	}
	n, err := g.z.Read(p)
	return n, g.failure(err)
}

// failure tells damage from what the source had to say.
func (g *gunzip) failure(err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	return g.of.explain(err)
}

// An upload is the body of a request. It keeps the error of reading it apart
// from those of the connection.
type upload struct{ io.ReadCloser }

// An uploadError comes from the caller's body.
type uploadError struct{ err error }

func (e *uploadError) Error() string { return e.err.Error() }
func (e *uploadError) Unwrap() error { return e.err }

func (u upload) Read(p []byte) (int, error) {
	n, err := u.ReadCloser.Read(p)
	if err != nil && err != io.EOF {
		err = &uploadError{err}
	}
	return n, err
}

func openUpload(open func() (io.ReadCloser, error)) (io.ReadCloser, error) {
	rc, err := open()
	if err != nil {
		return nil, err
	}
	if rc == nil {
		return nil, host.Errorf(host.Internal, "a call's body opened as nothing")
	}
	return upload{rc}, nil
}
