package lab

import (
	"fmt"
	"regexp/syntax"
	"strings"

	"github.com/connhost/connhost/plugins/abi"
)

// invent makes a text that a pattern matches (RE2, against the whole). Where the
// pattern leaves a choice, the seed makes it.
func (l *Lab) invent(pattern string) (string, error) {
	re, err := syntax.Parse(`(?:`+pattern+`)`, syntax.Perl)
	if err != nil {
		return "", err
	}
	i := &inventor{chance: l.secret("pattern")}
	i.write(re)
	if i.failed != nil {
		return "", i.failed
	}
	return i.out.String(), nil
}

type inventor struct {
	out    strings.Builder
	chance string // its characters choose
	taken  int
	failed error
}

// maxInvented bounds what a pattern can ask for.
const maxInvented = 4096

func (i *inventor) write(re *syntax.Regexp) {
	if i.failed != nil || i.out.Len() > maxInvented {
		return
	}
	switch re.Op {
	case syntax.OpEmptyMatch, syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText, syntax.OpWordBoundary, syntax.OpNoWordBoundary, syntax.OpQuest:
	case syntax.OpLiteral:
		i.out.WriteString(string(re.Rune))
	case syntax.OpCharClass:
		i.choose(re.Rune)
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		i.choose([]rune{'a', 'z'})
	case syntax.OpCapture, syntax.OpConcat:
		for _, sub := range re.Sub {
			i.write(sub)
		}
	case syntax.OpAlternate:
		i.write(re.Sub[0])
	case syntax.OpStar, syntax.OpPlus:
		i.repeat(re.Sub[0], usual)
	case syntax.OpRepeat:
		times := max(re.Min, usual)
		if re.Max >= 0 {
			times = min(times, re.Max)
		}
		i.repeat(re.Sub[0], times)
	default:
		i.failed = fmt.Errorf("its pattern matches nothing that can be made up")
	}
}

// usual is how often something stands that may stand any number of times: long
// enough for a secret to be told apart.
const usual = 16

func (i *inventor) repeat(re *syntax.Regexp, times int) {
	for range times {
		i.write(re)
	}
}

// choose takes a printable character of ASCII out of pairs of bounds, or the
// first that there is.
func (i *inventor) choose(bounds []rune) {
	var list []rune
	for b := 0; b+1 < len(bounds); b += 2 {
		for r := max(bounds[b], ' '+1); r <= min(bounds[b+1], '~'); r++ {
			list = append(list, r)
		}
	}
	if len(list) == 0 {
		if len(bounds) == 0 {
			i.failed = fmt.Errorf("its pattern matches nothing")
			return
		}
		list = bounds[:1]
	}
	at := strings.IndexByte(alphabet, i.chance[i.taken%len(i.chance)]) + i.taken
	i.taken++
	i.out.WriteRune(list[max(at, 0)%len(list)])
}

// alphabet is what secrets are written in: that of base64url (RFC 4648 section 5).
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// MakeUp makes a value for a parameter of an action, as the lab makes up those of
// a connection: its default where it has one, nothing where it may be left out.
func (l *Lab) MakeUp(p abi.Parameter) (string, error) {
	p.Secret = false
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case p.Default != "" || !p.Required || len(p.Enum) > 0 || p.Pattern != "":
	case p.Kind == abi.KindNumber:
		return "7", nil
	case p.Kind == abi.KindBoolean:
		return "true", nil
	case p.Kind == abi.KindJSON:
		return `{"lab":true}`, nil
	case p.Kind == abi.KindPath:
		return "lab/a b.txt", nil
	}
	text, err := l.field(abi.Manifest{}, p)
	if err == nil {
		err = p.Check(text)
	}
	return text, err
}
