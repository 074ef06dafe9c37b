package natsfeed_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/filter/natsfeed"
)

func testInvalid(t *testing.T, js jetstream.JetStream) {
	good, err := json.Marshal(newWebhook(ids[0], "p"))
	require.NoError(t, err)
	edited := func(old, replacement string) string {
		require.Contains(t, string(good), old)
		return strings.Replace(string(good), old, replacement, 1)
	}
	key := natsfeed.Key(organizations[0], ids[0])
	for name, tc := range map[string]struct{ key, value, reason string }{
		"empty":           {key, "", "unexpected end"},
		"not JSON":        {key, "hello", "want a value, got 'h'"},
		"cut off":         {key, string(good[:len(good)-1]), "unexpected end"},
		"a string":        {key, `"https://chat.example.com/` + secret + `"`, "want an object"},
		"a number as URL": {key, edited(`"https://chat.example.com/services/not-a-token"`, "5"), "target_url"},
		"wrong type":      {key, edited(`"enabled":true`, `"enabled":1`), "enabled"},
		"does not compile": {key, edited(`["p"]`, `["p",""]`),
			`project_names_filter[1]: empty`},
		"null":               {key, "null", "the webhook's id is " + uuid.Nil.String()},
		"a repeated member":  {key, edited(`"enabled":true`, `"enabled":true,"enabled":true`), "enabled: duplicate member"},
		"another case":       {key, edited(`"project_names_filter"`, `"Project_Names_Filter"`), "project_names_filter \"Project_Names_Filter\": misspelled"},
		"deep nesting":       {key, strings.Repeat("[", 100_000), "nested deeper"},
		"many problems":      {key, edited(`["p"]`, `["p"`+strings.Repeat(`,""`, 100_000)+`]`), "; and at least 90 more"},
		"no organization":    {natsfeed.Key(uuid.Nil, ids[0]), string(good), "organization_id: required"},
		"another id":         {key, edited(ids[0].String(), ids[1].String()), "the webhook's id is " + ids[1].String() + ", but the id in the key is " + ids[0].String()},
		"no id":              {key, edited(ids[0].String(), uuid.Nil.String()), "the webhook's id is"},
		"key of one part":    {"webhook", string(good), "the key is not <organizationId>.<webhookId>"},
		"key of three parts": {key + ".x", string(good), "the key is not"},
		"upper case":         {strings.ToUpper(key), string(good), "the key is not"},
		"32 digits":          {strings.ReplaceAll(key, "-", ""), string(good), "the key is not"},
	} {
		t.Run(name, func(t *testing.T) {
			kv := newBucket(t, js, 1)
			f, live := follow(t, js, kv)
			put(t, kv, organizations[0], newWebhook(ids[0], "p"))
			last := put(t, kv, organizations[0], newWebhook(ids[1], "p"))
			wait(t, f, last)
			require.True(t, fires(f.Index(), organizations[0], ids[0], "p"))

			last, err := kv.Put(t.Context(), tc.key, []byte(tc.value))
			require.NoError(t, err)
			wait(t, f, last)
			late, loaded := follow(t, js, kv)
			for _, r := range []*reports{live, loaded} {
				got := r.take()
				require.Len(t, got, 1)
				require.Equal(t, tc.key, got[0].Key)
				require.Equal(t, last, got[0].Revision)
				require.ErrorContains(t, got[0].Err, tc.reason)
				require.Less(t, len(got[0].Err.Error()), 1000)
				require.NotContains(t, got[0].Err.Error(), "\n")
				require.NotContains(t, got[0].Err.Error(), secret)
			}
			for _, f := range []*natsfeed.Feed{f, late} {
				// The previous version under the same key no longer fires. Other webhooks do.
				require.Equal(t, tc.key != key, fires(f.Index(), organizations[0], ids[0], "p"))
				require.True(t, fires(f.Index(), organizations[0], ids[1], "p"))
				require.Equal(t, 1, f.Invalid())
			}
			if tc.key == key {
				last = put(t, kv, organizations[0], newWebhook(ids[0], "q"))
			} else {
				require.NoError(t, kv.Delete(t.Context(), tc.key))
				last++
			}
			wait(t, f, last)
			require.Equal(t, tc.key == key, fires(f.Index(), organizations[0], ids[0], "q"))
			require.Zero(t, f.Invalid())
			require.Empty(t, live.take())
		})
	}
}

// A message is a change like any other, even if it was published with headers that the servers use
// in responses, or with an unknown operation.
func testSpoofed(t *testing.T, js jetstream.JetStream) {
	good, err := json.Marshal(newWebhook(ids[0], "new"))
	require.NoError(t, err)
	for name, tc := range map[string]struct {
		header nats.Header
		data   []byte
		kept   bool // whether the webhook in data fires
	}{
		"sequence":           {nats.Header{"Nats-Sequence": {"99999999999999999"}}, good, true},
		"last sequence":      {nats.Header{"Nats-Last-Sequence": {"5"}}, good, true},
		"subject":            {nats.Header{"Nats-Subject": {"x"}}, good, true},
		"time":               {nats.Header{"Nats-Time-Stamp": {"x"}}, good, true},
		"not found":          {nats.Header{"Status": {"404"}}, nil, false},
		"idle":               {nats.Header{"Status": {"100"}}, nil, false},
		"no responders":      {nats.Header{"Status": {"503"}}, nil, false},
		"the end of a batch": {nats.Header{"Status": {"204"}, "Description": {"EOB"}}, nil, false},
		"unknown operation":  {nats.Header{"KV-Operation": {"DELETE"}}, nil, false},
		"other headers":      {nats.Header{"Traceparent": {"x"}}, good, true},
		"marker":             {nats.Header{"Nats-Marker-Reason": {"MaxAge"}}, nil, false},
		"operation":          {nats.Header{"KV-Operation": {"PURGE"}}, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			kv := newBucket(t, js, 1)
			put(t, kv, organizations[0], newWebhook(ids[0], "old"))
			f, _ := follow(t, js, kv)
			m := &nats.Msg{Subject: "$KV." + kv.Bucket() + "." + natsfeed.Key(organizations[0], ids[0]), Header: tc.header, Data: tc.data}
			ack, err := js.PublishMsg(t.Context(), m)
			require.NoError(t, err)
			wait(t, f, ack.Sequence)
			require.False(t, fires(f.Index(), organizations[0], ids[0], "old"))
			require.Equal(t, tc.kept, fires(f.Index(), organizations[0], ids[0], "new"))
			last := put(t, kv, organizations[0], newWebhook(ids[1], "new"))
			wait(t, f, last)
			require.Equal(t, last, f.Revision())
			require.True(t, fires(f.Index(), organizations[0], ids[1], "new"))
			late, _ := follow(t, js, kv)
			require.Equal(t, last, late.Revision())
			require.Equal(t, tc.kept, fires(late.Index(), organizations[0], ids[0], "new"))
			require.True(t, fires(late.Index(), organizations[0], ids[1], "new"))
			require.Equal(t, f.Invalid(), late.Invalid())
		})
	}
}
