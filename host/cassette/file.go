package cassette

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"

	"go.yaml.in/yaml/v4"

	"github.com/connhost/connhost/host"
)

// MaxFile bounds a file that is read, in bytes.
const MaxFile = 64 << 20

// Read reads a cassette. What is wrong with it is a Failed *host.Error with the
// name and, where YAML knows it, the line.
func Read(path string) (Cassette, error) {
	data, err := os.ReadFile(path)
	switch {
	case os.IsNotExist(err):
		return Cassette{}, host.Errorf(host.NotFound, "there is no cassette %s", path).Because(err).
			WithHint("record one: connhost run FILE --record %s", path)
	case err != nil:
		return Cassette{}, host.Errorf(host.Failed, "the cassette %s cannot be read", path).Because(err)
	case len(data) > MaxFile:
		return Cassette{}, host.Errorf(host.Refused, "the cassette %s has %d bytes; at most %d are allowed", path, len(data), MaxFile)
	}
	return Parse(path, data)
}

// Parse reads a cassette from the text of a file; the name stands in errors.
func Parse(name string, data []byte) (Cassette, error) {
	wrong := func(format string, args ...any) (Cassette, error) {
		return Cassette{}, host.Errorf(host.Failed, "%s is no cassette: %s", name, fmt.Sprintf(format, args...)).
			WithHint("record it anew")
	}
	loader, err := yaml.NewLoader(bytes.NewReader(data), yaml.WithKnownFields())
	if err != nil {
		return wrong("%v", err)
	}
	var c Cassette
	if err := loader.Load(&c); err != nil {
		return wrong("%v", err)
	}
	if c.Version != 1 {
		return wrong("it begins with \"cassette: 1\"")
	}
	if err := c.check(); err != nil {
		return wrong("%v", err)
	}
	return c, nil
}

func (c Cassette) check() error {
	for i, e := range c.Exchanges {
		if err := e.Check(); err != nil {
			return fmt.Errorf("request %d: %w", i+1, err)
		}
	}
	return nil
}

// Check says what an exchange lacks.
func (e Exchange) Check() error {
	switch {
	case (e.Request.Action == "") == (e.Request.Method == "" || e.Request.URL == ""):
		return errors.New("it needs a method and a url, or an action")
	case e.Response.Status < 100 || e.Response.Status > 599:
		return fmt.Errorf("its answer has the status %d", e.Response.Status)
	}
	return nil
}

// Encode is the text of a cassette.
func (c Cassette) Encode() ([]byte, error) {
	c.Version = 1
	var b bytes.Buffer
	d, err := yaml.NewDumper(&b, yaml.WithIndent(2))
	if err == nil {
		err = d.Dump(c)
	}
	if err == nil {
		err = d.Close()
	}
	return b.Bytes(), err
}

// Write writes a cassette in one step, for its owner only: what services answer
// is nobody else's business, even without secrets.
func Write(path string, c Cassette) error {
	data, err := c.Encode()
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".cassette-*")
	if err == nil {
		defer os.Remove(f.Name())
		_, err = f.Write(data)
		if closing := f.Close(); err == nil {
			err = closing
		}
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return host.Errorf(host.Unavailable, "the cassette %s cannot be written", path).Because(err).
			WithHint("name a file in a folder that is there and can be written")
	}
	return nil
}

// statusText is the status line of an answer.
func statusText(code int) string { return fmt.Sprintf("%d %s", code, http.StatusText(code)) }
