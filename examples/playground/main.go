// Playground is a page that answers "why didn't it fire?": paste webhooks, type
// project names, and see which fire, by which entry, and which clause stops the
// rest. What decides in the page is this module itself, compiled to WebAssembly by
// the Go toolchain that runs the program.
//
//	go run ./examples/playground            # serves the page on 127.0.0.1 and prints its URL
//	go run ./examples/playground -o site    # writes a folder that any static host serves
//
// An invalid webhook fires for nothing, and the page says why. If several webhooks have
// the same id, the last one counts.
//
// The page sends nothing anywhere and stores nothing. In the folder each file is
// there a second time, compressed, as FILE.gz, for hosts that serve such files in
// the place of FILE: 1.4 MB instead of 5, and with Go 1.27, whose encoding/json is
// larger, 1.7 MB instead of 6. On any other host the page works as well.
//
// The examples in the page are the organizations of testdata/webhooks, with names
// from testdata/events.ndjson.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	switch err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); {
	case errors.Is(err, errUsage):
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "playground:", err)
		os.Exit(1)
	}
}

// errUsage: the arguments were invalid, as was reported.
var errUsage = errors.New("bad arguments")

// run is the program. Serving, it ends well when ctx is done.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("playground", flag.ContinueOnError)
	flags.SetOutput(stderr)
	addr := flags.String("addr", "127.0.0.1:8090", "`address` to serve the page on")
	dir := flags.String("o", "", "`folder` to write the page to, in place of serving it")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return nil
	case err != nil:
		return errUsage
	case flags.NArg() > 0:
		fmt.Fprintf(stderr, "unexpected argument: %q\n", flags.Arg(0))
		flags.Usage()
		return errUsage
	}

	var listener net.Listener
	if *dir == "" {
		var err error // of an address that is taken, before the work
		if listener, err = net.Listen("tcp", *addr); err != nil {
			return err
		}
		defer listener.Close()
	}
	files, err := build(ctx)
	if err != nil {
		return err
	}
	if *dir != "" {
		if err := files.write(*dir); err != nil {
			return err
		}
		fmt.Fprintf(stdout, "Wrote the page to %s, for any static host.\n", *dir)
		return nil
	}
	return serve(ctx, listener, files, stdout)
}

// serve serves files until ctx is done.
func serve(ctx context.Context, listener net.Listener, files site, stdout io.Writer) error {
	server := &http.Server{
		Handler:           files,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      time.Minute,
		IdleTimeout:       time.Minute,
	}
	stop := context.AfterFunc(ctx, func() { server.Close() })
	defer stop()
	fmt.Fprintf(stdout, "Serving http://%s/\n", listener.Addr())
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
