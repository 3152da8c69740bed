package importer

import (
	"cmp"
	"encoding/json"
	"math"
	"regexp"
	"slices"
	"strings"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// maxActions is how many actions a manifest may have, and room is how many
// bytes of it they may take: the rest is for its other keys.
const (
	maxActions = 500
	room       = abi.MaxManifest - 12<<10
)

// selected are the operations that the caller wants, all unless they say so.
func (s *service) selected(o Options) error {
	if len(o.Operations) == 0 && len(o.Tags) == 0 {
		return nil
	}
	s.review.Selected = true
	wanted := patterns(o.Operations)
	kept := slices.DeleteFunc(slices.Clone(s.operations), func(op operation) bool {
		byTag := slices.ContainsFunc(op.tags, func(tag string) bool {
			return slices.ContainsFunc(o.Tags, func(t string) bool { return strings.EqualFold(t, tag) })
		})
		return !byTag && !slices.ContainsFunc(wanted, op.matches)
	})
	for _, op := range s.operations {
		if !slices.ContainsFunc(kept, func(k operation) bool { return k.Name == op.Name }) {
			s.review.omit(op.place, "it was not asked for")
		}
	}
	if len(kept) == 0 {
		hint := "patterns are held against names, paths and METHOD /path: --operations 'GET /users*'"
		if tags := s.review.BusyTags(12); len(tags) > 0 {
			hint = "its tags: " + strings.Join(tags, ", ")
		}
		return host.Errorf(host.NotFound, "no operation that could be an action is one of those asked for").WithHint("%s", hint)
	}
	s.operations = kept
	return nil
}

// patterns compiles those of --operations: * stands for anything.
func patterns(texts []string) (list []*regexp.Regexp) {
	for _, text := range texts {
		list = append(list, regexp.MustCompile(`(?i)^`+strings.ReplaceAll(regexp.QuoteMeta(text), `\*`, `.*`)+`$`))
	}
	return list
}

func (o operation) matches(form *regexp.Regexp) bool {
	_, path, _ := strings.Cut(o.place, " ")
	return slices.ContainsFunc([]string{o.Name, o.id, o.place, path}, form.MatchString)
}

// fit keeps as many operations as a manifest has room for, the most central
// first: first without long texts, then without some operations.
func (s *service) fit() {
	for _, most := range []int{maxHelp, 80, 0} {
		s.shorten(most)
		if len(s.operations) <= maxActions && s.size() <= room {
			return
		}
		if most == 80 && len(s.operations) > maxActions {
			break // they are cut anyway, and a help is worth some of them
		}
	}
	weights := s.weights()
	order := make([]int, len(s.operations))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(weights[b], weights[a]) })
	kept, size := map[int]bool{}, 0
	for _, i := range order {
		n := actionSize(s.operations[i])
		if len(kept) >= maxActions || size+n > room {
			s.review.omit(s.operations[i].place, NoRoom)
			continue
		}
		kept[i], size = true, size+n
	}
	var list []operation
	for i, o := range s.operations {
		if kept[i] {
			list = append(list, o)
		}
	}
	s.operations = list
}

// shorten cuts the help of parameters.
func (s *service) shorten(most int) {
	if most == maxHelp {
		return
	}
	for i := range s.operations {
		for j := range s.operations[i].Parameters {
			p := &s.operations[i].Parameters[j]
			if most == 0 && !p.Required {
				p.Help = ""
			} else if p.Help = phrase(p.Help, 80); most == 0 {
				p.Help = clip(p.Help, 40)
			}
		}
	}
}

func (s *service) size() (n int) {
	for _, o := range s.operations {
		n += actionSize(o)
	}
	return n
}

func actionSize(o operation) int {
	data, _ := json.Marshal(o.Action)
	return len(data) + 1 + pageSize
}

// pageSize is what the page of an action may take, which is found when the
// actions are chosen.
const pageSize = 60

// weights say how central each operation is. A resource is what a path names
// without its places, such as repos/issues; one below which there is much is
// central. To read and the plain ways to write come before what is special.
func (s *service) weights() []float64 {
	below := map[string]int{}
	for _, o := range s.operations {
		names := resource(o)
		for i := range names {
			below[strings.Join(names[:i+1], "/")]++
		}
	}
	weights := make([]float64, len(s.operations))
	for i, o := range s.operations {
		names := resource(o)
		own := below[strings.Join(names, "/")]
		weights[i] = math.Log2(float64(own)+1) - 1.5*float64(max(len(names)-1, 0)) + methodWeight[first(o.Method, "GET")] - 0.02*float64(len(o.Parameters))
		if _, path, _ := strings.Cut(o.place, " "); o.Method == "POST" && strings.HasSuffix(path, "}") {
			weights[i]-- // it does something special to one of them
		}
	}
	return weights
}

var methodWeight = map[string]float64{"GET": 3, "POST": 2, "PATCH": 1.5, "PUT": 1.2, "DELETE": 1, "HEAD": -3, "OPTIONS": -4}

var versionSegment = regexp.MustCompile(`(?i)^(v?[0-9]+(\.[0-9]+)*|api|rest|v[0-9]+(alpha|beta)[0-9]*)$`)

// resource is what a path names, without versions and places.
func resource(o operation) (names []string) {
	_, path, _ := strings.Cut(o.place, " ")
	for segment := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		if segment != "" && !strings.Contains(segment, "{") && !versionSegment.MatchString(segment) {
			names = append(names, segment)
		}
	}
	return names
}
