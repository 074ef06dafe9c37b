//go:build linux

package main

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

func TestMetrics(t *testing.T) {
	p := start(t, "-import", folder(t, described(first, "x")), "-tokens", tokensFile(t, "tok"))
	for range 3 {
		get(t, p.one(acme, first), "Token tok")
	}
	get(t, p.one(acme, uuid.NewString()), "Token tok")
	get(t, p.one(uuid.NewString(), first), "Token tok")
	get(t, p.base+"/organization/"+acme+"/webhook", "Bearer tok")
	get(t, p.base+"/organization//webhook/..", "")
	get(t, p.base+"/"+uuid.NewString(), "")
	status, text := get(t, p.metrics+"/metrics", "")
	require.Equal(t, 200, status)
	for _, line := range []string{
		`hookfilter_requests_total{code="200",operation="one"} 3`,
		`hookfilter_requests_total{code="404",operation="one"} 1`,
		`hookfilter_requests_total{code="403",operation="one"} 1`,
		`hookfilter_requests_total{code="200",operation="list"} 1`,
		`hookfilter_requests_total{code="404",operation="other"} 2`,
		`hookfilter_request_duration_seconds_count{operation="one"} 5`,
		`hookfilter_store_errors_total{kind="unavailable",operation="one"} 0`,
		`hookfilter_database_connections_max 1`,
		`hookfilter_database_connections_in_use 0`,
		`hookfilter_database_connections_idle 1`,
	} {
		require.Contains(t, text, line+"\n")
	}
	require.Contains(t, text, "go_goroutines ")
	require.NotRegexp(t, `[0-9a-f]{8}-[0-9a-f]{4}`, text, "no id is a label")
	require.NotContains(t, text, "tok")
	require.NotContains(t, text, "hookfilter_provider_up", "there is no provider")
	status, _ = get(t, p.metrics+"/organization/"+acme+"/webhook", "Bearer tok")
	require.Equal(t, 404, status)
}
