package natsfeed

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// The feed asks the leader once per interval.
func TestInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.follow(t, WithInterval(time.Minute))
		synctest.Wait()
		var asked atomic.Int64
		f.play(func(request string, leader replica) (replica, error) {
			if request == "ask" {
				asked.Add(1)
			}
			return leader, nil
		})
		time.Sleep(time.Hour)
		synctest.Wait()
		require.EqualValues(t, 60, asked.Load())
	})
}

// lateHandler is the handler of a logger that has not finished when the feed is closed.
type lateHandler struct {
	slog.Handler
	logging, finish chan struct{}
}

func (h lateHandler) WithAttrs([]slog.Attr) slog.Handler { return h }

func (h lateHandler) Handle(context.Context, slog.Record) error {
	close(h.logging)
	<-h.finish
	return nil
}

// Close returns only after all goroutines of the feed have ended.
func TestCloseWaits(t *testing.T) {
	for name, failing := range map[string]string{"asking": "ask", "reading": "batch"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake()
				f.put(t, ids[0])
				h := lateHandler{slog.NewTextHandler(io.Discard, nil), make(chan struct{}), make(chan struct{})}
				feed := f.follow(t, WithLogger(slog.New(h)))
				synctest.Wait()
				f.play(func(request string, leader replica) (replica, error) {
					if request == failing {
						return replica{}, errors.New("unavailable")
					}
					return leader, nil
				})
				f.put(t, ids[1])
				<-h.logging
				closed := make(chan error, 1)
				go func() { closed <- feed.Close() }()
				synctest.Wait()
				require.Empty(t, closed)
				close(h.finish)
				require.NoError(t, <-closed)
			})
		})
	}
}

// Without OnInvalid, a feed logs invalid values as warnings, with the default logger unless
// another one is given. Zero values of options mean the defaults, and nil options are ignored.
func TestInvalidIsLogged(t *testing.T) {
	standard, own := new(bytes.Buffer), new(bytes.Buffer)
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(standard, nil)))
	t.Cleanup(func() { slog.SetDefault(before) })
	logger := slog.New(slog.NewTextHandler(own, nil))
	const secret = "not-a-token"
	for _, tc := range []struct {
		name    string
		log     *bytes.Buffer
		options []Option
	}{
		{"default", standard, nil},
		{"zero values", standard, []Option{nil, OnInvalid(nil), WithLogger(nil), WithInterval(0), WithTimeout(-1)}},
		{"logger", own, []Option{WithLogger(logger)}},
		{"function", nil, []Option{WithLogger(logger), OnInvalid(func(Invalid) {})}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				standard.Reset()
				own.Reset()
				f := newFake()
				revision := f.publish(ids[0], nil, fmt.Appendf(nil, `{"id":%q,"target_url":"https://chat.example.com/%s","events":["DEPLOYMENT_FAILURE"],"project_names_filter":[""]}`, ids[0], secret))
				feed := f.follow(t, tc.options...)
				requireConfirmed(t, feed)
				require.Equal(t, 1, feed.Invalid())
				require.NoError(t, feed.Close())
				for _, log := range []*bytes.Buffer{standard, own} {
					want := 0
					if log == tc.log {
						want = 1
						for _, part := range []string{`level=WARN msg="webhook is invalid and fires for nothing" key=` + Key(organization, ids[0]),
							fmt.Sprint(" revision=", revision), " reason=", "project_names_filter[0]"} {
							require.Contains(t, log.String(), part)
						}
					}
					require.Equal(t, want, strings.Count(log.String(), "\n"), log)
					require.NotContains(t, log.String(), secret)
				}
			})
		})
	}
}
