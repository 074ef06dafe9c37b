package cli

import (
	"crypto/tls"
	"fmt"
	"sync/atomic"
	"time"
)

// Certificate is a TLS certificate and its key, which can be reloaded while a server uses
// them. Open connections keep the certificate that they began with.
type Certificate struct {
	cert, key string // paths of the files
	now       atomic.Pointer[tls.Certificate]
}

// ReadCertificate reads a certificate and its key from PEM files. The file of the
// certificate may contain intermediate certificates after it.
func ReadCertificate(cert, key string) (*Certificate, error) {
	c := &Certificate{cert: cert, key: key}
	return c, c.Reload()
}

// Reload implements [Reloader].
func (c *Certificate) Reload() error {
	read, err := tls.LoadX509KeyPair(c.cert, c.key)
	if err != nil {
		return fmt.Errorf("certificate %s with key %s: %w", c.cert, c.key, err)
	}
	c.now.Store(&read)
	return nil
}

// String implements [Reloader].
func (c *Certificate) String() string {
	return fmt.Sprintf("certificate of %s, valid until %s", c.cert, c.now.Load().Leaf.NotAfter.UTC().Format(time.RFC3339))
}

func (c *Certificate) config() *tls.Config {
	return &tls.Config{GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.now.Load(), nil }}
}
