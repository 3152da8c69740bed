package lib_test

import "testing"

// Every call without an iv takes a new one, and what it gave decodes again. The
// texts that the product encrypted are in vectors.tsv.
func TestEncryptionRoundTrips(t *testing.T) {
	rt := runtime(t)
	for _, text := range []string{"", "a", "sixteen bytes!!!", "über, and longer than one block"} {
		seen := map[string]bool{}
		for range 3 {
			made := answer(rt, function(t, "aesEncode"), []any{"key", text})
			if seen[made] {
				t.Errorf("the same text twice: %s", made)
			}
			seen[made] = true
			if got := answer(rt, function(t, "aesDecode"), []any{"key", made}); got != text {
				t.Errorf("%q came back as %q", text, got)
			}
			if got := answer(rt, function(t, "aesDecode"), []any{"other", made}); got == text && text != "" {
				t.Errorf("another key decodes %q", text)
			}
		}
	}
}

func TestCharsets(t *testing.T) {
	for _, c := range []struct{ fn, args, want string }{
		{"base64Encode", `["é","UTF-16BE"]`, "AOk="},
		{"base64Encode", `["é","ISO-8859-1"]`, "6Q=="},
		{"base64Encode", `["é","utf-8"]`, "w6k="},
		{"base64Encode", `["€","ISO-8859-1"]`, "error: the charset ISO-8859-1 does not have all characters of the text"},
		{"base64Encode", `["é","nothing"]`, `error: unknown charset "nothing"`},
		{"base64Decode", `["6Q==","ISO-8859-1"]`, "é"},
		{"base64Decode", `["sKGzqg==","EUC-KR"]`, "가나"},
		{"base64Decode", `["g1qDe4M=","Shift_JIS"]`, "セボ\uFFFD"},
		{"base64Decode", `["-_8"]`, "\uFFFD"},
		{"zoho.encryption.sha1", `["abc","binary"]`, "1010100110011001001111100011011001000111000001101000000101101010101110100011111000100101011100010111100001010000110000100110110010011100110100001101100010011101"},
	} {
		rt := runtime(t)
		if got := answer(rt, function(t, c.fn), arguments(t, rt, c.args)); got != c.want {
			t.Errorf("%s%s = %s, want %s", c.fn, c.args, got, c.want)
		}
	}
}
