package lib

import "strings"

// A speech says numbers in one language, as the spell-out rules of the Unicode
// locale data do.
type speech struct {
	number func(n int64) string
	minus  string // before the words, with its blank if there is one
	point  string
	digits []string // 0 to 9, for what follows the point
	join   string   // between those
}

func (s speech) withFraction(words, fraction string) string {
	said := []string{}
	for _, d := range fraction {
		said = append(said, s.digits[d-'0'])
	}
	return words + s.point + strings.Join(said, s.join)
}

var languages = map[string]speech{
	"en": english(false), "en-us": english(false), "en-gb": english(false), "en-in": english(true),
	"de": {german, "minus ", " Komma ", germanOnes[:10], " "},
	"fr": {french, "moins ", " virgule ", frenchOnes[:10], " "},
	"es": {spanish, "menos ", " punto ", spanishOnes[:10], " "},
	"it": {italian, "meno ", " virgola ", italianOnes[:10], " "},
	"ja": {japanese, "マイナス", "・", eastDigits("〇一二三四五六七八九"), ""},
	"ko": {korean, "마이너스 ", "점", eastDigits("영일이삼사오육칠팔구"), ""},
	"zh": {chinese, "负", "点", eastDigits("〇一二三四五六七八九"), ""},
}

var englishOnes = strings.Fields("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen")
var englishTens = strings.Fields("- - twenty thirty forty fifty sixty seventy eighty ninety")

// A magnitude is a power of ten with a name of its own.
type magnitude struct {
	n    int64
	name string
}

func english(indian bool) speech {
	scale := []magnitude{{1e15, "quadrillion"}, {1e12, "trillion"}, {1e9, "billion"}, {1e6, "million"}, {1000, "thousand"}, {100, "hundred"}}
	if indian {
		scale = []magnitude{{1e7, "crore"}, {1e5, "lakh"}, {1000, "thousand"}, {100, "hundred"}}
	}
	var say func(n int64) string
	say = func(n int64) string {
		for _, m := range scale {
			if n >= m.n {
				return spaced(say(n/m.n)+" "+m.name, n%m.n, say)
			}
		}
		if n < 20 {
			return englishOnes[n]
		}
		return hyphened(englishTens[n/10], n%10, englishOnes)
	}
	return speech{say, "minus ", " point ", englishOnes[:10], " "}
}

// spaced adds the rest after a blank, if there is one.
func spaced(words string, rest int64, say func(int64) string) string {
	if rest == 0 {
		return words
	}
	return words + " " + say(rest)
}

func hyphened(tens string, rest int64, ones []string) string {
	if rest == 0 {
		return tens
	}
	return tens + "-" + ones[rest]
}

// The hyphens of German, French and Italian number words below a million are
// soft ones in the locale data; here they are left out, as in print.

var germanOnes = strings.Fields("null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn")
var germanTens = strings.Fields("- - zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig")

func german(n int64) string {
	for _, m := range []struct {
		n         int64
		one, many string
	}{{1e15, "Billiarde", "Billiarden"}, {1e12, "Billion", "Billionen"}, {1e9, "Milliarde", "Milliarden"}, {1e6, "Million", "Millionen"}} {
		if n >= m.n {
			words := "eine " + m.one
			if n/m.n > 1 {
				words = german(n/m.n) + " " + m.many
			}
			return spaced(words, n%m.n, german)
		}
	}
	switch {
	case n >= 1000:
		return germanJoin(n/1000, "tausend", n%1000)
	case n >= 100:
		return germanJoin(n/100, "hundert", n%100)
	case n < 20:
		return germanOnes[n]
	case n%10 == 0:
		return germanTens[n/10]
	case n%10 == 1:
		return "einund" + germanTens[n/10]
	}
	return germanOnes[n%10] + "und" + germanTens[n/10]
}

// germanJoin says how many of a unit there are, and the rest, in one word; one
// is "ein" before it.
func germanJoin(count int64, unit string, rest int64) string {
	words := "ein" + unit
	if count > 1 {
		counted := german(count)
		words = strings.TrimSuffix(counted, "eins") + unit
		if strings.HasSuffix(counted, "eins") {
			words = strings.TrimSuffix(counted, "s") + unit
		}
	}
	if rest > 0 {
		words += german(rest)
	}
	return words
}

var frenchOnes = strings.Fields("zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept dix-huit dix-neuf")
var frenchTens = strings.Fields("- - vingt trente quarante cinquante soixante soixante quatre-vingt quatre-vingt")

func french(n int64) string {
	for _, m := range []magnitude{{1e15, "billiard"}, {1e12, "billion"}, {1e9, "milliard"}, {1e6, "million"}} {
		if n >= m.n {
			words := frenchCount(n/m.n, true) + " " + m.name
			if n/m.n > 1 {
				words += "s"
			}
			return spaced(words, n%m.n, french)
		}
	}
	switch {
	case n >= 2000:
		return spaced(frenchCount(n/1000, false)+" mille", n%1000, french)
	case n >= 1000:
		return spaced("mille", n%1000, french)
	case n >= 200 && n%100 == 0:
		return frenchOnes[n/100] + " cents"
	case n >= 200:
		return frenchOnes[n/100] + " cent " + french(n%100)
	case n >= 100:
		return spaced("cent", n%100, french)
	case n < 20:
		return frenchOnes[n]
	}
	return frenchBelow100(n)
}

// frenchBelow100 counts by twenties from 60 on.
func frenchBelow100(n int64) string {
	tens, rest := n/10, n%10
	if tens == 7 || tens == 9 {
		rest += 10
	}
	switch {
	case n == 80:
		return "quatre-vingts"
	case rest == 0:
		return frenchTens[tens]
	case (rest == 1 || rest == 11) && tens < 8:
		return frenchTens[tens] + " et " + frenchOnes[rest]
	}
	return frenchTens[tens] + "-" + frenchOnes[rest]
}

// frenchCount is how many there are of what follows: before mille the s of
// cents and vingts is dropped.
func frenchCount(n int64, plural bool) string {
	words := french(n)
	if !plural && (strings.HasSuffix(words, "cents") || strings.HasSuffix(words, "vingts")) {
		return strings.TrimSuffix(words, "s")
	}
	return words
}

var spanishOnes = strings.Fields("cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete dieciocho diecinueve veinte veintiuno veintidós veintitrés veinticuatro veinticinco veintiséis veintisiete veintiocho veintinueve")
var spanishTens = strings.Fields("- - - treinta cuarenta cincuenta sesenta setenta ochenta noventa")
var spanishHundreds = strings.Fields("- ciento doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos novecientos")

func spanish(n int64) string {
	for _, m := range []struct {
		n         int64
		one, many string
	}{{1e12, "billón", "billones"}, {1e6, "millón", "millones"}} {
		if n >= m.n {
			words := "un " + m.one
			if n/m.n > 1 {
				words = spanishShort(spanish(n/m.n)) + " " + m.many
			}
			return spaced(words, n%m.n, spanish)
		}
	}
	switch {
	case n >= 2000:
		return spaced(spanishShort(spanish(n/1000))+" mil", n%1000, spanish)
	case n >= 1000:
		return spaced("mil", n%1000, spanish)
	case n == 100:
		return "cien"
	case n > 100:
		return spaced(spanishHundreds[n/100], n%100, spanish)
	case n < 30:
		return spanishOnes[n]
	case n%10 == 0:
		return spanishTens[n/10]
	}
	return spanishTens[n/10] + " y " + spanishOnes[n%10]
}

// spanishShort is a number before a noun: uno loses its o.
func spanishShort(words string) string {
	if s, ok := strings.CutSuffix(words, "veintiuno"); ok {
		return s + "veintiún"
	}
	if strings.HasSuffix(words, "uno") {
		return strings.TrimSuffix(words, "o")
	}
	return words
}

var italianOnes = strings.Fields("zero uno due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici quindici sedici diciassette diciotto diciannove")
var italianTens = strings.Fields("- - venti trenta quaranta cinquanta sessanta settanta ottanta novanta")

func italian(n int64) string {
	for _, m := range []struct {
		n         int64
		one, many string
	}{{1e15, "biliardo", "biliardi"}, {1e12, "bilione", "bilioni"}, {1e9, "miliardo", "miliardi"}, {1e6, "milione", "milioni"}} {
		if n >= m.n {
			words := "un " + m.one
			if n/m.n > 1 {
				words = italian(n/m.n) + " " + m.many
			}
			return spaced(words, n%m.n, italian)
		}
	}
	switch {
	case n >= 2000:
		return italianJoin(italian(n/1000)+"mila", n%1000)
	case n >= 1000:
		return italianJoin("mille", n%1000)
	case n >= 200:
		return italianJoin(italianOnes[n/100]+"cento", n%100)
	case n >= 100:
		return italianJoin("cento", n%100)
	case n < 20:
		return italianOnes[n]
	}
	tens := italianTens[n/10]
	switch n % 10 {
	case 0:
		return tens
	case 1, 8:
		return tens[:len(tens)-1] + italianOnes[n%10]
	case 3:
		return tens + "tré"
	}
	return tens + italianOnes[n%10]
}

// italianJoin adds the rest to the word; a three at its end takes an accent.
func italianJoin(words string, rest int64) string {
	switch {
	case rest == 0:
		return words
	case rest == 3:
		return words + "tré"
	case strings.HasSuffix(words, "cento") && (rest == 8 || rest/10 == 8):
		return words[:len(words)-1] + italian(rest) // centotto
	}
	return words + italian(rest)
}

func eastDigits(s string) []string { return strings.Split(s, "") }
