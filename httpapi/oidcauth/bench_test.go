package oidcauth_test

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/require"
)

// BenchmarkAuthorize measures Authorize, and the bare verification of an RSA signature in the
// same run.
func BenchmarkAuthorize(b *testing.B) {
	token := validToken()
	b.Run("bare-RS256", func(b *testing.B) {
		dot := strings.LastIndexByte(token, '.')
		signing := token[:dot]
		signature, err := base64.RawURLEncoding.DecodeString(token[dot+1:])
		require.NoError(b, err)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				hash := sha256.Sum256([]byte(signing))
				if err := rsa.VerifyPKCS1v15(&rsaKey.PublicKey, crypto.SHA256, hash[:], signature); err != nil {
					b.Error(err)
				}
			}
		})
	})
	for name, token := range map[string]string{
		"RS256":       token,
		"ES256":       sign(jose.ES256, ecKey, claims(nil), kid("ec")),
		"unknown-key": raw(`{"alg":"RS256","kid":"unknown"}`, claims(nil), "x"),
	} {
		a := newProvider().authorizer(b)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					_ = a.Authorize(b.Context(), bearer(token), acme)
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "tokens/s")
		})
	}
}
