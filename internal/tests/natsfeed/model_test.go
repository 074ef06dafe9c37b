package natsfeed_test

import (
	"fmt"
	"testing"

	"github.com/leanovate/gopter"
	"github.com/leanovate/gopter/gen"
	"github.com/leanovate/gopter/prop"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/filter/natsfeed"
)

// testModel makes random changes, and compares a feed that follows them, and a feed that starts
// afterwards, with a map.
func testModel(t *testing.T, js jetstream.JetStream) {
	parameters := gopter.DefaultTestParameters()
	parameters.MinSuccessfulTests = 15
	parameters.MaxSize = 60
	properties := gopter.NewProperties(parameters)
	properties.Property("a feed is equal to the bucket", prop.ForAll(func(steps []int) bool {
		kv := newBucket(t, js, 1)
		f, _ := follow(t, js, kv)
		want := contents{}
		for i, step := range steps {
			o, id := organizations[step%len(organizations)], ids[step/len(organizations)%len(ids)]
			key := natsfeed.Key(o, id)
			switch operation := step / 12; operation {
			case 0:
				del(t, kv, o, id)
				delete(want, key)
			case 1:
				require.NoError(t, kv.Purge(t.Context(), key))
				delete(want, key)
			case 2:
				_, err := kv.Put(t.Context(), key, []byte("{}"))
				require.NoError(t, err)
				delete(want, key)
			case 3:
				_, err := kv.Put(t.Context(), "foreign."+key, nil)
				require.NoError(t, err)
			case 4:
				require.NoError(t, kv.PurgeDeletes(t.Context(), jetstream.DeleteMarkersOlderThan(-1)))
			case 5:
				if step%12 == 0 {
					require.NoError(t, js.DeleteKeyValue(t.Context(), kv.Bucket()))
					var err error
					kv, err = natsfeed.OpenBucket(t.Context(), js, kv.Bucket(), 1)
					require.NoError(t, err)
					want = contents{}
				}
			case 6:
				requireContents(t, f, want, organizations...)
			default:
				w := newWebhook(id, fmt.Sprint("p", i))
				put(t, kv, o, w)
				want.put(t, o, w)
			}
		}
		late, _ := follow(t, js, kv)
		requireContents(t, f, want, organizations...)
		requireContents(t, late, want, organizations...)
		require.Equal(t, late.Revision(), f.Revision())
		require.Equal(t, late.Invalid(), f.Invalid())
		return late.Close() == nil && f.Close() == nil
	}, gen.SliceOf(gen.IntRange(0, 12*12-1))))
	properties.TestingRun(t)
}
