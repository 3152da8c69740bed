package syntax

import "strings"

// Suggest returns the candidate that a mistyped name most likely meant, or ""
// when none is near: at most one edit for every three characters, letter case
// ignored, and none in a name of one letter. Of equally near ones it takes the one that begins most alike, and of
// those the first.
func Suggest(name string, candidates []string) string {
	best, least := "", max(1, len(name)/3)+1
	if len(name) == 1 {
		least = 1
	}
	lower := strings.ToLower(name)
	for _, c := range candidates {
		if abs(len(c)-len(name)) > least || c == name {
			continue
		}
		d := distance(lower, strings.ToLower(c))
		if d < least || d == least && best != "" && alike(lower, c) > alike(lower, best) {
			best, least = c, d
		}
	}
	return best
}

// alike counts the letters that both names begin with.
func alike(lower, name string) int {
	n := 0
	for n < len(lower) && n < len(name) && lower[n] == name[n]|0x20 {
		n++
	}
	return n
}

// DidYouMean is Suggest as a hint, empty when nothing is near.
func DidYouMean(name string, candidates []string) string {
	if s := Suggest(name, candidates); s != "" {
		return "did you mean " + s + "?"
	}
	return ""
}

// distance counts the insertions, removals, replacements and swaps of
// neighbours that turn a into b.
func distance(a, b string) int {
	const longest = 64
	if len(a) > longest || len(b) > longest {
		return longest
	}
	var rows [3][longest + 1]int
	before, last, row := &rows[0], &rows[1], &rows[2]
	for j := range len(b) + 1 {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}
