package importer

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/connhost/connhost/plugins/abi"
)

// clean makes one line of a text that may hold anything: what cannot be printed
// is left out, and blanks of all kinds are one space.
func clean(text string) string {
	var b strings.Builder
	space := false
	for _, r := range text {
		switch {
		case unicode.IsSpace(r):
			space = b.Len() > 0
		case r == utf8.RuneError || !unicode.IsPrint(r):
		default:
			if space {
				b.WriteByte(' ')
			}
			space = false
			b.WriteRune(r)
		}
	}
	return b.String()
}

// clip keeps at most n characters, and says that there were more.
func clip(text string, n int) string {
	if utf8.RuneCountInString(text) <= n {
		return text
	}
	runes := []rune(text)[:n-3]
	cut := string(runes)
	if i := strings.LastIndexByte(cut, ' '); i > len(cut)/2 {
		cut = cut[:i]
	}
	return strings.TrimRight(cut, " ,;:.") + "..."
}

var (
	markup   = regexp.MustCompile("<[a-zA-Z/!][^<>]{0,200}>|[*`]+|(?m:^#+ )")
	link     = regexp.MustCompile(`!?\[([^\[\]]{0,200})\]\([^()]{0,500}\)`)
	sentence = regexp.MustCompile(`^.*?[\pL\pN)"'][.!?](\s|$)`)
)

// longest is how much of a text is looked at: some are whole books.
const longest = 4000

// plain is the text of Markdown or HTML without its marks, in one line.
func plain(text string) string {
	if len(text) > longest {
		text = text[:longest]
	}
	return clean(markup.ReplaceAllString(link.ReplaceAllString(text, "$1"), ""))
}

// phrase is the first sentence of a text, at most n characters.
func phrase(text string, n int) string {
	text = plain(text)
	if first := strings.TrimSpace(sentence.FindString(text)); len(first) > 15 && !strings.HasSuffix(first, "e.g.") && !strings.HasSuffix(first, "i.e.") {
		text = first
	}
	return clip(text, n)
}

// followed is a help with one more sentence behind it.
func followed(help, more string) string {
	if help != "" && !strings.ContainsAny(help[len(help)-1:], ".!?:;") {
		help += "."
	}
	return strings.TrimSpace(help + " " + more)
}

// literal is a text as a template that is nothing but it.
func literal(text string) string {
	return strings.NewReplacer("{", "{{", "}", "}}").Replace(text)
}

var (
	notWord  = regexp.MustCompile(`[^A-Za-z0-9]+`)
	humpEnd  = regexp.MustCompile(`([a-z0-9])([A-Z])`)
	acronyms = regexp.MustCompile(`([A-Z]+)([A-Z][a-z])`)
)

// snake writes a name with "_" between its words: listPets, list-pets and
// List Pets are list_pets.
func snake(name string) string {
	name = acronyms.ReplaceAllString(humpEnd.ReplaceAllString(name, "${1}_$2"), "${1}_$2")
	return strings.ToLower(strings.Trim(notWord.ReplaceAllString(name, "_"), "_"))
}

// maxName is how many characters the name of an action and a key may have.
const maxName = 50

// actionName is a name by the rules of actions.
func actionName(name string) string {
	name = strings.TrimLeft(snake(clip(name, 300)), "0123456789_")
	if len(name) <= maxName {
		return name
	}
	cut := name[:maxName]
	if i := strings.LastIndexByte(cut, '_'); i > maxName/2 && name[maxName] != '_' {
		cut = cut[:i]
	}
	return strings.TrimRight(cut, "_")
}

// fieldKey is a name by the rules of parameters; it stays as it is written as
// far as it can.
func fieldKey(name string) string {
	key := strings.Trim(notWord.ReplaceAllString(clip(name, 300), "_"), "_")
	if key = strings.TrimLeft(key, "0123456789_"); len(key) > maxName {
		key = strings.TrimRight(key[:maxName], "_")
	}
	if key == "" || key == "none" {
		key = strings.TrimSuffix("value_"+key, "_")
	}
	return key
}

// label is a key as a person reads it: apiKey is "Api key".
func label(key string) string {
	words := strings.ReplaceAll(snake(key), "_", " ")
	if words == "" {
		return key
	}
	for word, known := range map[string]string{"api": "API", "url": "URL", "id": "ID", "oauth": "OAuth", "oauth2": "OAuth 2"} {
		if first, rest, _ := strings.Cut(words, " "); first == word {
			return strings.TrimSpace(known + " " + rest)
		}
	}
	return strings.ToUpper(words[:1]) + words[1:]
}

// A namer gives every name once.
type namer map[string]bool

// take gives the first of some names that is free, else the first with a
// number. Names are at most maxName long already.
func (n namer) take(names ...string) string {
	for _, name := range names {
		if name != "" && !n[name] {
			n[name] = true
			return name
		}
	}
	for i := 2; ; i++ {
		end := "_" + strconv.Itoa(i)
		name := strings.TrimRight(names[0][:min(len(names[0]), maxName-len(end))], "_") + end
		if !n[name] {
			n[name] = true
			return name
		}
	}
}

// reserved are the names that no parameter of an action may have: the host's own
// for the auth type, and the connection's.
func reserved(m abi.Manifest) namer {
	n := namer{"none": true}
	for _, f := range m.Fields() {
		n[f.Key] = true
	}
	own := []string{}
	switch m.Auth.Type {
	case abi.AuthOAuth1:
		own = []string{"client_id", "client_secret", "access_token", "token_secret", "redirect_uri"}
	case abi.AuthOAuth2:
		own = []string{"state", abi.DPoPKey}
		for _, r := range abi.RequestRules() {
			if r.Path == "auth.token" || r.Path == "revoke" {
				own = append(own, r.Names...)
			}
		}
	case abi.AuthSession:
		own = []string{"session"}
	}
	for _, name := range own {
		n[name] = true
	}
	return n
}
