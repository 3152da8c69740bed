package main

import (
	"encoding/xml"
	"fmt"
	"io"
)

// The part of JUnit's XML that continuous integration reads.
type (
	junitSuites struct {
		XMLName xml.Name   `xml:"testsuites"`
		Suite   junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Skipped  int         `xml:"skipped,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Name    string        `xml:"name,attr"`
		Class   string        `xml:"classname,attr"`
		File    string        `xml:"file,attr,omitempty"`
		Seconds string        `xml:"time,attr"`
		Failure *junitFailure `xml:"failure,omitempty"`
		Skipped *junitFailure `xml:"skipped,omitempty"`
	}
	junitFailure struct {
		Message string `xml:"message,attr"`
	}
)

func writeJUnit(w io.Writer, suite string, list []resultData) error {
	s := junitSuite{Name: suite, Tests: len(list)}
	for _, d := range list {
		c := junitCase{Name: d.Name, Class: or(d.Hook, d.Kind), File: d.File, Seconds: fmt.Sprintf("%.6f", float64(d.Micros)/1e6)}
		if !d.OK {
			s.Failures++
			c.Failure = &junitFailure{d.Failed}
		}
		if !d.Applies {
			s.Skipped++
			c.Skipped = &junitFailure{d.Why}
		}
		s.Cases = append(s.Cases, c)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(junitSuites{Suite: s}); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}
