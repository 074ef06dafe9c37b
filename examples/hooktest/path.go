package main

import (
	"strconv"
	"strings"
)

// rawPath returns the path that jsonvalue.Printable has made printable. Formats that other programs
// read have the path itself.
func rawPath(printed string) string {
	if !strings.HasPrefix(printed, `"`) {
		return printed
	}
	if raw, err := strconv.Unquote(printed); err == nil {
		return raw
	}
	return printed
}
