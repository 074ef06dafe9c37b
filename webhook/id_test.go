package webhook_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/webhook"
)

func TestParseID(t *testing.T) {
	const canonical = "3c90c3cc-0d44-4b50-8888-8dd25736052a"
	for _, s := range []string{canonical, strings.ToUpper(canonical), uuid.Nil.String()} {
		id, err := webhook.ParseID(s)
		require.NoError(t, err, s)
		require.Equal(t, strings.ToLower(s), id.String())
	}
	for _, s := range []string{
		"", "x", "urn:uuid:" + canonical, "{" + canonical + "}", strings.ReplaceAll(canonical, "-", ""),
		"x" + canonical + "x", canonical[:35], canonical + "0", strings.Replace(canonical, "-", "0", 1), canonical[:35] + "g",
	} {
		id, err := webhook.ParseID(s)
		require.ErrorIs(t, err, webhook.ErrInvalidFormat, s)
		require.Zero(t, id)
	}
}
