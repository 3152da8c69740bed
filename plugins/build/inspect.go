package build

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// A Report is what a connector's file holds, read without compiling or running
// it.
type Report struct {
	Hash         string        `json:"hash"`
	Size         int           `json:"size"`
	Manifest     *abi.Manifest `json:"manifest,omitempty"` // nil where it is missing or invalid
	ManifestJSON []byte        `json:"-"`                  // as it stands in the file
	CodeSize     int           `json:"code_size"`          // without the manifest's section; 8 where there is no code
	Sections     []Section     `json:"sections"`
	Imports      []Import      `json:"imports"`
	Exports      []Export      `json:"exports"`
	Functions    int           `json:"functions"` // of its own
	Memories     []Size        `json:"memories"`  // of its own, in pages of 64 KiB
	Tables       []Size        `json:"tables"`    // of its own, in elements
	Capabilities []Capability  `json:"capabilities"`
	Problems     []abi.Problem `json:"problems"`
}

// A Section is one section of a module. Size is that of its content.
type Section struct {
	Name   string `json:"name"` // type, import, code, ...; custom NAME
	Offset int    `json:"offset"`
	Size   int    `json:"size"`
	whole  int    // with its id and length
}

// A Size is what a memory or table begins with and may grow to; Max is nil where
// it names no end.
type Size struct {
	Min uint32  `json:"min"`
	Max *uint32 `json:"max,omitempty"`
}

// An Import is something that a module needs. Kind is func, table, memory or
// global; Type is the signature of a function: (i32, i32) -> i32.
type Import struct {
	Module string `json:"module"`
	Name   string `json:"name"`
	Kind   string `json:"kind"`
	Type   string `json:"type,omitempty"`
}

// An Export is something that a module offers.
type Export struct {
	Name string `json:"name"`
	Kind string `json:"kind"`
	Type string `json:"type,omitempty"`
}

// Valid says whether the file can be installed, as far as can be told without
// compiling it.
func (r Report) Valid() bool { return r.Manifest != nil && len(abi.Faults(r.Problems)) == 0 }

// hasCode says whether there is more in the file than the manifest.
func (r Report) hasCode() bool { return r.CodeSize > len(abi.Empty()) }

// Refuse adds what the plugin host says against the file, which is an error of
// its check or nil. What it says of the manifest, imports and exports stands in
// a report that is not valid already.
func (r *Report) Refuse(err error) {
	if r.Valid() {
		r.Problems = append(r.Problems, refusal(err)...)
	}
}

// Inspect reads a connector's file. What is wrong with a module stands in the
// report; an error says that the file is no module at all.
func Inspect(file []byte) (Report, error) {
	r := Report{Hash: abi.Hash(file), Size: len(file), CodeSize: len(file)}
	m, err := readModule(file)
	if errors.Is(err, errNoModule) {
		return r, host.Errorf(host.Failed, "the file is %v", err).WithHint("build one with: connhost connector build DIR")
	}
	r.Functions, r.Capabilities, r.Problems = len(m.functions)-m.imported, []Capability{}, []abi.Problem{}
	r.Sections, r.Imports, r.Exports = listed(m.sections), listed(m.imports), listed(m.exports)
	r.Memories, r.Tables = listed(m.memories), listed(m.tables)
	if err != nil {
		r.Problems = append(r.Problems, abi.Problem{Code: "C110", Msg: "the module is malformed: " + err.Error()})
	}
	section, err := abi.Section(file)
	if err != nil {
		if code := sectionCode(err); code != "C110" || len(r.Problems) == 0 {
			r.Problems = append(r.Problems, abi.Problem{Code: code, Msg: err.Error(), Hint: sectionHint(err)})
		}
		return r, nil
	}
	r.ManifestJSON = section
	for _, s := range r.Sections {
		if s.Name == "custom "+abi.SectionName {
			r.CodeSize -= s.whole
		}
	}
	manifest, problems := abi.Check(section)
	r.Problems = append(r.Problems, problems...)
	if len(abi.Faults(problems)) > 0 {
		return r, nil
	}
	r.Manifest = &manifest
	r.Capabilities = capabilities(m.imports, manifest)
	switch {
	case r.hasCode():
		r.Problems = append(r.Problems, m.problems(manifest)...)
	case len(manifest.Hooks) > 0:
		r.Problems = append(r.Problems, abi.Problem{Code: "C101", Path: "hooks", Msg: noCode})
	}
	return r, nil
}

// listed is a list that JSON does not write as null.
func listed[T any](list []T) []T { return append([]T{}, list...) }

// sectionCode is the code of what is wrong with a file before its manifest is
// read.
func sectionCode(err error) abi.Code {
	if _, ok := errors.AsType[*abi.VersionError](err); ok {
		return "C113"
	}
	switch {
	case errors.Is(err, abi.ErrNoManifest):
		return "C111"
	case errors.Is(err, abi.ErrTwoManifests):
		return "C112"
	case errors.Is(err, abi.ErrManifestSize), errors.Is(err, abi.ErrFileSize):
		return "C114"
	}
	return "C110"
}

func sectionHint(err error) string {
	switch {
	case errors.Is(err, abi.ErrNoManifest):
		return "add one with: connhost connector build DIR"
	case errors.Is(err, abi.ErrTwoManifests):
		return "build the connector again from its code alone"
	}
	return ""
}

func quote(s string) string { return strconv.Quote(s) }

// signature writes the type of a function.
func signature(params, results []string) string {
	out := strings.Join(results, ", ")
	switch len(results) {
	case 0:
		out = "()"
	case 1:
	default:
		out = "(" + out + ")"
	}
	return fmt.Sprintf("(%s) -> %s", strings.Join(params, ", "), out)
}
