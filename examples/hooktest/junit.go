package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"
)

// The elements of JUnit's XML that GitLab, Jenkins and others read.
type (
	junitReport struct {
		XMLName  xml.Name      `xml:"testsuites"`
		Name     string        `xml:"name,attr"`
		Tests    int           `xml:"tests,attr"`
		Failures int           `xml:"failures,attr"`
		Suites   []*junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Name    string        `xml:"name,attr"`
		Class   string        `xml:"classname,attr"`
		File    string        `xml:"file,attr"`
		Line    int           `xml:"line,attr,omitempty"`
		Failure *junitFailure `xml:"failure"`
	}
	junitFailure struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr"`
		Text    string `xml:",chardata"`
	}
)

// junit returns the report as JUnit XML. It has a suite for each file of expectations, and the
// suite "findings" for everything else that makes the exit status 1.
func (r *report) junit(o options) ([]byte, error) {
	all := junitReport{Name: "hooktest"}
	add := func(suite *junitSuite, c junitCase) {
		suite.Cases = append(suite.Cases, c)
		suite.Tests++
		all.Tests++
		if c.Failure != nil {
			suite.Failures++
			all.Failures++
		}
	}
	var suite *junitSuite
	for _, x := range r.Events {
		file := rawPath(x.File)
		if suite == nil || suite.Name != file {
			suite = &junitSuite{Name: file}
			all.Suites = append(all.Suites, suite)
		}
		c := junitCase{Name: x.heading(), Class: file, File: file, Line: x.Line}
		if wrong := x.wrong(); len(wrong) > 0 {
			c.Failure = &junitFailure{wrong[0], "expectation", strings.Join(wrong, "\n")}
		}
		add(suite, c)
	}
	findings := &junitSuite{Name: "findings"}
	for _, i := range r.issues(o) {
		if i.level == levelError && i.title != "expectation" {
			name, _, _ := strings.Cut(i.title+": "+i.message(), "\n")
			file := rawPath(i.file)
			add(findings, junitCase{name, file, file, i.Line,
				&junitFailure{i.lines[0], i.title, inFile(i.file, i.Position) + i.message()}})
		}
	}
	if findings.Tests > 0 {
		all.Suites = append(all.Suites, findings)
	}
	text, err := xml.MarshalIndent(all, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("JUnit XML: %w", err)
	}
	return bytes.Join([][]byte{[]byte(xml.Header), text, []byte("\n")}, nil), nil
}
