package value

import (
	"io"
	"strings"
)

// A File is content with a name and a MIME type. Its content is opened anew by
// everyone who reads it, so that a repeated request sends the same bytes.
type File struct {
	Name  string
	Type  string // MIME type, may have parameters
	Param string // name of its part in a multipart body; empty for the default

	Size int64 // bytes, -1 when unknown
	Open func() (io.ReadCloser, error)
}

// NewTextFile returns a file whose content is text.
func NewTextFile(name, mime, text string) *File {
	return &File{Name: name, Type: mime, Size: int64(len(text)), Open: func() (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(text)), nil
	}}
}

// Content reads the whole file, charging b for the bytes as they come.
func (f *File) Content(b *Budget) (string, error) {
	if f.Open == nil {
		return "", nil
	}
	r, err := f.Open()
	if err != nil {
		return "", err
	}
	defer r.Close()
	var sb strings.Builder
	chunk := make([]byte, 32<<10)
	for {
		n, err := r.Read(chunk)
		if n > 0 {
			b.Tick(1 + n/256)
			b.AllocTimes(n, 2) // a builder doubles
			sb.Write(chunk[:n])
		}
		if err == io.EOF {
			return sb.String(), nil
		}
		if err != nil {
			return "", err
		}
	}
}
