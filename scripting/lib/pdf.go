package lib

import (
	"strings"

	"github.com/connhost/connhost/scripting/value"
)

// documents make files of pages.
var documents = []*Function{
	def(Function{
		Names: names("zoho.file.convertToPDF", "convertToPDF"), Params: params("page text|file"), Returns: "file", Outside: true,
		Semantics: "A PDF of an HTML page, which is given as text, as file or by its address. What the page refers to on other hosts is not loaded.",
		Examples: examples(Example{Expr: `zoho.file.convertToPDF("<h1>Hello</h1>")`, Args: `["<h1>Hello</h1>"]`,
			Want: "error: zoho.file.convertToPDF needs a program that makes PDFs, and this run has none: install weasyprint (Debian: apt-get install weasyprint)"}),
	}, convertToPDF),
}

func convertToPDF(c call) any {
	page := c.data(0)
	if start := strings.ToLower(page[:min(len(page), 8)]); strings.HasPrefix(start, "http://") || strings.HasPrefix(start, "https://") {
		page = c.fetched(page)
	}
	if c.rt.Renderer == nil {
		value.Throw("%s needs a program that makes PDFs, and this run has none: install weasyprint (Debian: apt-get install weasyprint)", c.fn.Names[0])
	}
	c.budget().Tick(len(page))
	data, err := c.rt.Renderer.RenderPDF(c.rt, page)
	c.budget().Check()
	if err != nil {
		panic(&value.Fault{Msg: "the page did not become a PDF: " + err.Error(), Err: err})
	}
	c.grow(2, len(data))
	return c.newFile("document.pdf", string(data))
}

// fetched asks the Outside for the page at an address.
func (c call) fetched(url string) string {
	if c.rt.Outside == nil {
		value.Throw("%s cannot load a page here: nothing makes web calls for this run", c.fn.Names[0])
	}
	v, err := c.rt.Outside.CallOutside(c.rt, "getUrl", []any{url})
	if err != nil {
		panic(err)
	}
	return value.Text(c.budget(), v)
}
