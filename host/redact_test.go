package host_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/connhost/connhost/host"
)

const secret = `s3cr3t/token+with="quotes"&more`

func TestRedactorMasksEveryForm(t *testing.T) {
	quoted, _ := json.Marshal(secret)
	forms := map[string]string{
		"plain":         secret,
		"query":         url.QueryEscape(secret),
		"path":          url.PathEscape(secret),
		"json":          string(quoted),
		"json slash":    strings.ReplaceAll(secret, "/", `\/`),
		"base64":        base64.StdEncoding.EncodeToString([]byte(secret)),
		"base64 url":    base64.RawURLEncoding.EncodeToString([]byte(secret)),
		"basic":         base64.StdEncoding.EncodeToString([]byte("user:" + secret)),
		"basic shifted": base64.StdEncoding.EncodeToString([]byte("user1:" + secret)),
	}
	r := host.NewRedactor(nil)
	r.Learn(secret)
	for name, form := range forms {
		got := r.Text("before " + form + " after")
		if !strings.HasPrefix(got, "before ") || !strings.HasSuffix(got, " after") {
			t.Errorf("%s: the text around is damaged: %q", name, got)
		}
		if !strings.Contains(got, host.Mask) || strings.Contains(got, "s3cr3t") || strings.Contains(got, form) {
			t.Errorf("%s: got %q", name, got)
		}
	}
}

func TestRedactorReaderAcrossEveryEdge(t *testing.T) {
	r := host.NewRedactor(nil)
	r.Learn(secret, "s3cr3t/token+with") // one is a beginning of the other
	body := "a" + secret + secret + "s3cr3t/tokens are not secret, s3cr3t/token+with is"
	want := "a" + host.Mask + host.Mask + "s3cr3t/tokens are not secret, " + host.Mask + " is"
	for size := 1; size <= len(body); size++ {
		in := io.NopCloser(&chunks{text: body, size: size})
		got, err := io.ReadAll(r.Reader(in))
		if err != nil || string(got) != want {
			t.Fatalf("chunks of %d: got %q, %v", size, got, err)
		}
	}
}

func TestRedactorReaderKeepsErrors(t *testing.T) {
	r := host.NewRedactor(nil)
	r.Learn(secret)
	in := io.NopCloser(io.MultiReader(strings.NewReader("text s3cr"), iotest.ErrReader(io.ErrUnexpectedEOF)))
	got, err := io.ReadAll(r.Reader(in))
	if string(got) != "text s3cr" || err != io.ErrUnexpectedEOF {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestRedactorForwardsWhatIsCertain(t *testing.T) {
	r := host.NewRedactor(nil)
	r.Learn(secret)
	pr, pw := io.Pipe()
	go func() { _, _ = pw.Write([]byte("data: event\n\n")) }()
	buf := make([]byte, 64)
	n, err := r.Reader(pr).Read(buf)
	if string(buf[:n]) != "data: event\n\n" || err != nil {
		t.Errorf("got %q, %v", buf[:n], err)
	}
}

func TestRedactorParentLearns(t *testing.T) {
	process := host.NewRedactor(nil)
	host.NewRedactor(process).Learn(secret)
	if got := process.Text(secret); got != host.Mask {
		t.Errorf("got %q", got)
	}
}

func TestRedactorPassesShortValuesOver(t *testing.T) {
	r := host.NewRedactor(nil)
	r.Learn("a", "12345")
	if got := r.Text("a 12345"); got != "a 12345" {
		t.Errorf("got %q", got)
	}
	h := http.Header{"X": {"1"}}
	r.Header(h)
	var none *host.Redactor
	if none.Text("x") != "x" || h.Get("X") != "1" {
		t.Error("a redactor without secrets changes text")
	}
}

func TestSecretNeverPrints(t *testing.T) {
	s := host.NewSecret(secret)
	in := struct {
		s host.Secret
		P *host.Secret
		M map[string]host.Secret
	}{s, &s, map[string]host.Secret{"k": s}}
	var out strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%p", "%T"} {
		fmt.Fprintf(&out, verb+"\n", s)
		fmt.Fprintf(&out, verb+"\n", in)
		fmt.Fprintf(&out, verb+"\n", &in)
	}
	j, _ := json.Marshal(in)
	out.Write(j)
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "secret", s, "in", in)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "secret", s, "in", in)
	for _, leak := range []string{"s3cr3t", fmt.Sprintf("%x", "s3cr3t"), "115 51 99"} {
		if strings.Contains(out.String(), leak) {
			t.Errorf("%q leaked in:\n%s", leak, out.String())
		}
	}
	if s.Reveal() != secret || s.Empty() || !(host.Secret{}).Empty() {
		t.Error("a secret does not keep its value")
	}
}

func FuzzRedactorReader(f *testing.F) {
	f.Add("hello s3cr3t-value world", 3)
	f.Fuzz(func(t *testing.T, text string, size int) {
		r := host.NewRedactor(nil)
		r.Learn("s3cr3t-value", "s3cr3t-value-2", "aaaaaa")
		in := io.NopCloser(&chunks{text: text, size: 1 + (size&0xff)%9})
		got, err := io.ReadAll(r.Reader(in))
		if want := r.Text(text); err != nil || string(got) != want {
			t.Errorf("in chunks %q, whole %q, %v", got, want, err)
		}
	})
}

// chunks gives a text in pieces of a size.
type chunks struct {
	text string
	size int
}

func (c *chunks) Read(p []byte) (int, error) {
	if c.text == "" {
		return 0, io.EOF
	}
	n := copy(p, c.text[:min(c.size, len(c.text))])
	c.text = c.text[n:]
	return n, nil
}
