package pdf_test

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/connhost/connhost/scripting/lib"
	"github.com/connhost/connhost/scripting/pdf"
	"github.com/connhost/connhost/scripting/value"
)

// renderer is the installed one. Without weasyprint the test fails where peers
// are wanted and says so elsewhere.
func renderer(t *testing.T) lib.Renderer {
	t.Helper()
	if os.Getenv("CONNHOST_PEERS") == "" {
		t.Skip("weasyprint is asked only with CONNHOST_PEERS=1")
	}
	r := pdf.Find()
	if r == nil {
		t.Fatal("weasyprint is not installed: apt-get install weasyprint")
	}
	return r
}

func runtime(limits value.Limits) *lib.Runtime {
	return &lib.Runtime{Budget: value.NewBudget(context.Background(), limits)}
}

// A page becomes a PDF, through the function that scripts call.
func TestPageBecomesPDF(t *testing.T) {
	rt := runtime(value.Limits{})
	rt.Renderer = renderer(t)
	f, _ := lib.Lookup("zoho.file.convertToPDF")
	v, err := f.Call(rt, []any{"<style>@page{size:100mm 50mm}</style><h1>Grüße</h1>"})
	if err != nil {
		t.Fatal(err)
	}
	file := v.(*value.File)
	content, err := file.Content(rt.Budget)
	if err != nil || !strings.HasPrefix(content, "%PDF-") || file.Type != "application/pdf" || file.Name != "document.pdf" {
		t.Errorf("%v: %s of type %s, %d bytes", err, file.Name, file.Type, len(content))
	}
	if !strings.Contains(content, "/MediaBox [ 0 0 283") { // 100 mm in points
		t.Error("the page has another size")
	}
}

// What the page refers to is loaded from nowhere: no file of the machine, no
// other host.
func TestPageLoadsNothing(t *testing.T) {
	r := renderer(t)
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	defer server.Close()
	css := filepath.Join(t.TempDir(), "page.css")
	if err := os.WriteFile(css, []byte("@page{size:100mm 50mm}"), 0o600); err != nil {
		t.Fatal(err)
	}
	page := `<link rel="stylesheet" href="file://` + css + `"><img src="` + server.URL + `/a.png"><iframe src="file:///etc/passwd"></iframe>
<object data="file:///etc/passwd"></object><style>@import "` + server.URL + `/a.css"; p{background:url(` + server.URL + `/b.png)}</style><p>text`
	got, err := r.RenderPDF(runtime(value.Limits{}), page)
	if err != nil {
		t.Fatal(err)
	}
	if asked > 0 {
		t.Errorf("the page asked a host %d times", asked)
	}
	if bytes.Contains(got, []byte("/MediaBox [ 0 0 283")) {
		t.Error("the page read a style sheet from a file")
	}
}

func TestDrawingEndsWithTheRun(t *testing.T) {
	r := renderer(t)
	start := time.Now()
	_, err := r.RenderPDF(runtime(value.Limits{Time: 100 * time.Millisecond}), strings.Repeat("<table><tr><td>x</table>", 50_000))
	if err == nil || !strings.Contains(err.Error(), "took longer") {
		t.Errorf("got %v", err)
	}
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("it ended after %v", took)
	}
}
