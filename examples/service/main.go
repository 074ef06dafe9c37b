// Service serves the lookup and the list of webhooks from a database. Flags connect it to
// PostgreSQL, an OpenID Connect provider and Prometheus; all flags are optional.
//
//	go -C examples/service run .
//	go -C examples/service run . -db postgres://user@host/db -tokens tokens.json \
//		-issuer https://login.example.com/ -audience https://webhooks.example.com -metrics 127.0.0.1:9090
//
// -import puts webhooks into the database. An invalid webhook is refused, and the stored
// version stays. If a file cannot be read as a whole, the program does not start.
//
// Without -db the database is SQLite in memory, and the default of -import is
// ../../testdata/webhooks: the repository's sample webhooks, if the working directory is the
// folder of this program. The program prints curl commands for an imported webhook. If the program
// has tokens, the webhook is one that a token may read. Without such a webhook, the commands have
// shell variables for the ids.
//
// -tokens and -issuer determine who may read what:
//
//	neither            one token for everything       under Bearer and Token
//	-tokens            the tokens of the file         under Bearer and Token
//	-issuer            the provider's JWTs            under Bearer; nothing under Token
//	-issuer, -tokens   the provider's JWTs            under Bearer
//	                   the tokens of the file         under Token
//
// The one token is the value of the environment variable HOOKFILTER_TOKEN, or else a token
// that is generated at start and printed with the curl commands.
//
// GET /healthz is 200 while the program responds. GET /readyz is 200 while this process can
// serve: the database responds, and some kind of credential can be checked. An unreachable
// provider makes the process unready only without -tokens, and only once the known keys are too
// old. The metric hookfilter_provider_up has the provider's state, and each change is logged.
// With -metrics, a separate address that is not for clients serves /metrics, /healthz and
// /readyz.
//
// The program does not start while the database or the provider is unreachable.
//
// SIGHUP reloads the tokens and the certificate, independently of each other. If a file
// cannot be read as a whole, the problem is logged and the previous state stays. SIGINT and
// SIGTERM end the program after the pending requests are answered; a second signal ends it
// at once. Logs go to standard error.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/hookfilter/hookfilter/examples/internal/cli"
	"github.com/hookfilter/hookfilter/httpapi"
	"github.com/hookfilter/hookfilter/httpapi/sqlstore"
	"github.com/hookfilter/hookfilter/httpapi/sqlstore/postgres"
	"github.com/hookfilter/hookfilter/httpapi/sqlstore/sqlite"
)

func main() {
	cli.Exit("service", run(context.Background(), os.Args[1:], os.Stdout, os.Stderr))
}

// settings holds the values of the flags, and values that only tests change.
type settings struct {
	addr, db, dir, tokens, issuer, audience, claim, metrics, cert, key string

	databaseTimeout time.Duration // of one operation of the database; 0 is the default of sqlstore
	readyTimeout    time.Duration // of /readyz
	providerEvery   time.Duration // between two requests for the provider's keys
}

func parse(args []string, stderr io.Writer) (s settings, err error) {
	s.readyTimeout, s.providerEvery = time.Second, 10*time.Second
	flags := cli.Flags("Usage of service:", "0 after an interrupt or SIGTERM, 2 on an error", stderr)
	flags.StringVar(&s.addr, "addr", "127.0.0.1:8080", "`address` to listen on")
	flags.StringVar(&s.db, "db", "", "`URL` of the database, postgres://… or sqlite:FILE (default SQLite in memory, with -import ../../testdata/webhooks)")
	flags.StringVar(&s.dir, "import", "", "`folder` whose webhooks are put into the database at start, one file <organizationId>.json per organization")
	flags.StringVar(&s.tokens, "tokens", "", "`file` of API tokens, a JSON object from token to the list of organization ids that it may read")
	flags.StringVar(&s.issuer, "issuer", "", "`URL` of the OpenID Connect provider whose JWTs are accepted under Bearer")
	flags.StringVar(&s.audience, "audience", "", "`audience` that the JWTs must name")
	flags.StringVar(&s.claim, "organizations-claim", "organizations", "`name` of the claim with the list of organization ids that a JWT's bearer may read")
	flags.StringVar(&s.metrics, "metrics", "", "`address` to listen on for /metrics")
	flags.StringVar(&s.cert, "tls-cert", "", "`file` of the TLS certificate, followed by any intermediate certificates")
	flags.StringVar(&s.key, "tls-key", "", "`file` of the TLS certificate's key")
	if err := cli.Parse(flags, args); err != nil {
		return s, err
	}
	if (s.issuer == "") != (s.audience == "") {
		return s, cli.Usage(flags, "-issuer and -audience go together")
	}
	if (s.cert == "") != (s.key == "") {
		return s, cli.Usage(flags, "-tls-cert and -tls-key go together")
	}
	if s.db == "" {
		s.db = "sqlite::memory:"
		if s.dir == "" {
			s.dir = "../../testdata/webhooks"
		}
	}
	return s, nil
}

// run is the program. When ctx is done or after a signal, it waits for the pending requests. It
// returns nil if they are answered in time.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	set, err := parse(args, stderr)
	if err != nil {
		return err
	}
	return serve(ctx, set, stdout, stderr)
}

func serve(ctx context.Context, set settings, stdout, stderr io.Writer) error {
	// Handle signals before anything is printed, so that a reader of the output may send one.
	hangups, stop := cli.Hangups()
	defer stop()
	ctx, stop = cli.Signals(ctx)
	defer stop()

	logger := slog.New(slog.NewTextHandler(stderr, nil))
	store, err := openStore(ctx, set.db, sqlstore.WithLogger(logger), sqlstore.WithTimeout(set.databaseTimeout))
	if err != nil {
		return err
	}
	defer store.Close()
	imported, err := importFolder(ctx, store, set.dir, logger)
	if err != nil {
		return fmt.Errorf("-import: %w", err)
	}
	access, err := newAccess(ctx, set)
	if err != nil {
		return err
	}
	var reloaders []cli.Reloader
	if set.tokens != "" {
		reloaders = append(reloaders, access.tokens)
	}
	scheme := "http"
	var certificate *cli.Certificate
	if set.cert != "" {
		scheme = "https"
		if certificate, err = cli.ReadCertificate(set.cert, set.key); err != nil {
			return err
		}
		reloaders = append(reloaders, certificate)
	}

	registry := prometheus.NewRegistry()
	measured := newMetrics(registry, store)
	checks := health{store.Ping, access.ready, set.readyTimeout}
	api := measured.handler(httpapi.NewHandler(measured.store(store), access, logger))
	listener, err := net.Listen("tcp", set.addr)
	if err != nil {
		return err
	}
	servers := []cli.Listening{{Server: cli.NewServer(checks.wrap(api), logger), Listener: listener, Certificate: certificate}}
	if set.metrics != "" {
		listener, err := net.Listen("tcp", set.metrics)
		if err != nil {
			return errors.Join(err, servers[0].Listener.Close())
		}
		servers = append(servers, cli.Listening{Server: cli.NewServer(checks.wrap(metricsHandler(registry)), logger), Listener: listener})
		fmt.Fprintf(stdout, "Metrics on http://%s/metrics\n", cli.Reachable(listener))
	}
	base := scheme + "://" + cli.Reachable(listener)
	fmt.Fprintf(stdout, "Serving on %s (pid %d)\n", base, os.Getpid())
	fmt.Fprint(stdout, access.curl(base, imported))
	go cli.ReloadOn(ctx, hangups, logger, reloaders...)
	if access.provider != nil {
		go watch(ctx, access.provider, set.providerEvery, providerUp(registry), logger)
	}
	return cli.Serve(ctx, servers...)
}

// openStore opens the database at a URL with the package for its scheme. Its errors name
// the file or the server, but no password.
func openStore(ctx context.Context, rawURL string, opts ...sqlstore.Option) (store *sqlstore.Store, err error) {
	scheme, _, found := strings.Cut(rawURL, ":")
	switch {
	case scheme == "postgres", scheme == "postgresql":
		store, err = postgres.Open(ctx, rawURL, opts...)
		rawURL = withoutSecrets(rawURL)
	case scheme == "sqlite":
		store, err = sqlite.Open(ctx, rawURL, opts...)
	default:
		if !found || !schemes.MatchString(scheme) {
			scheme = "" // not a scheme: it may be a password
		}
		return nil, fmt.Errorf("unsupported URL scheme %q: want postgres or sqlite", scheme)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", rawURL, err)
	}
	return store, nil
}

var schemes = regexp.MustCompile(`^[a-z][a-z0-9+.-]*$`)

// withoutSecrets returns the scheme, the host and the database of a URL of PostgreSQL.
func withoutSecrets(rawURL string) string {
	u, err := url.Parse(rawURL)
	if err != nil || strings.Contains(u.Path+u.RawQuery+u.Fragment, "@") {
		return "postgres" // the password is not percent-encoded, so a part of it may be in the host
	}
	return u.Scheme + "://" + u.Host + u.EscapedPath()
}
