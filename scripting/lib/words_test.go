package lib_test

import "testing"

func TestNumbersInWords(t *testing.T) {
	for _, c := range []struct{ number, language, want string }{
		{"0", "en-us", "zero"},
		{"1000", "en-us", "one thousand"},
		{"21", "en-us", "twenty-one"},
		{"105", "en-gb", "one hundred five"},
		{"999999999999999999", "en-us", "nine hundred ninety-nine quadrillion nine hundred ninety-nine trillion nine hundred ninety-nine billion nine hundred ninety-nine million nine hundred ninety-nine thousand nine hundred ninety-nine"},
		{"0.05", "en-us", "zero point zero five"},
		{"123456", "en-in", "one lakh twenty-three thousand four hundred fifty-six"},
		{"10000000", "EN-GB", "ten million"},
		{"0", "de", "null"}, {"1", "de", "eins"}, {"21", "de", "einundzwanzig"}, {"101", "de", "einhunderteins"},
		{"1989", "de", "eintausendneunhundertneunundachtzig"}, {"2000001", "de", "zwei Millionen eins"}, {"1000000", "de", "eine Million"},
		{"21000", "de", "einundzwanzigtausend"}, {"101000", "de", "einhunderteintausend"},
		{"71", "fr", "soixante et onze"}, {"80", "fr", "quatre-vingts"}, {"81", "fr", "quatre-vingt-un"}, {"99", "fr", "quatre-vingt-dix-neuf"},
		{"21", "fr", "vingt et un"}, {"200", "fr", "deux cents"}, {"1989", "fr", "mille neuf cent quatre-vingt-neuf"},
		{"80000", "fr", "quatre-vingt mille"}, {"200000000", "fr", "deux cents millions"},
		{"100", "es", "cien"}, {"121", "es", "ciento veintiuno"}, {"21000", "es", "veintiún mil"}, {"31000000", "es", "treinta y un millones"},
		{"-5.5", "es", "menos cinco punto cinco"},
		{"28", "it", "ventotto"}, {"23", "it", "ventitré"}, {"1989", "it", "millenovecentottantanove"}, {"103", "it", "centotré"}, {"2000", "it", "duemila"}, {"1000000", "it", "un milione"},
		{"1989", "ja", "千九百八十九"}, {"10000", "ja", "一万"}, {"100000000", "ja", "一億"},
		{"24", "ko", "이십사"}, {"10000", "ko", "만"}, {"1989", "ko", "천구백팔십구"},
		{"10", "zh", "十"}, {"110", "zh", "一百一十"}, {"1001", "zh", "一千〇一"}, {"10010", "zh", "一万〇一十"}, {"100000", "zh", "十万"},
		{"1", "xx", `error: toWords does not speak "xx": en-us, en-gb, en-in, de, es, fr, it, ja, ko or zh`},
		{"1000000000000000000", "en", "error: toWords reads numbers of up to 18 digits"},
	} {
		rt := runtime(t)
		if got := answer(rt, function(t, "toWords"), []any{mustNumber(t, c.number), c.language}); got != c.want {
			t.Errorf("%s in %s = %s, want %s", c.number, c.language, got, c.want)
		}
	}
}
