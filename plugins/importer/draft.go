package importer

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
	"github.com/connhost/connhost/plugins/build"
)

// draft makes the manifest of a service: with what it has room for, and without
// a fault.
func (s *service) draft(o Options) (Draft, error) {
	m := &s.manifest
	m.Connhost, m.Version = abi.Version, "0.1.0"
	m.ID = first(o.ID, m.ID, properID(m.Name))
	m.Description = first(m.Description, "The service "+m.Name+".")
	if err := s.selected(o); err != nil {
		return Draft{}, err
	}
	s.withoutFlow()
	if m.Test == nil {
		s.account()
	}
	s.fit()
	for _, op := range s.operations {
		if op.Page = cmp.Or(op.Page, pagingOf(op)); op.Page != nil && op.Page.Parameter != "" {
			op.dropQuery(op.Page.Parameter)
		}
		m.Actions = append(m.Actions, op.Action)
	}
	if err := s.mend(); err != nil {
		return Draft{}, err
	}
	text, err := write(*m)
	if err != nil {
		return Draft{}, err
	}
	read := build.Read(build.ManifestFile, text)
	if read.Failed() {
		return Draft{}, host.Errorf(host.Failed, "the draft cannot be written: %s", (&build.Invalid{Diagnostics: read.Diagnostics}).Error())
	}
	slices.SortFunc(s.review.LeftOut, func(a, b Omission) int { return strings.Compare(a.Operation, b.Operation) })
	return Draft{Manifest: *m, YAML: text, Review: s.review}, nil
}

// withoutFlow leaves out the operations by which tokens are got: that is the
// host's.
func (s *service) withoutFlow() {
	m := &s.manifest
	own := map[string]bool{}
	for _, r := range []*abi.Request{m.Auth.Authorize, m.Auth.Token, m.Auth.Device} {
		if r != nil && r.URL != "" {
			own[r.URL] = true
		}
	}
	s.operations = slices.DeleteFunc(s.operations, func(o operation) bool {
		is := own[first(o.URL, m.BaseURL+o.Path)]
		if is {
			s.review.omit(o.place, "the host does it: it is how tokens are got")
		}
		return is
	})
}

var improper = regexp.MustCompile(`[^a-z0-9]+`)

// properID is a connector's id for a name.
func properID(name string) string {
	id := strings.Trim(improper.ReplaceAllString(strings.ToLower(name), "-"), "-")
	id = strings.TrimLeft(id, "0123456789-")
	if id == "" || id == "hook" {
		id = "imported"
	}
	return strings.TrimRight(id[:min(len(id), maxName)], "-")
}

// mend takes out of the manifest what the validator refuses. The readers know
// its rules; what a document found all the same costs an action or a key, and
// never the draft.
func (s *service) mend() error {
	for range 50 {
		problems := abi.Validate(s.manifest)
		faults := abi.Faults(problems)
		if len(faults) == 0 {
			if !s.removeUnused(problems) {
				return nil
			}
			continue
		}
		if !s.remove(faults) {
			return host.Errorf(host.Failed, "the document makes no connector: %s", faults[0].Msg).WithHint("write what it lacks into a connector of your own: connhost connector new %s", s.manifest.ID)
		}
	}
	return host.Errorf(host.Failed, "the document makes no connector").WithHint("write one: connhost connector new %s", s.manifest.ID)
}

var itemPath = regexp.MustCompile(`^(actions|scopes|hosts)\[(\d+)\]`)

// remove takes out what faults point at, and says whether that was anything.
func (s *service) remove(faults []abi.Problem) bool {
	bad := map[string]map[int]string{"actions": {}, "scopes": {}, "hosts": {}}
	done := false
	for _, f := range faults {
		if m := itemPath.FindStringSubmatch(f.Path); m != nil {
			i, _ := strconv.Atoi(m[2])
			bad[m[1]][i] = f.Msg
			done = true
			continue
		}
		done = s.removeKey(f) || done
	}
	for i, why := range bad["actions"] {
		s.review.omit(s.placeOf(s.manifest.Actions[i].Name), why)
	}
	s.manifest.Actions = without(s.manifest.Actions, bad["actions"])
	s.manifest.Scopes = without(s.manifest.Scopes, bad["scopes"])
	s.manifest.Hosts = without(s.manifest.Hosts, bad["hosts"])
	return done
}

// removeUnused takes out parameters and captures that nothing names, and says
// whether there were any: nobody should be asked for what is never sent.
func (s *service) removeUnused(problems []abi.Problem) bool {
	m, done := &s.manifest, false
	bad := map[int]string{}
	for _, p := range problems {
		switch p.Code {
		case "M313":
			if i := unusedPath.FindStringSubmatch(p.Path); i != nil {
				n, _ := strconv.Atoi(i[1])
				bad[n] = p.Msg
				done = true
			}
		case "M507":
			delete(m.Capture, strings.TrimPrefix(p.Path, "capture."))
			done = true
		}
	}
	m.Parameters = without(m.Parameters, bad)
	return done
}

var unusedPath = regexp.MustCompile(`^parameters\[(\d+)\]`)

func (s *service) placeOf(name string) string {
	for _, o := range s.operations {
		if o.Name == name {
			return first(o.place, name)
		}
	}
	return name
}

func without[T any](list []T, bad map[int]string) []T {
	var kept []T
	for i, v := range list {
		if _, out := bad[i]; !out {
			kept = append(kept, v)
		}
	}
	return kept
}

// removeKey takes out a key that a connector can do without.
func (s *service) removeKey(f abi.Problem) bool {
	m := &s.manifest
	key, _, _ := strings.Cut(f.Path, ".")
	switch key {
	case "test":
		m.Test = nil
	case "identity":
		m.Identity = nil
	case "docs":
		m.Docs = ""
	case "description":
		m.Description = fmt.Sprintf("The service %s.", m.Name)
	case "refresh":
		m.Refresh = nil
	case "unverified":
		m.Unverified = nil
	case "name":
		m.Name = "Imported service"
	case "category":
		m.Category = ""
	case "page":
		m.Page = nil
	case "retry":
		m.Retry = nil
	default:
		return false
	}
	s.review.check("left out: " + f.Path + ": " + f.Msg)
	return true
}
