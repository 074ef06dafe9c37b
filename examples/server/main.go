// Server serves the lookup of webhooks,
// GET /organization/{organizationId}/webhook/{webhookId}, and an organization's list,
// GET /organization/{organizationId}/webhook, from a folder of files, and prints curl
// commands for both.
//
//	go run ./examples/server
//	go run ./examples/server -addr 127.0.0.1:8080 -webhooks testdata/webhooks -tokens tokens.json
//
// Without -tokens, one token may read every organization: the value of the environment
// variable HOOKFILTER_TOKEN, or else a token that is generated at start and printed with
// the curl commands. With -tokens, each token of the file may read the organizations in
// its list:
//
//	{"a-token": ["0e83ed77-3c22-4883-8e42-cb6dec0c41a0"], "another": []}
//
// A token is accepted after "Authorization: Bearer" and after "Authorization: Token".
//
// testdata/README.md describes the folder. A response with a list can be saved as a file in
// it. An invalid webhook is reported and not served; a webhook with a kind, event type or
// mode that the API does not document is reported and served. The program does not start if
// a file cannot be read as a whole.
//
// SIGHUP reloads the folder and the file of tokens, each atomically and independently of
// the other. An invalid version of a webhook replaces the valid one before it. If a file
// cannot be read as a whole, the problem is logged and the previous state stays. SIGINT and
// SIGTERM end the program after the pending requests are answered; a second signal ends it
// at once. Logs go to standard error.
//
// The program serves plain HTTP. If clients are on other machines, put a TLS proxy in front of it:
// the tokens are not encrypted.
package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"

	"github.com/hookfilter/hookfilter/examples/internal/cli"
	"github.com/hookfilter/hookfilter/examples/internal/tokenfile"
	"github.com/hookfilter/hookfilter/examples/internal/webhookdir"
	"github.com/hookfilter/hookfilter/httpapi"
)

func main() {
	cli.Exit("server", run(context.Background(), os.Args[1:], os.Stdout, os.Stderr))
}

// run is the program. When ctx is done or after a signal, it waits for the pending requests. It
// returns nil if they are answered in time.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := cli.Flags("Usage of server:", "0 after an interrupt or SIGTERM, 2 on an error", stderr)
	addr := flags.String("addr", "127.0.0.1:8080", "`address` to listen on")
	dir := flags.String("webhooks", "testdata/webhooks", "`folder` of the webhooks, one file <organizationId>.json per organization")
	tokens := flags.String("tokens", "", "`file` of the tokens, a JSON object from token to the list of organization ids that it may read")
	if err := cli.Parse(flags, args); err != nil {
		return err
	}

	// Handle signals before anything is printed, so that a reader of the output may send one.
	hangups, stop := cli.Hangups()
	defer stop()
	ctx, stop = cli.Signals(ctx)
	defer stop()

	logger := slog.New(slog.NewTextHandler(stderr, nil))
	organizations, err := webhookdir.Read(*dir)
	if err != nil {
		return fmt.Errorf("-webhooks: %w", err)
	}
	access, err := tokenfile.Open(*tokens)
	if err != nil {
		return err
	}
	served := &hooks{dir: *dir, logger: logger}
	list, id, ok := sample(served.replace(organizations), access)
	if !ok {
		return fmt.Errorf("%s: no webhook that a token may read", *dir)
	}

	listener, err := net.Listen("tcp", *addr)
	if err != nil {
		return err
	}
	note := access.Note()
	if note != "" {
		note = ", with " + note
	}
	base := "http://" + cli.Reachable(listener)
	fmt.Fprintf(stdout, "Serving %s on %s (pid %d). Look one up, and list them%s:\n\n", served, base, os.Getpid(), note)
	fmt.Fprintf(stdout, "curl -H %s %s%s/%s\n", access.Header(httpapi.SchemeBearer), base, list, id)
	fmt.Fprintf(stdout, "curl -H %s %s%s\n", access.Header(httpapi.SchemeToken), base, list)

	reloaders := []cli.Reloader{served}
	if *tokens != "" {
		reloaders = append(reloaders, access)
	}
	go cli.ReloadOn(ctx, hangups, logger, reloaders...)
	handler := httpapi.NewHandler(served, access, logger)
	return cli.Serve(ctx, cli.Listening{Server: cli.NewServer(handler, logger), Listener: listener})
}
