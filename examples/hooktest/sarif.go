package main

import (
	"bytes"
	"encoding/json"
	"net/url"
	"path"
	"path/filepath"
	"strings"
)

// The members of SARIF 2.1.0 that the program writes.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool struct {
			Driver sarifDriver `json:"driver"`
		} `json:"tool"`
		ColumnKind string        `json:"columnKind"`
		Results    []sarifResult `json:"results"`
	}
	sarifDriver struct {
		Name  string      `json:"name"`
		URI   string      `json:"informationUri"`
		Rules []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID    string       `json:"id"`
		Short sarifMessage `json:"shortDescription"`
	}
	sarifMessage struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		RuleID       string             `json:"ruleId"`
		Level        level              `json:"level"`
		Message      sarifMessage       `json:"message"`
		Locations    []sarifLocation    `json:"locations"`
		Suppressions []sarifSuppression `json:"suppressions,omitempty"`
	}
	sarifLocation struct {
		Physical struct {
			Artifact struct {
				URI string `json:"uri"`
			} `json:"artifactLocation"`
			Region *sarifRegion `json:"region,omitempty"`
		} `json:"physicalLocation"`
	}
	sarifRegion struct {
		Line   int `json:"startLine"`
		Column int `json:"startColumn"`
	}
	sarifSuppression struct {
		Kind string `json:"kind"`
	}
)

// sarif returns the findings of the report in SARIF 2.1.0.
func (r *report) sarif(o options) ([]byte, error) {
	run := sarifRun{ColumnKind: "unicodeCodePoints", Results: []sarifResult{}}
	run.Tool.Driver = sarifDriver{Name: "hooktest", URI: "https://github.com/hookfilter/hookfilter/tree/main/examples/hooktest"}
	for _, k := range kinds {
		if k.isCode() {
			run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{k.name, sarifMessage{strings.ReplaceAll(k.meaning, "`", "")}})
		}
	}
	for _, f := range r.Findings {
		var at sarifLocation
		at.Physical.Artifact.URI = fileURI(rawPath(f.File))
		if f.Line > 0 {
			at.Physical.Region = &sarifRegion{f.Line, f.Column}
		}
		result := sarifResult{RuleID: string(f.Code), Level: o.level(f.Code, f.Allowed), Message: sarifMessage{f.message()}, Locations: []sarifLocation{at}}
		if f.Allowed {
			result.Suppressions = []sarifSuppression{{"external"}}
		}
		run.Results = append(run.Results, result)
	}
	return indented(sarifLog{"https://json.schemastore.org/sarif-2.1.0.json", "2.1.0", []sarifRun{run}})
}

// fileURI returns the URI of a file, which is relative if the path is.
func fileURI(file string) string {
	uri := url.URL{Path: filepath.ToSlash(file)}
	if path.IsAbs(uri.Path) {
		uri.Scheme = "file"
	}
	return uri.String()
}

// indented returns v as JSON for people.
func indented(v any) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(v)
	return text.Bytes(), err
}
