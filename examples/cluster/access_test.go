package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nkeys"
	"github.com/stretchr/testify/require"
)

// serve runs a server in this process, on loopback, and returns it and its address.
func serve(t *testing.T, options *server.Options) (*server.Server, *url.URL) {
	t.Helper()
	options.Host, options.Port, options.NoSigs, options.NoLog, options.StoreDir = "127.0.0.1", server.RANDOM_PORT, true, true, t.TempDir()
	s, err := server.NewServer(options)
	require.NoError(t, err)
	s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	eventually(t, func() bool { return s.Addr() != nil })
	return s, &url.URL{Scheme: "nats", Host: s.Addr().String()}
}

// newKey returns a new key, its seed, and its public part.
func newKey(t *testing.T, make func() (nkeys.KeyPair, error)) (key nkeys.KeyPair, seed []byte, public string) {
	t.Helper()
	key, err := make()
	require.NoError(t, err)
	seed, err = key.Seed()
	require.NoError(t, err)
	public, err = key.PublicKey()
	require.NoError(t, err)
	return key, seed, public
}

func writeFile(t *testing.T, data []byte) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(name, data, 0o600))
	return name
}

// TestCredentials: only a client with the required credentials can connect.
func TestCredentials(t *testing.T) {
	_, seed, user := newKey(t, nkeys.CreateUser)
	_, otherSeed, _ := newKey(t, nkeys.CreateUser)
	_, users := serve(t, &server.Options{JetStream: true,
		Users: []*server.User{{Username: "ann", Password: "pass"}}, Nkeys: []*server.NkeyUser{{Nkey: user}}})
	withUser := *users
	withUser.User = url.UserPassword("ann", "pass")
	wrongUser := *users
	wrongUser.User = url.UserPassword("ann", "wrong")

	operatorKey, _, operator := newKey(t, nkeys.CreateOperator)
	accountKey, _, account := newKey(t, nkeys.CreateAccount)
	_, _, system := newKey(t, nkeys.CreateAccount)
	strangerKey, _, _ := newKey(t, nkeys.CreateAccount)
	credentials := func(signer nkeys.KeyPair) string {
		_, seed, user := newKey(t, nkeys.CreateUser)
		token, err := jwt.NewUserClaims(user).Encode(signer)
		require.NoError(t, err)
		file, err := jwt.FormatUserConfig(token, seed)
		require.NoError(t, err)
		return writeFile(t, file)
	}
	resolver := &server.MemAccResolver{}
	claims := jwt.NewAccountClaims(account)
	claims.Limits.JetStreamLimits = jwt.JetStreamLimits{DiskStorage: jwt.NoLimit, MemoryStorage: jwt.NoLimit, Streams: jwt.NoLimit, Consumer: jwt.NoLimit}
	for _, claims := range []*jwt.AccountClaims{claims, jwt.NewAccountClaims(system)} {
		token, err := claims.Encode(operatorKey)
		require.NoError(t, err)
		require.NoError(t, resolver.Store(claims.Subject, token))
	}
	_, jwts := serve(t, &server.Options{JetStream: true, AccountResolver: resolver, SystemAccount: system,
		TrustedOperators: []*jwt.OperatorClaims{jwt.NewOperatorClaims(operator)}})

	for name, tc := range map[string]struct {
		url   string
		args  []string
		allow bool
	}{
		"nothing":                   {users.String(), nil, false},
		"user and password":         {withUser.String(), nil, true},
		"wrong password":            {wrongUser.String(), nil, false},
		"NKey":                      {users.String(), []string{"-nkey", writeFile(t, seed)}, true},
		"another NKey":              {users.String(), []string{"-nkey", writeFile(t, otherSeed)}, false},
		"no credentials":            {jwts.String(), nil, false},
		"credentials":               {jwts.String(), []string{"-creds", credentials(accountKey)}, true},
		"credentials of a stranger": {jwts.String(), []string{"-creds", credentials(strangerKey)}, false},
	} {
		t.Run(name, func(t *testing.T) {
			got := cluster(t, "", append([]string{"put", "-nats", tc.url}, tc.args...)...)
			require.NotContains(t, got.stderr, "pass@")
			if tc.allow {
				require.Zero(t, got.status, got.stderr)
				require.Contains(t, got.stderr, "invalid webhooks 0")
			} else {
				require.Equal(t, 2, got.status)
				require.Contains(t, got.stderr, "Authorization Violation")
			}
		})
	}
}

// authority signs certificates.
type authority struct {
	certificate *x509.Certificate
	key         ed25519.PrivateKey
	file        string // the certificate to trust
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := new(authority)
	_, a.key, _ = ed25519.GenerateKey(rand.Reader)
	template := &x509.Certificate{NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, a.key.Public(), a.key)
	require.NoError(t, err)
	a.certificate, err = x509.ParseCertificate(der)
	require.NoError(t, err)
	a.file = writeFile(t, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	return a
}

// issue returns the files of a certificate for loopback and of its key.
func (a *authority) issue(t *testing.T, usage x509.ExtKeyUsage) (certificate, key string) {
	t.Helper()
	public, private, _ := ed25519.GenerateKey(rand.Reader)
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{NotAfter: time.Now().Add(time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{usage}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}, a.certificate, public, a.key)
	require.NoError(t, err)
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	require.NoError(t, err)
	return writeFile(t, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		writeFile(t, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}))
}

// TestTLS: the program and a server that verifies its clients authenticate each other by
// certificate.
func TestTLS(t *testing.T) {
	ours, others := newAuthority(t), newAuthority(t)
	certificate, key := ours.issue(t, x509.ExtKeyUsageServerAuth)
	config, err := server.GenTLSConfig(&server.TLSConfigOpts{CertFile: certificate, KeyFile: key, CaFile: ours.file, Verify: true, Timeout: 10})
	require.NoError(t, err)
	_, address := serve(t, &server.Options{JetStream: true, TLSConfig: config, TLSTimeout: 10})
	certificate, key = ours.issue(t, x509.ExtKeyUsageClientAuth)
	strange, strangeKey := others.issue(t, x509.ExtKeyUsageClientAuth)

	for name, tc := range map[string]struct {
		args   []string
		refuse string // expected error; empty: the connection succeeds
	}{
		"certificates":          {[]string{"-tlsca", ours.file, "-tlscert", certificate, "-tlskey", key}, ""},
		"nothing":               {nil, "certificate signed by unknown authority"},
		"no client certificate": {[]string{"-tlsca", ours.file}, "tls"},
		"unknown client":        {[]string{"-tlsca", ours.file, "-tlscert", strange, "-tlskey", strangeKey}, "tls"},
		"unknown server":        {[]string{"-tlsca", others.file, "-tlscert", certificate, "-tlskey", key}, "certificate signed by unknown authority"},
		"no key":                {[]string{"-tlsca", ours.file, "-tlscert", certificate}, "open"},
	} {
		t.Run(name, func(t *testing.T) {
			got := cluster(t, "", append([]string{"put", "-nats", address.String()}, tc.args...)...)
			if tc.refuse == "" {
				require.Zero(t, got.status, got.stderr)
				require.Contains(t, got.stderr, "put 25")
			} else {
				require.Equal(t, 2, got.status)
				require.Contains(t, got.stderr, tc.refuse)
			}
		})
	}
}

// TestProgress: long work shows a progress bar on a terminal, and only there.
func TestProgress(t *testing.T) {
	_, address := serve(t, &server.Options{JetStream: true})
	run := func(stderr *os.File, args ...string) error {
		var stdout buffer
		return run(t.Context(), append(args, "-nats", address.String()), nil, &stdout, stderr)
	}
	roles := []string{"put", "publish", "try"}
	terminal, line, err := pty.Open()
	require.NoError(t, err)
	defer terminal.Close()
	var shown buffer
	read := make(chan struct{})
	go func() { _, _ = io.Copy(&shown, terminal); close(read) }()
	for _, role := range roles {
		require.NoError(t, run(line, role))
	}
	require.NoError(t, line.Close())
	<-read
	for _, role := range roles {
		require.Regexp(t, `\r`+role+` +\d+% `, shown.String())
	}
	file, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	require.NoError(t, err)
	for _, role := range roles {
		require.NoError(t, run(file, role))
	}
	got, err := os.ReadFile(file.Name())
	require.NoError(t, err)
	require.Equal(t, "put 0, deleted 0, unchanged 25, invalid webhooks 0\n", string(got))
}
