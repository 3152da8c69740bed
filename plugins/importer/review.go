package importer

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A Review is what a person should look at before a draft is used.
type Review struct {
	From     string         // what the document is: OpenAPI 3.0.3
	Total    int            // operations of the document
	Check    []string       // sentences
	LeftOut  []Omission     // operations that are no actions, and why
	Tags     map[string]int // tag -> operations, for choosing others
	Selected bool           // operations were chosen by the caller
}

// An Omission is an operation that is no action.
type Omission struct {
	Operation string `json:"operation"`
	Why       string `json:"why"`
}

// NoRoom is why an operation is left out that could be an action.
const NoRoom = "a manifest has no room for more"

// check adds sentences, each once.
func (r *Review) check(list ...string) {
	for _, text := range list {
		text = clip(clean(text), 500)
		if !slices.Contains(r.Check, text) {
			r.Check = append(r.Check, text)
		}
	}
}

func (r *Review) omit(operation, why string) {
	r.LeftOut = append(r.LeftOut, Omission{clip(clean(operation), 160), clip(clean(why), 200)})
}

// Reasons counts what was left out by why, the commonest first.
func (r Review) Reasons() []string {
	count := map[string]int{}
	for _, o := range r.LeftOut {
		why, _, _ := strings.Cut(o.Why, " at #")
		count[why]++
	}
	reasons := slices.Sorted(maps.Keys(count))
	slices.SortStableFunc(reasons, func(a, b string) int { return count[b] - count[a] })
	for i, why := range reasons {
		reasons[i] = fmt.Sprintf("%d: %s", count[why], why)
	}
	return reasons
}

// Crowded says that operations were left out for want of room.
func (r Review) Crowded() bool {
	return slices.ContainsFunc(r.LeftOut, func(o Omission) bool { return o.Why == NoRoom })
}

// BusyTags are the tags with most operations, with how many.
func (r Review) BusyTags(most int) (list []string) {
	tags := slices.Sorted(maps.Keys(r.Tags))
	slices.SortStableFunc(tags, func(a, b string) int { return r.Tags[b] - r.Tags[a] })
	for _, tag := range tags[:min(len(tags), most)] {
		list = append(list, fmt.Sprintf("%s (%d)", clip(clean(tag), 60), r.Tags[tag]))
	}
	return list
}

// maxListed is how many operations are listed for one reason.
const maxListed = 300

// Markdown is the review as a page to keep beside the draft.
func (r Review) Markdown(id string, actions int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Review of %s\n\nDrafted from %s: %d of %d operations are actions. A draft is a beginning: what\n", id, r.From, actions, r.Total)
	b.WriteString("stands below was guessed or left out. Delete this page when it is done.\n")
	if len(r.Check) > 0 {
		b.WriteString("\n## To check\n\n")
		for _, text := range r.Check {
			fmt.Fprintf(&b, "- [ ] %s\n", escaped(text))
		}
	}
	if len(r.LeftOut) > 0 {
		b.WriteString("\n## Left out\n")
		r.leftOut(&b)
	}
	if tags := r.BusyTags(40); len(tags) > 0 && len(r.LeftOut) > 0 {
		fmt.Fprintf(&b, "\nTo choose other operations: `--tag TAG` or `--operations PATTERN`. Tags: %s.\n", escaped(strings.Join(tags, ", ")))
	}
	return b.String()
}

func (r Review) leftOut(b *strings.Builder) {
	by := map[string][]string{}
	for _, o := range r.LeftOut {
		why, at, placed := strings.Cut(o.Why, " at #")
		if placed {
			o.Operation += " (#" + at + ")"
		}
		by[why] = append(by[why], o.Operation)
	}
	for _, why := range slices.Sorted(maps.Keys(by)) {
		fmt.Fprintf(b, "\n%s:\n\n", escaped(strings.ToUpper(why[:1])+why[1:]))
		for _, operation := range by[why][:min(len(by[why]), maxListed)] {
			fmt.Fprintf(b, "- %s\n", escaped(operation))
		}
		if more := len(by[why]) - maxListed; more > 0 {
			fmt.Fprintf(b, "- and %d more\n", more)
		}
	}
}

// escaped keeps a text of a document from being anything but text in Markdown.
func escaped(text string) string {
	return strings.NewReplacer("<", "&lt;", "`", "'", "[", "\\[", "]", "\\]", "*", "\\*", "_", "\\_", "|", "\\|").Replace(text)
}
