package main

import (
	"os"
	"strconv"
	"strings"

	"github.com/hookfilter/hookfilter/internal/jsonvalue"
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

// printable returns err with a printable path, if it is an error of an operation on a file.
func printable(err error) error {
	if p, ok := err.(*os.PathError); ok {
		return &os.PathError{Op: p.Op, Path: jsonvalue.Printable(p.Path), Err: p.Err}
	}
	return err
}
