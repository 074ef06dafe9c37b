package cli

import (
	"errors"
	"flag"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestStatus(t *testing.T) {
	for _, test := range []struct {
		err    error
		status int
		report string
	}{
		{nil, 0, ""},
		{flag.ErrHelp, 0, ""},
		{ErrReported, 1, ""},
		{fmt.Errorf("late: %w", ErrReported), 1, ""},
		{ErrUsage, 2, ""},
		{errors.New("broken"), 2, "program: broken\n"},
	} {
		var stderr strings.Builder
		require.Equal(t, test.status, Status("program", test.err, &stderr), test.err)
		require.Equal(t, test.report, stderr.String())
	}
}

func TestParse(t *testing.T) {
	for _, test := range []struct {
		args   []string
		err    error
		report string
	}{
		{nil, nil, ""},
		{[]string{"-x", "a"}, nil, ""},
		{[]string{"-h"}, flag.ErrHelp, "Usage of program:\n"},
		{[]string{"-y"}, ErrUsage, "flag provided but not defined: -y\nUsage of program:\n"},
		{[]string{"-x", "a", "b"}, ErrUsage, "unexpected argument: \"b\"\nUsage of program:\n"},
	} {
		var stderr strings.Builder
		flags := Flags("Usage of program:", "0 on success, 2 on an error", &stderr)
		flags.String("x", "", "")
		err := Parse(flags, test.args)
		require.Equal(t, test.err, err)
		require.True(t, strings.HasPrefix(stderr.String(), test.report), stderr.String())
		require.Equal(t, test.report == "", stderr.Len() == 0)
		require.Equal(t, test.report != "", strings.HasSuffix(stderr.String(), "\nExit status: 0 on success, 2 on an error.\n"))
	}
}
