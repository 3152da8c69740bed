// Package pdf makes PDFs of HTML pages by the program weasyprint, which a
// machine may have or not. Nothing here draws a page itself.
//
// A page comes from a script, so it is drawn by a process of its own that has no
// secret in its environment, loads nothing the page refers to (neither files of
// this machine nor other hosts; data: addresses are part of the page), and is
// bounded in time and memory.
package pdf

import (
	"bufio"
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/connhost/connhost/scripting/lib"
)

// draw is the program that weasyprint's own Python runs: page in, PDF out.
//
//go:embed draw.py
var draw string

const (
	maxTime = 60 * time.Second
	maxSize = 50 << 20 // bytes of a PDF
)

// A Renderer draws with one installed weasyprint. It may be used by several
// goroutines.
type Renderer struct {
	python string // the interpreter weasyprint was installed for
}

var _ lib.Renderer = (*Renderer)(nil)

// Find returns a Renderer if weasyprint is in the search path, else nil. The nil
// is that of the interface, as a Runtime wants it.
func Find() lib.Renderer {
	program, err := exec.LookPath("weasyprint")
	if err != nil {
		return nil
	}
	python, err := interpreter(program)
	if err != nil {
		return nil
	}
	return &Renderer{python}
}

// interpreter reads which Python a script names in its first line.
func interpreter(program string) (string, error) {
	f, err := os.Open(program)
	if err != nil {
		return "", err
	}
	defer f.Close()
	line, _ := bufio.NewReaderSize(f, 4096).ReadSlice('\n')
	words := strings.Fields(strings.TrimPrefix(string(line), "#!"))
	if !bytes.HasPrefix(line, []byte("#!")) || len(words) == 0 {
		return "", errors.New("weasyprint is not a script")
	}
	if strings.HasSuffix(words[0], "/env") && len(words) > 1 {
		return exec.LookPath(words[1])
	}
	return words[0], nil
}

// RenderPDF draws the page. Its time ends with the run's.
func (r *Renderer) RenderPDF(rt *lib.Runtime, html string) ([]byte, error) {
	most := min(maxTime, rt.Budget.Remaining())
	ctx, cancel := context.WithTimeout(rt.Budget.Context(), most)
	defer cancel()
	dir, err := os.MkdirTemp("", "connhost-pdf-")
	if err != nil {
		return nil, errors.New("there is no room for temporary files")
	}
	defer os.RemoveAll(dir)
	cmd := exec.CommandContext(ctx, r.python, "-I", "-c", draw)
	cmd.Dir = dir
	cmd.Env = []string{"PATH=/usr/bin:/bin", "LANG=C.UTF-8", "HOME=" + dir, "TMPDIR=" + dir, "XDG_CACHE_HOME=" + dir}
	cmd.Stdin = strings.NewReader(html)
	cmd.WaitDelay = time.Second
	out := &bounded{most: maxSize}
	cmd.Stdout = out
	switch err := cmd.Run(); {
	case out.full:
		return nil, fmt.Errorf("it is larger than %d MB", maxSize>>20)
	case ctx.Err() != nil:
		return nil, fmt.Errorf("weasyprint took longer than %v", most.Round(time.Second))
	case err != nil:
		return nil, errors.New("weasyprint could not draw it")
	case !bytes.HasPrefix(out.Bytes(), []byte("%PDF-")):
		return nil, errors.New("weasyprint answered something else")
	}
	return out.Bytes(), nil
}

// A bounded buffer refuses what is more than it may hold, which ends the process
// that writes.
type bounded struct {
	bytes.Buffer
	most int
	full bool
}

func (b *bounded) Write(p []byte) (int, error) {
	if b.Len()+len(p) > b.most {
		b.full = true
		return 0, errors.New("too large")
	}
	return b.Buffer.Write(p)
}
