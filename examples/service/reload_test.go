//go:build linux

package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// pair is a certificate and its key, as the content of files.
type pair struct{ cert, key string }

// newPair returns a self-signed certificate of 127.0.0.1.
func newPair(t *testing.T, serial int64) pair {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotAfter: time.Date(2100, 1, int(serial), 0, 0, 0, 0, time.UTC), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	return pair{
		string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER})),
	}
}

// statusBy requests a URL over a new connection that trusts only the certificate of a pair.
func statusBy(p pair, url, authorization string) (status int, err error) {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(p.cert))
	trusting := &http.Client{Timeout: soon, Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{RootCAs: roots}}}
	status, _, err = try(context.Background(), trusting, url, authorization)
	return status, err
}

// TestReload sends SIGHUP to a process: the tokens and the certificate are reloaded
// independently, and if one of them cannot be read, its previous state stays.
func TestReload(t *testing.T) {
	one, two, three := newPair(t, 1), newPair(t, 2), newPair(t, 3)
	dir := t.TempDir()
	tokens, cert, key := filepath.Join(dir, "tokens.json"), filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	files := func(tokensText string, p pair) {
		write(t, tokens, tokensText)
		write(t, cert, p.cert)
		write(t, key, p.key)
	}
	files(tokensOf("tok-old"), one)
	p, signal := startProcess(t, "-import", folder(t, described(first, "x")), "-tokens", tokens, "-tls-cert", cert, "-tls-key", key)
	require.True(t, strings.HasPrefix(p.base, "https://"))
	status, _ := get(t, p.metrics+"/healthz", "")
	require.Equal(t, 200, status, "the metrics are served over plain HTTP")

	const failed = `level=ERROR msg="not reloaded: the previous state stays" have=`
	until := func(serial string) string {
		return `"certificate of ` + cert + `, valid until 2100-01-0` + serial + `T00:00:00Z"`
	}
	for _, c := range []struct {
		name     string
		tokens   string
		pair     pair
		logged   [2]string // about the tokens, and about the certificate
		accepted string
		served   pair
	}{
		{"both", tokensOf("tok-new", "tok-x"), two,
			[2]string{`level=INFO msg=reloaded have="2 tokens of ` + tokens + `"`, `level=INFO msg=reloaded have=` + until("2")}, "tok-new", two},
		{"a key of another certificate", tokensOf("tok-newer"), pair{three.cert, two.key},
			[2]string{`level=INFO msg=reloaded have="1 tokens of ` + tokens + `"`,
				failed + until("2") + ` error="certificate ` + cert + ` with key ` + key + `: tls: private key does not match public key"`}, "tok-newer", two},
		{"tokens that are half written", `{"tok-newest":["`, three,
			[2]string{failed + `"1 tokens of ` + tokens + `" error="` + tokens + `: not a JSON object from token to the list`, `level=INFO msg=reloaded have=` + until("3")}, "tok-newer", three},
		{"neither", `{}`, pair{"", ""},
			[2]string{failed + `"1 tokens of ` + tokens + `" error="` + tokens + `: no token"`, failed + until("3") + ` error="certificate ` + cert + ` with key ` + key + `: tls: failed to find any PEM data`}, "tok-newer", three},
	} {
		files(c.tokens, c.pair)
		signal(syscall.SIGHUP)
		for _, line := range c.logged {
			require.NotContains(t, p.stderr.until(t, line), "tok-", c.name)
		}
		for _, token := range []string{"tok-old", "tok-new", "tok-newer", "tok-newest"} {
			want := 401
			if token == c.accepted {
				want = 200
			}
			status, err := statusBy(c.served, p.one(acme, first), "Token "+token)
			require.NoError(t, err, c.name)
			require.Equal(t, want, status, "%s: %s", c.name, token)
		}
	}
	_, err := statusBy(two, p.base+"/healthz", "")
	require.ErrorContains(t, err, "certificate signed by unknown authority")
	signal(syscall.SIGTERM)
	require.NoError(t, p.wait(t))
}

// TestHangup: SIGHUP does not end a process that has nothing to reload.
func TestHangup(t *testing.T) {
	t.Setenv("HOOKFILTER_TOKEN", "tok")
	p, signal := startProcess(t, "-import", folder(t, described(first, "x")))
	signal(syscall.SIGHUP)
	p.stderr.until(t, `level=INFO msg="nothing to reload"`)
	status, _ := get(t, p.one(acme, first), "Token tok")
	require.Equal(t, 200, status)
	signal(syscall.SIGTERM)
	require.NoError(t, p.wait(t))
}
