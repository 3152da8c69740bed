package lib

// The languages of East Asia count in groups of four digits: each group is said
// with its units and followed by the name of the group.

var eastGroups = []int64{1e16, 1e12, 1e8, 1e4}

// An east says numbers of one such language.
type east struct {
	digits []string // from 0
	units  []string // ten, hundred, thousand
	groups []string // names of eastGroups
	gap    string   // between groups
	oneTen bool     // 10 within a larger number, and 100 and 1000, are said with their one
}

func (e east) group(n int64) string {
	words := ""
	for i, unit := range []int64{1000, 100, 10} {
		d := n / unit % 10
		if d == 0 {
			continue
		}
		if d > 1 {
			words += e.digits[d]
		}
		words += e.units[2-i]
	}
	if n%10 > 0 {
		words += e.digits[n%10]
	}
	return words
}

func (e east) number(n int64) string {
	if n == 0 {
		return e.digits[0]
	}
	words := ""
	add := func(s string) {
		if words != "" {
			words += e.gap
		}
		words += s
	}
	for i, g := range eastGroups {
		if n/g == 0 {
			continue
		}
		count := e.group(n / g)
		if n/g == 1 && !e.oneTen && g == 1e4 {
			count = ""
		}
		add(count + e.groups[i])
		n %= g
	}
	if n > 0 {
		add(e.group(n))
	}
	return words
}

func japanese(n int64) string {
	e := east{digits: eastDigits("〇一二三四五六七八九"), units: eastDigits("十百千"), groups: eastDigits("京兆億万"), oneTen: true}
	return e.number(n)
}

// korean says 10,000 without its one.
func korean(n int64) string {
	e := east{digits: eastDigits("영일이삼사오육칠팔구"), units: eastDigits("십백천"), groups: eastDigits("경조억만"), gap: " "}
	return e.number(n)
}

// chinese says every one, and a zero for digits that are skipped.
func chinese(n int64) string {
	if n == 0 {
		return "〇"
	}
	digits, units, groups := eastDigits("〇一二三四五六七八九"), eastDigits("十百千"), eastDigits("京兆亿万")
	words, gap := "", false
	say := func(n int64) {
		for i, unit := range []int64{1000, 100, 10, 1} {
			d := n / unit % 10
			if d == 0 {
				gap = gap || words != ""
				continue
			}
			if gap {
				words += "〇"
				gap = false
			}
			if d != 1 || unit != 10 || words != "" {
				words += digits[d]
			}
			if unit > 1 {
				words += units[2-i]
			}
		}
	}
	for i, g := range eastGroups {
		if n/g == 0 {
			gap = gap || words != ""
			continue
		}
		say(n / g)
		words += groups[i]
		gap = false
		n %= g
	}
	if n > 0 {
		say(n)
	}
	return words
}
