package lib

import (
	"mime"
	"path"
	"strings"

	"github.com/connhost/connhost/scripting/value"
)

// files read and name a file. The set functions change the file itself.
var files = []*Function{
	def(Function{
		Names: names("toFile"), Receiver: "text", Params: params("name text"), Returns: "file",
		Semantics: "A file with the text as its content. Its type follows from the name, text/plain if it tells nothing.",
		Examples:  examples(Example{Expr: `"a,b".toFile("list.csv")`, Args: `["a,b","list.csv"]`, Want: "list.csv"}),
	}, func(c call) any {
		return c.newFile(c.text(1), c.text(0))
	}),
	def(Function{
		Names: names("isFile"), Receiver: "any", Returns: "boolean",
		Semantics: "Whether the value is a file.",
		Examples:  examples(Example{Expr: `"x".isFile()`, Args: `["x"]`, Want: "false"}),
	}, func(c call) any {
		_, ok := c.arg(0).(*value.File)
		return ok
	}),
	def(Function{Names: names("getFileName"), Receiver: "file", Returns: "text", Semantics: "The name of the file.",
		Examples: examples(Example{Expr: `"a,b".toFile("list.csv").getFileName()`, Args: `["!list.csv=a,b"]`, Want: "list.csv"})},
		func(c call) any { return c.file(0).Name }),
	def(Function{Names: names("getFileType"), Receiver: "file", Returns: "text", Semantics: "The MIME type of the file.",
		Examples: examples(Example{Expr: `"a,b".toFile("list.csv").getFileType()`, Args: `["!list.csv=a,b"]`, Want: "text/csv"})},
		func(c call) any { return c.file(0).Type }),
	def(Function{Names: names("getFileSize"), Receiver: "file", Returns: "number", Semantics: "The size of the file in bytes.",
		Examples: examples(Example{Expr: `"é".toFile("a.txt").getFileSize()`, Args: `["!a.txt=é"]`, Want: "2"})},
		func(c call) any {
			if f := c.file(0); f.Size >= 0 {
				return f.Size
			}
			return int64(len(c.data(0)))
		}),
	def(Function{Names: names("getFileContent"), Receiver: "file", Returns: "text", Semantics: "The content of the file as text, in the charset of its type, UTF-8 unless that names one; what is not valid in it becomes U+FFFD.",
		Examples: examples(Example{Expr: `"é".toFile("a.txt").getFileContent()`, Args: `["!a.txt=é"]`, Want: "é"})},
		func(c call) any {
			return c.content(c.file(0), c.data(0))
		}),
	def(Function{Names: names("setFileName"), Receiver: "file", Params: params("name text"), Returns: "void", Semantics: "Names the file.",
		Examples: examples(Example{Expr: `f.setFileName("b.txt")`, Args: `["!a.txt=x","b.txt"]`, Want: "null", After: "b.txt"})},
		func(c call) any { c.file(0).Name = c.text(1); return nil }),
	def(Function{Names: names("setFileType"), Receiver: "file", Params: params("type text"), Returns: "void", Semantics: "Sets the MIME type of the file.",
		Examples: examples(Example{Expr: `f.setFileType("image/png")`, Args: `["!a.txt=x","image/png"]`, Want: "null"})},
		func(c call) any { c.file(0).Type = c.text(1); return nil }),
	def(Function{Names: names("setCharset"), Receiver: "file", Params: params("charset text"), Returns: "void", Semantics: "Says in which charset the content of the file is, which becomes part of its type.",
		Examples: examples(Example{Expr: `f.setCharset("UTF-16LE")`, Args: `["!a.txt=x","UTF-16LE"]`, Want: "null"}, Example{Expr: `f.setCharset("klingon")`, Args: `["!a.txt=x","klingon"]`, Want: `error: unknown charset "klingon"`})},
		func(c call) any {
			c.charset(1)
			f := c.file(0)
			media, parameters, err := mime.ParseMediaType(f.Type)
			if err != nil {
				media, parameters = "text/plain", map[string]string{}
			}
			parameters["charset"] = c.text(1)
			f.Type = mime.FormatMediaType(media, parameters)
			return nil
		}),
	def(Function{Names: names("setParamName"), Receiver: "file", Params: params("name text"), Returns: "void", Semantics: "Names the part the file is in a multipart request.",
		Examples: examples(Example{Expr: `f.setParamName("upload")`, Args: `["!a.txt=x","upload"]`, Want: "null"})},
		func(c call) any { c.file(0).Param = c.text(1); return nil }),
}

// newFile returns a file with that content, whose type follows from its name.
func (c call) newFile(name, content string) *value.File {
	c.budget().Alloc(128)
	return value.NewTextFile(name, typeOf(name), content)
}

// knownTypes are ours and not those of the machine, so that a script does the
// same everywhere.
var knownTypes = map[string]string{
	".txt": "text/plain", ".csv": "text/csv", ".json": "application/json", ".xml": "application/xml",
	".html": "text/html", ".htm": "text/html", ".pdf": "application/pdf", ".zip": "application/zip",
	".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif",
}

func typeOf(name string) string {
	if t, ok := knownTypes[strings.ToLower(path.Ext(name))]; ok {
		return t
	}
	return "text/plain"
}
