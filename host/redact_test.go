package host_test

import (
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/connhost/connhost/host"
)

const secret = `s3cr3t/token+with="quotes"&more`

// wild has a character for every rule of the escapes in use.
const wild = "S3cr3T/[To ken]+<a href='x'>\"Q\"&\\~é😀\n?=%2F:J"

func TestRedactorMasksEveryForm(t *testing.T) {
	for _, value := range []string{secret, wild} {
		r := host.NewRedactor(nil)
		r.Learn(value)
		for name, form := range spellings(value) {
			got := r.Text("before " + form + " after")
			if !strings.HasPrefix(got, "before ") || !strings.HasSuffix(got, " after") {
				t.Errorf("%s: the text around is damaged: %q", name, got)
			}
			if !strings.Contains(got, host.Mask) || strings.Contains(strings.ToLower(got), "3cr3t") || strings.Contains(got, form) {
				t.Errorf("%s: got %q of %q", name, got, form)
			}
			in := io.NopCloser(&chunks{text: "before " + form + " after", size: 3})
			if streamed, err := io.ReadAll(r.Reader(in)); err != nil || string(streamed) != got {
				t.Errorf("%s: streamed %q, whole %q, %v", name, streamed, got, err)
			}
		}
	}
}

// spellings are those of real encoders, and variants that others write.
func spellings(s string) map[string]string {
	var raw strings.Builder
	plain := json.NewEncoder(&raw)
	plain.SetEscapeHTML(false)
	_ = plain.Encode(s)
	quoted, _ := json.Marshal(s)
	inner := func(s string) string { s = strings.TrimSpace(s); return s[1 : len(s)-1] }
	list := map[string]string{
		"plain":              s,
		"query":              url.QueryEscape(s),
		"query, %20":         strings.ReplaceAll(url.QueryEscape(s), "+", "%20"),
		"path":               url.PathEscape(s),
		"json":               inner(string(quoted)),
		"json, html raw":     inner(raw.String()),
		"json, slash":        strings.ReplaceAll(inner(raw.String()), "/", `\/`),
		"json, ascii":        ascii(inner(raw.String())),
		"source text":        inner(strconv.QuoteToASCII(s)),
		"html":               html.EscapeString(s),
		"html, numeric":      references(s, "&#%d;", "&\"<>'/"),
		"html, zeros":        references(s, "&#%03d;", "&\"<>'"),
		"html, hex":          references(s, "&#x%x;", "&\"<>'é😀"),
		"html, hex capitals": references(s, "&#X%04X;", "&\"<>'é😀"),
		"html, plus":         strings.ReplaceAll(html.EscapeString(s), "+", "&#43;"),
		"xml":                xmlEscape(s),
		"base64":             base64.StdEncoding.EncodeToString([]byte(s)),
		"base64 url":         base64.RawURLEncoding.EncodeToString([]byte(s)),
		"basic":              base64.StdEncoding.EncodeToString([]byte("user:" + s)),
		"basic shifted":      base64.StdEncoding.EncodeToString([]byte("user1:" + s)),
		"basic in a query":   url.QueryEscape(base64.StdEncoding.EncodeToString([]byte("user:" + s))),
	}
	percent, unicode := regexp.MustCompile("%[0-9A-F]{2}"), regexp.MustCompile(`\\u[0-9a-f]{4}`)
	for _, name := range []string{"query", "path"} {
		list[name+", lower hex"] = percent.ReplaceAllStringFunc(list[name], strings.ToLower)
	}
	for _, name := range []string{"json", "json, ascii"} {
		list[name+", upper hex"] = unicode.ReplaceAllStringFunc(list[name], func(u string) string { return `\u` + strings.ToUpper(u[2:]) })
	}
	return list
}

// ascii writes the rest of a JSON text as encoders of ASCII do.
func ascii(s string) string {
	var b strings.Builder
	for _, unit := range utf16.Encode([]rune(s)) {
		if unit < 0x80 {
			b.WriteByte(byte(unit))
		} else {
			fmt.Fprintf(&b, `\u%04x`, unit)
		}
	}
	return b.String()
}

// references writes the characters in which as format says, and no others.
func references(s, format, which string) string {
	var b strings.Builder
	for _, r := range s {
		if strings.ContainsRune(which, r) {
			fmt.Fprintf(&b, format, r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func xmlEscape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s))
	return b.String()
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

// Whoever quotes a private key may quote a line of it, from a text in which line
// breaks are escaped or not. A certificate beside it is no secret.
func TestRedactorKnowsTheLinesOfAKey(t *testing.T) {
	const line, last, public = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgVcB-UNlockedKey1", "q83vEjRWeJCrze8=", "MIIBszCCAVmgAwIBAgIUCertificate"
	text := "-----BEGIN CERTIFICATE-----\n" + public + "\n-----END CERTIFICATE-----\n-----BEGIN EC PRIVATE KEY-----\n" + line + "\n" + last + "\n-----END EC PRIVATE KEY-----\n"
	for _, pasted := range []string{text, strings.ReplaceAll(text, "\n", `\n`), strings.ReplaceAll(text, "\n", "\r\n"), strings.ReplaceAll(text, "\n", `\r\n`)} {
		r := host.NewRedactor(nil)
		r.Learn(pasted)
		for quoted, want := range map[string]string{
			"bad line: " + line: "bad line: " + host.Mask, line + last: host.Mask + host.Mask, line + "\n" + last: host.Mask + "\n" + host.Mask,
			line + `\n` + last: host.Mask + `\n` + host.Mask, strings.ReplaceAll(last, "=", "%3D"): host.Mask, public: public, "-----BEGIN EC PRIVATE KEY-----": "-----BEGIN EC PRIVATE KEY-----",
		} {
			if got := r.Text(quoted); got != want {
				t.Errorf("%q: got %q, want %q", quoted, got, want)
			}
		}
		if got := r.Text("a" + pasted + "b"); strings.Contains(got, line) || strings.Contains(got, last) {
			t.Errorf("the whole: %q", got)
		}
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
	f.Add(`s3cr3t-value\u002d2 &#115;3cr3t-val&#x75;e %7333cr3t%2dvalu aaaaa\u0061 a&aaaaaa b+c "d" b%20c\u0020&quot;d&quot;`, 1)
	f.Fuzz(func(t *testing.T, text string, size int) {
		r := host.NewRedactor(nil)
		r.Learn("s3cr3t-value", "s3cr3t-value-2", "aaaaaa", `b c "d"`, `\\\\\\x`)
		in := io.NopCloser(&chunks{text: text, size: 1 + (size&0xff)%9})
		got, err := io.ReadAll(r.Reader(in))
		if want := r.Text(text); err != nil || string(got) != want {
			t.Errorf("in chunks %q, whole %q, %v", got, want, err)
		}
	})
}

// However each character is spelled, and whatever else is known, the value is
// found, and nothing around it is taken for a part of it.
func FuzzRedactorSpelling(f *testing.F) {
	f.Add(wild, "\x00\x01\x02\x03\x04\x05\x06\x07", "another secret")
	f.Add("tokené😀/+ %25&amp;", "\x05\x03\x01", "tokené😀")
	f.Add(`\\"\\\n`+"\n\t ", "\x02", "123456")
	f.Fuzz(func(t *testing.T, value, choice, other string) {
		if len(value) < 6 || choice == "" || !utf8.ValidString(value) || strings.Contains(value+other, "|") ||
			strings.Count(value, `\`) > 8 {
			t.Skip()
		}
		var b strings.Builder
		i := 0
		for _, r := range value {
			b.WriteString(spell(r, choice[i%len(choice)]))
			i++
		}
		red := host.NewRedactor(nil)
		red.Learn(value, other, value+"x")
		text := "before|" + b.String() + "|after"
		if got := red.Text("|" + b.String() + "|"); got != "|"+host.Mask+"|" {
			t.Errorf("%q in %q: got %q", value, b.String(), got)
		}
		got, err := io.ReadAll(red.Reader(io.NopCloser(&chunks{text: text, size: 1 + len(choice)%7})))
		if want := red.Text(text); err != nil || string(got) != want {
			t.Errorf("in chunks %q, whole %q, %v", got, want, err)
		}
	})
}

// spell writes a character in one of the ways there are.
func spell(r rune, how byte) string {
	switch how % 10 {
	case 0:
		if r == ' ' {
			return "+"
		}
	case 1, 2:
		var b strings.Builder
		for _, ch := range []byte(string(r)) {
			fmt.Fprintf(&b, []string{"%%%02X", "%%%02x"}[how%10-1], ch)
		}
		return b.String()
	case 3, 4:
		var b strings.Builder
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&b, []string{`\u%04X`, `\u%04x`}[how%10-3], unit)
		}
		return b.String()
	case 5:
		return fmt.Sprintf("&#%d;", r)
	case 6:
		return fmt.Sprintf("&#x%x;", r)
	case 7:
		return html.EscapeString(string(r))
	case 8:
		quoted, _ := json.Marshal(string(r))
		return string(quoted[1 : len(quoted)-1])
	}
	return string(r)
}

// BenchmarkRedactorText searches an answer for one secret and for many that
// begin alike, as tokens do.
func BenchmarkRedactorText(b *testing.B) {
	answer := strings.Repeat(`{"name":"Bearer of the value","url":"https:\/\/x.test\/?a=1&b=%20","n":12345},`, 800)
	for _, count := range []int{1, 10_000} {
		r := host.NewRedactor(nil)
		for i := range count {
			r.Learn(fmt.Sprintf("Bearer eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.%d", i*i))
		}
		b.Run(fmt.Sprintf("%d secrets", count), func(b *testing.B) {
			b.SetBytes(int64(len(answer)))
			b.ReportAllocs()
			for b.Loop() {
				if r.Text(answer) != answer {
					b.Fatal("masked")
				}
			}
		})
	}
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
