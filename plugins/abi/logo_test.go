package abi_test

import (
	"encoding/xml"
	"regexp"
	"strings"
	"testing"

	"github.com/connhost/connhost/plugins/abi"
)

func TestLogo(t *testing.T) {
	type m = *abi.Manifest
	of := func(text, color string) func(m) { return func(m m) { m.Logo = &abi.Logo{Text: text, Color: color} } }
	check(t, skeleton, []rule{
		{"letters and a colour", of("Ac", "#0f5ec4"), ""},
		{"a digit", of("7", "#000000"), ""},
		{"a colour alone", of("", "#55606b"), ""},
		{"three letters", of("Acm", "#0f5ec4"), `logo.text: "text" has a form that is not allowed`},
		{"a tag", of("<", "#0f5ec4"), `logo.text: "text" has a form that is not allowed`},
		{"a word for a colour", of("Ac", "red"), `logo.color: "color" has a form that is not allowed`},
		{"too light", of("Ac", "#ffd400"), `logo.color: white letters cannot be read on #ffd400`},
		{"hardly too light", of("Ac", "#777777"), `logo.color: white letters cannot be read on #777777`},
		{"just dark enough", of("Ac", "#767676"), ""},
	})
}

func TestMark(t *testing.T) {
	for _, c := range []struct {
		id   string
		logo *abi.Logo
		want string
	}{
		{"dropbox", nil, "Dr"},
		{"google-drive", nil, "Gd"},
		{"x", nil, "X"},
		{"x-oauth1", nil, "Xo"},
		{"a-", nil, "A"},
		{"acme", &abi.Logo{Text: "7"}, "7"},
	} {
		if got := (abi.Manifest{ID: c.id, Logo: c.logo}).Mark(); got.Text != c.want {
			t.Errorf("%s: got %+v, want %s", c.id, got, c.want)
		}
	}
	if got := (abi.Manifest{ID: "acme", Logo: &abi.Logo{Color: "#123456"}}).Mark(); got != (abi.Logo{Text: "Ac", Color: "#123456"}) {
		t.Errorf("got %+v", got)
	}
	for word := range strings.FieldsSeq("a b c d e f g h i j k l m n o p q r s t u v w x y z ab ac ad ae af") {
		mark := abi.Manifest{ID: word}.Mark()
		for _, p := range abi.Validate(abi.Manifest{Logo: &mark}) {
			if strings.HasPrefix(p.Path, "logo") {
				t.Errorf("the mark of %s is refused: %v", word, p)
			}
		}
	}
}

// Whatever stands in a Logo, its drawing is one rectangle and one text.
func TestSVGIsSafe(t *testing.T) {
	whole := regexp.MustCompile(`^<svg [a-z0-9":/. =]+><rect [a-z0-9"= ]+ fill="#[0-9a-f]{6}"/><text [a-z0-9"=., -]+ fill="#fff">[A-Za-z0-9]{0,2}</text></svg>\n$`)
	for _, l := range []abi.Logo{
		{Text: "Db", Color: "#0f5ec4"}, {}, {Text: "<g", Color: "#0f5ec4"}, {Text: "&", Color: `#fff"/><script>`}, {Text: "é", Color: "#0F5EC4"}, {Text: "abc", Color: "url(x)"},
	} {
		svg := l.SVG()
		if err := xml.Unmarshal([]byte(svg), new(struct{})); err != nil {
			t.Errorf("%+v: %v", l, err)
		}
		if !whole.MatchString(strings.ReplaceAll(svg, "viewBox", "viewbox")) {
			t.Errorf("%+v: %s", l, svg)
		}
	}
}
