// Package cli holds the code that the example programs share for flags, signals, exit
// statuses and HTTP servers.
package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// Errors that a program returns after it has reported the problem.
var (
	// ErrReported means that a part of the input is invalid or not as expected, and that the
	// rest was processed: exit status 1.
	ErrReported = errors.New("reported")
	// ErrUsage means that the arguments or the whole input are invalid: exit status 2.
	ErrUsage = errors.New("bad arguments")
)

// Signals returns a context that is done after an interrupt or SIGTERM. A second signal
// kills the program. Call stop when the program ends.
func Signals(parent context.Context) (ctx context.Context, stop func()) {
	ctx, cancel := signal.NotifyContext(parent, os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, cancel)
	return ctx, cancel
}

// Exit ends the program with the status of err.
func Exit(program string, err error) { os.Exit(Status(program, err, os.Stderr)) }

// Status returns the exit status of a program that returned err: 0 for nil and for help, 1
// for ErrReported, and 2 for any other error, which Status reports unless it is ErrUsage.
func Status(program string, err error, stderr io.Writer) int {
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return 0
	case errors.Is(err, ErrReported):
		return 1
	case !errors.Is(err, ErrUsage):
		fmt.Fprintf(stderr, "%s: %v\n", program, err)
	}
	return 2
}

// Flags returns the flags of a program. Errors and the usage are written to stderr. The usage
// begins with firstLine, and ends with the exit statuses, such as "0 on success, 2 on an error".
func Flags(firstLine, statuses string, stderr io.Writer) *flag.FlagSet {
	flags := flag.NewFlagSet("", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprintln(stderr, firstLine)
		flags.PrintDefaults()
		fmt.Fprintf(stderr, "Exit status: %s.\n", statuses)
	}
	return flags
}

// Parse parses the arguments of a program that takes only flags. It returns [flag.ErrHelp]
// for -h, and ErrUsage for invalid arguments.
func Parse(flags *flag.FlagSet, args []string) error {
	if err := ParseFlags(flags, args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return Usage(flags, "unexpected argument: %q", flags.Arg(0))
	}
	return nil
}

// ParseFlags parses the flags of a program that also takes other arguments. It returns the
// same errors as Parse.
func ParseFlags(flags *flag.FlagSet, args []string) error {
	err := flags.Parse(args)
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		return ErrUsage // flags has reported it
	}
	return err
}

// Usage reports why the arguments are invalid, with the usage, and returns ErrUsage.
func Usage(flags *flag.FlagSet, format string, args ...any) error {
	fmt.Fprintf(flags.Output(), format+"\n", args...)
	flags.Usage()
	return ErrUsage
}
