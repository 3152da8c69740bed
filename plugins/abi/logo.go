package abi

import (
	"fmt"
	"hash/fnv"
	"math"
	"strconv"
	"strings"
)

// Mark is what stands for the connector: its logo, and what that does not say
// from its id.
func (m Manifest) Mark() Logo {
	var mark Logo
	if m.Logo != nil {
		mark = *m.Logo
	}
	first, rest, _ := strings.Cut(m.ID, "-")
	if mark.Text == "" {
		mark.Text = initial(first) + rest[:min(1, len(rest))]
		if rest == "" {
			mark.Text = initial(first) + first[min(1, len(first)):min(2, len(first))]
		}
	}
	if mark.Color == "" {
		sum := fnv.New32a()
		_, _ = sum.Write([]byte(m.ID)) // which cannot fail
		mark.Color = markColors[sum.Sum32()%uint32(len(markColors))]
	}
	return mark
}

func initial(word string) string { return strings.ToUpper(word[:min(1, len(word))]) }

// markColors are dark enough for white letters; a test says so.
var markColors = []string{
	"#0f5ec4", "#7a3fb5", "#a6264f", "#b0361a", "#8a5a00", "#5b6f00",
	"#1f7a35", "#00756f", "#00709c", "#4a55c7", "#8e3d8e", "#55606b",
}

// SVG draws a mark: letters on a square with round corners. What is no mark
// gives a square without letters, so that nothing else can stand in a drawing.
func (l Logo) SVG() string {
	text, color := l.Text, l.Color
	if !isMark(text) {
		text = ""
	}
	if _, ok := luminance(color); !ok {
		color = markColors[0]
	}
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" width="32" height="32" viewBox="0 0 32 32">`+
		`<rect width="32" height="32" rx="7" fill="%s"/>`+
		`<text x="16" y="21.5" text-anchor="middle" font-family="system-ui,sans-serif" font-size="15" font-weight="600" fill="#fff">%s</text></svg>`+"\n", color, text)
}

// isMark says whether a text is one or two letters or digits.
func isMark(text string) bool {
	for _, c := range []byte(text) {
		if (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') {
			return false
		}
	}
	return len(text) == 1 || len(text) == 2
}

// luminance of a colour such as #0f5ec4, from 0 for black to 1 for white, as WCAG
// 2.2 defines it; false where it is none.
func luminance(color string) (float64, bool) {
	digits, ok := strings.CutPrefix(color, "#")
	value, err := strconv.ParseUint(digits, 16, 24)
	if !ok || err != nil || len(digits) != 6 || strings.ToLower(digits) != digits {
		return 0, false
	}
	channel := func(shift uint, weight float64) float64 {
		c := float64(value>>shift&0xff) / 255
		if c <= 0.04045 {
			return weight * c / 12.92
		}
		return weight * math.Pow((c+0.055)/1.055, 2.4)
	}
	return channel(16, 0.2126) + channel(8, 0.7152) + channel(0, 0.0722), true
}

// readable is the contrast that text needs (WCAG 2.2 success criterion 1.4.3).
const readable = 4.5

// logo checks that white letters can be read on the colour.
func (c *checker) logo() {
	if c.m.Logo == nil || c.m.Logo.Color == "" {
		return
	}
	if l, ok := luminance(c.m.Logo.Color); ok && 1.05/(l+0.05) < readable {
		c.fault("M117", "logo.color", "take a darker one, such as "+markColors[0], "white letters cannot be read on %s", c.m.Logo.Color)
	}
}
