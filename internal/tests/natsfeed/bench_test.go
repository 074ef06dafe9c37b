//go:build unix

package natsfeed_test

import (
	"encoding/json"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/filter/natsfeed"
	"github.com/hookfilter/hookfilter/internal/tests/natstest"
)

// BenchmarkLoad loads b.N webhooks of 10,000 organizations. Run it with a fixed number of webhooks,
// for example with -benchtime 1000000x.
func BenchmarkLoad(b *testing.B) {
	js := natstest.Start(b, 1).Connect()
	kv := newBucket(b, js, 1)
	organizations := newIDs(10_000)
	for i := range b.N {
		w := newWebhook(uuid.New(), fmt.Sprint("team-", i%1000, "-*"))
		value, err := json.Marshal(w)
		require.NoError(b, err)
		_, err = js.PublishAsync("$KV."+kv.Bucket()+"."+natsfeed.Key(organizations[i%len(organizations)], w.ID), value,
			jetstream.WithStallWait(time.Minute))
		require.NoError(b, err)
	}
	<-js.PublishAsyncComplete()
	before := heap()
	cpu, _ := usage(b)
	b.ResetTimer()
	f, _ := follow(b, js, kv)
	b.StopTimer()
	after, resident := usage(b)
	require.Equal(b, b.N, f.Index().Len())
	b.ReportMetric(float64(heap()-before)/float64(b.N), "B/webhook")
	b.ReportMetric(b.Elapsed().Seconds(), "s/load")
	b.ReportMetric((after - cpu).Seconds(), "cpu-s/load")
	b.ReportMetric(float64(resident>>20), "MiB-max")
}

// usage returns the CPU time and the maximum resident memory of this process.
func usage(b *testing.B) (cpu time.Duration, resident int64) {
	var u syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()), u.Maxrss << 10
}

// heap returns the size of the live heap in bytes.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// BenchmarkVisible measures the time from the acknowledgement of a Put until the Index has the
// change, while other clients make 0, 100 or 1,000 changes a second.
func BenchmarkVisible(b *testing.B) {
	js := natstest.Start(b, 1).Connect()
	for _, rate := range []int{0, 100, 1000} {
		b.Run(fmt.Sprintf("changes=%d", rate), func(b *testing.B) {
			kv := newBucket(b, js, 1)
			f, _ := follow(b, js, kv)
			stop := make(chan struct{})
			var others sync.WaitGroup
			var changes atomic.Int64
			for range min(rate, 4) {
				others.Go(func() {
					for tick := time.Tick(4 * time.Second / time.Duration(rate)); ; {
						select {
						case <-tick:
							if _, err := natsfeed.Put(b.Context(), kv, organizations[1], newWebhook(uuid.New(), "p")); err == nil {
								changes.Add(1)
							}
						case <-stop:
							return
						}
					}
				})
			}
			began := time.Now()
			var times []time.Duration
			for range b.N {
				revision := put(b, kv, organizations[0], newWebhook(ids[0], "p"))
				start := time.Now()
				wait(b, f, revision)
				times = append(times, time.Since(start))
				time.Sleep(5 * time.Millisecond)
			}
			close(stop)
			others.Wait()
			b.ReportMetric(float64(changes.Load())/time.Since(began).Seconds(), "changes/s")
			slices.Sort(times)
			b.ReportMetric(float64(times[len(times)/2].Microseconds())/1000, "ms-median")
			b.ReportMetric(float64(times[len(times)*99/100].Microseconds())/1000, "ms-p99")
		})
	}
}
