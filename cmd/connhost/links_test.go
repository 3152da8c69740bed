package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	pageLink  = regexp.MustCompile(`\]\(([^()\s]+)\)`)
	pageTitle = regexp.MustCompile(`(?m)^#+ (.*)$`)
	codeBlock = regexp.MustCompile("(?s)\n```.*?\n```")
)

// Every link from one page to another, or within one, leads somewhere.
func TestLinksOfPages(t *testing.T) {
	n := 0
	pages := []string{
		readme, guide, authors, "../../plugins/ABI.md", "../../plugins/MANIFEST.md", "../../plugins/CASES.md", "../../plugins/SIGNING.md", "../../plugins/sdk/README.md",
		cataloguePage,
	}
	for id := range guided {
		pages = append(pages, guideOf(id))
	}
	for _, page := range pages {
		for _, link := range pageLink.FindAllStringSubmatch(codeBlock.ReplaceAllString(readPage(t, page), ""), -1) {
			file, anchor, _ := strings.Cut(link[1], "#")
			if strings.Contains(link[1], "://") {
				continue
			}
			n++
			to := page
			if file != "" {
				to = filepath.Join(filepath.Dir(page), file)
			}
			if _, err := os.Stat(to); err != nil {
				t.Errorf("%s: there is no %s", page, link[1])
			} else if anchor != "" && !anchors(readPage(t, to))[anchor] {
				t.Errorf("%s: no title of %s is %q", page, to, anchor)
			}
		}
	}
	if n < 60 {
		t.Errorf("%d links", n)
	}
}

// anchors are the names that the titles of a page have in a link.
func anchors(page string) map[string]bool {
	out := map[string]bool{}
	for _, title := range pageTitle.FindAllStringSubmatch(codeBlock.ReplaceAllString(page, ""), -1) {
		out[strings.Map(inAnchor, strings.ToLower(title[1]))] = true
	}
	return out
}

func inAnchor(r rune) rune {
	switch {
	case r == ' ':
		return '-'
	case r == '-' || r == '_' || r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
		return r
	}
	return -1
}
