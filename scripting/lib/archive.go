package lib

import (
	"archive/zip"
	"bytes"
	"io"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"github.com/connhost/connhost/scripting/value"
)

// archives pack files into one and take them out again.
var archives = []*Function{
	def(Function{
		Names: names("compress"), Receiver: "file|list|map|collection", Params: params("name text?"), Returns: "file",
		Semantics: "A ZIP archive of a file, of a list of files, or of a map whose keys are names and whose values are files or, for a directory, maps.",
		Examples:  examples(Example{Expr: `{"notes":{"a.txt":"hello".toFile("a.txt")}}.compress("all").getFileName()`, Args: `[{"notes":{"a.txt":"!a.txt=hello"}},"all"]`, Want: "all.zip"}, Example{Expr: `{1}.compress()`, Args: `[[1]]`, Want: "error: an archive holds files, not a number"}),
	}, compress),
	def(Function{
		Names: names("extract"), Receiver: "file", Returns: "collection",
		Semantics: "The files of a ZIP archive by their names, which hold the directories they are in.",
		Examples:  examples(Example{Expr: `"no archive".toFile("a.zip").extract()`, Args: `["!a.zip=no archive"]`, Want: "error: the file a.zip is not a ZIP archive"}),
	}, extract),
}

// An archiver writes a ZIP archive and charges for what goes in.
type archiver struct {
	c    call
	zip  *zip.Writer
	seen map[string]bool
}

func compress(c call) any {
	var buf bytes.Buffer
	a := archiver{c: c, zip: zip.NewWriter(&buf), seen: map[string]bool{}}
	name := "files.zip"
	switch v := c.arg(0).(type) {
	case *value.File:
		name = strings.TrimSuffix(v.Name, path.Ext(v.Name)) + ".zip"
		a.file(path.Base(v.Name), v)
	case *value.Map:
		a.directory("", v, 0)
	case *value.Collection:
		if v.Keyed() {
			a.directory("", v.Map(), 0)
			break
		}
		a.files(c.items(0))
	case *value.List:
		a.files(v.Items())
	}
	if err := a.zip.Close(); err != nil {
		panic(&value.Fault{Msg: "cannot make the archive", Err: err})
	}
	if c.has(1) {
		name = c.text(1)
		if !strings.EqualFold(path.Ext(name), ".zip") {
			name += ".zip"
		}
	}
	c.grow(2, buf.Len())
	return c.newFile(name, buf.String())
}

func (a archiver) files(items []any) {
	for _, v := range items {
		f, ok := value.Resolve(v).(*value.File)
		if !ok {
			a.noFile(v)
		}
		a.file(path.Base(f.Name), f)
	}
}

func (a archiver) directory(dir string, m *value.Map, depth int) {
	if depth >= value.MaxNesting {
		value.Throw("the directories are nested too deep")
	}
	for k, v := range m.All() {
		a.c.budget().Tick(1)
		name := path.Join(dir, value.Text(a.c.budget(), k))
		switch t := value.Resolve(v).(type) {
		case *value.File:
			a.file(name, t)
		case *value.Map:
			a.directory(name, t, depth+1)
		case *value.Empty:
		default:
			a.noFile(v)
		}
	}
}

func (a archiver) noFile(v any) {
	value.Throw("an archive holds files, not a %s", value.TypeName(v))
}

// file puts a file under a name that is free and stays within the archive.
func (a archiver) file(name string, f *value.File) {
	if !fs.ValidPath(name) || name == "." {
		value.Throw("%q cannot be a name in an archive", value.Clip(name))
	}
	ext := path.Ext(name)
	for n, base := 1, strings.TrimSuffix(name, ext); a.seen[name]; n++ {
		a.c.budget().Tick(1)
		name = base + " (" + strconv.Itoa(n) + ")" + ext
	}
	a.seen[name] = true
	content, err := f.Content(a.c.budget())
	if err != nil {
		panic(&value.Fault{Msg: "cannot read file " + f.Name, Err: err})
	}
	a.c.budget().Tick(len(content) / 8)
	a.c.grow(2, len(content)+len(name)+256)
	w, err := a.zip.Create(name)
	if err == nil {
		_, err = io.WriteString(w, content)
	}
	if err != nil {
		panic(&value.Fault{Msg: "cannot make the archive", Err: err})
	}
}

func extract(c call) any {
	f := c.file(0)
	data := c.data(0)
	r, err := zip.NewReader(strings.NewReader(data), int64(len(data)))
	if err != nil {
		panic(&value.Fault{Msg: "the file " + value.Clip(f.Name) + " is not a ZIP archive", Err: err})
	}
	out := value.NewMap()
	for _, entry := range r.File {
		c.budget().Tick(4)
		c.budget().Alloc(512)
		if entry.FileInfo().IsDir() {
			continue
		}
		content := c.unpacked(entry)
		name := strings.ToValidUTF8(entry.Name, "\uFFFD")
		out.Put(c.budget(), name, c.newFile(path.Base(name), content))
	}
	return value.KeyedCollection(out)
}

// unpacked reads one file of an archive, charging for the bytes as they come:
// what it says of its size is not trusted.
func (c call) unpacked(entry *zip.File) string {
	if entry.Flags&1 != 0 {
		value.Throw("the file %q of the archive is encrypted", value.Clip(entry.Name))
	}
	packed := value.File{Name: entry.Name, Open: entry.Open}
	content, err := packed.Content(c.budget())
	if err != nil {
		panic(&value.Fault{Msg: "the file " + strconv.Quote(value.Clip(entry.Name)) + " of the archive is damaged", Err: err})
	}
	return content
}
