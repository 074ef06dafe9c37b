// Playground is a page that answers "why didn't it fire?": paste webhooks, type project
// names, and see which webhooks fire, by which entry, and which clause stops the others.
// The page runs this module itself, compiled to WebAssembly by the Go toolchain that runs
// the program.
//
//	go run ./examples/playground            # serves the page on 127.0.0.1 and prints its URL
//	go run ./examples/playground -o site    # writes a folder that any static host serves
//
// An invalid webhook fires for nothing, and the page says why. If several webhooks have
// the same id, the last one counts.
//
// With an organization's projects and environments, which are the responses of two calls
// (see testdata/README.md), the page offers the existing names and modes, and counts only
// events that can happen. A shared link does not contain them, because names are private.
//
// The page sends and stores no data. The folder also has each file compressed, as FILE.gz,
// for hosts that serve it instead of FILE: 1.5 MB instead of 5 MB in total, or 1.8 MB
// instead of 6 MB with Go 1.27, whose encoding/json is larger. Other hosts ignore these files.
//
// The examples in the page are the organizations of testdata/webhooks, with names
// from testdata/events.ndjson.
package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"

	"github.com/hookfilter/hookfilter/examples/internal/cli"
)

func main() {
	ctx, stop := cli.Signals(context.Background())
	defer stop()
	cli.Exit("playground", run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is the program. While it serves, it returns nil when ctx is done.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := cli.Flags("Usage of playground:", "0 after an interrupt or SIGTERM, or when -o is done, 2 on an error", stderr)
	addr := flags.String("addr", "127.0.0.1:8090", "`address` to serve the page on")
	dir := flags.String("o", "", "`folder` to write the page to, instead of serving it")
	if err := cli.Parse(flags, args); err != nil {
		return err
	}

	var listener net.Listener
	if *dir == "" {
		var err error // listen before the build, to report an address in use at once
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
	fmt.Fprintf(stdout, "Serving http://%s/\n", cli.Reachable(listener))
	return cli.Serve(ctx, cli.Listening{Server: cli.NewServer(files, slog.New(slog.NewTextHandler(stderr, nil))), Listener: listener})
}
