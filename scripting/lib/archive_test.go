package lib_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/connhost/connhost/scripting/lib"
	"github.com/connhost/connhost/scripting/value"
)

// zipped is an archive of one file of size zero bytes, which packs well.
func zipped(t *testing.T, name string, size int) *value.File {
	t.Helper()
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	f, err := w.Create(name)
	if err == nil {
		_, err = f.Write(make([]byte, size))
	}
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return value.NewTextFile("a.zip", "application/zip", buf.String())
}

// What is packed comes out again, in the directories it was put into; files of
// one name do not hide each other.
func TestArchives(t *testing.T) {
	rt := runtime(t)
	call := func(name string, args ...any) any {
		v, err := function(t, name).Call(rt, args)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return v
	}
	a, b := value.NewTextFile("a.txt", "text/plain", "first"), value.NewTextFile("dir/a.txt", "text/plain", "zweite: ü")
	inner, outer := value.NewMap(), value.NewMap()
	inner.Put(rt.Budget, "b.csv", b)
	outer.Put(rt.Budget, "reports", inner)
	outer.Put(rt.Budget, "a.txt", a)
	for _, c := range []struct {
		what any
		want string
	}{
		{a, `{"a.txt":"a.txt"}`},
		{value.NewList(a, b), `{"a.txt":"a.txt","a (1).txt":"a (1).txt"}`},
		{outer, `{"reports/b.csv":"b.csv","a.txt":"a.txt"}`},
		{value.KeyedCollection(outer), `{"reports/b.csv":"b.csv","a.txt":"a.txt"}`},
	} {
		packed := call("compress", c.what, "all").(*value.File)
		if packed.Name != "all.zip" || packed.Type != "application/zip" {
			t.Errorf("%s of type %s", packed.Name, packed.Type)
		}
		if got := value.JSON(rt.Budget, call("extract", packed)); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
	out := call("extract", call("compress", outer)).(*value.Collection)
	file, _ := out.Map().Get("reports/b.csv")
	if got := call("getFileContent", file); got != "zweite: ü" {
		t.Errorf("the content became %q", got)
	}
}

func TestHostileArchives(t *testing.T) {
	rt := runtime(t)
	rt.Budget = value.NewBudget(context.Background(), value.Limits{Memory: 4 << 20})
	if got := stoppedIn(t, rt, "extract", zipped(t, "zeros", 64<<20)); got != "memory" {
		t.Errorf("a small archive of much was stopped by %s", got)
	}
	evil := value.NewMap()
	evil.Put(runtime(t).Budget, "../../etc/passwd", value.NewTextFile("x", "text/plain", ""))
	self := value.NewMap()
	self.Put(runtime(t).Budget, "d", self)
	damaged := zipped(t, "a", 1000)
	content, err := damaged.Content(runtime(t).Budget)
	if err != nil {
		t.Fatal(err)
	}
	damaged = value.NewTextFile("a.zip", "application/zip", content[:40]+"\xff\xff"+content[42:])
	for _, c := range []struct {
		fn   string
		arg  any
		want string
	}{
		{"compress", evil, `"../../etc/passwd" cannot be a name in an archive`},
		{"compress", self, "the directories are nested too deep"},
		{"extract", damaged, `the file "a" of the archive is damaged`},
	} {
		if got := stoppedIn(t, runtime(t), c.fn, c.arg); got != c.want {
			t.Errorf("%s: %s, want %s", c.fn, got, c.want)
		}
	}
	// Names of an archive from elsewhere are keys and reach no disk.
	out, err := function(t, "extract").Call(runtime(t), []any{zipped(t, "../../x", 1)})
	if err != nil || value.JSON(runtime(t).Budget, out) != `{"../../x":"x"}` {
		t.Errorf("got %v, %v", out, err)
	}
}

// A renderer that remembers the page.
type paper struct{ page string }

func (p *paper) RenderPDF(_ *lib.Runtime, html string) ([]byte, error) {
	if html == "" {
		return nil, errors.New("there is nothing on it")
	}
	p.page = html
	return []byte("%PDF-1.7"), nil
}

// web answers every call with its name and arguments.
type web struct{}

func (web) CallOutside(rt *lib.Runtime, name string, args []any) (any, error) {
	if strings.Contains(value.Text(rt.Budget, args[0]), "none") {
		return nil, value.Faultf("no such host")
	}
	return name + " " + value.Text(rt.Budget, value.NewList(args...)), nil
}

func TestPagesOfAddressesAreFetchedThroughTheRun(t *testing.T) {
	rt, p := runtime(t), &paper{}
	rt.Renderer = p
	convert := function(t, "convertToPDF")
	if got := answer(rt, convert, []any{"https://example.test/page"}); got != "error: zoho.file.convertToPDF cannot load a page here: nothing makes web calls for this run" {
		t.Errorf("without web: %s", got)
	}
	rt.Outside = web{}
	for _, c := range []struct{ in, want, page string }{
		{"HTTPS://example.test/page", "document.pdf", "getUrl HTTPS://example.test/page"},
		{"<p>text", "document.pdf", "<p>text"},
		{"https://none.test", "error: no such host", ""},
		{"", "error: the page did not become a PDF: there is nothing on it", ""},
	} {
		p.page = ""
		if got := answer(rt, convert, []any{c.in}); got != c.want || p.page != c.page {
			t.Errorf("%q gives %s of %q", c.in, got, p.page)
		}
	}
	if got := answer(rt, function(t, "postUrl"), []any{"https://example.test", value.NewMap()}); got != `postUrl ["https://example.test",{}]` {
		t.Errorf("postUrl gives %s", got)
	}
}
