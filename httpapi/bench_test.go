package httpapi_test

import (
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"testing"

	"github.com/hookfilter/hookfilter/httpapi"
)

// discarded is a response that costs nothing.
type discarded struct{ header http.Header }

func (d discarded) Header() http.Header         { return d.header }
func (d discarded) Write(p []byte) (int, error) { return len(p), nil }
func (d discarded) WriteHeader(int)             {}

// BenchmarkHandler is the handler's own cost a request, without the server's,
// beside a bare handler that writes the same body and header.
func BenchmarkHandler(b *testing.B) {
	body := serve(httpapi.NewHandler(goodStore, anybody, nil), request("GET", goodPath, bearer)).Body.Bytes()
	bare := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		_, _ = w.Write(body)
	})
	logger := slog.New(slog.NewJSONHandler(io.Discard, nil))
	for _, c := range []struct {
		name          string
		handler       http.Handler
		authorization string
	}{
		{"bare", bare, bearer},
		{"found", httpapi.NewHandler(goodStore, anybody, nil), bearer},
		{"found-logged", httpapi.NewHandler(goodStore, anybody, logger), bearer},
		{"not-found", httpapi.NewHandler(storeOf(nil, httpapi.ErrNotFound), anybody, nil), bearer},
		{"no-token", httpapi.NewHandler(goodStore, anybody, nil), ""},
	} {
		b.Run(c.name, func(b *testing.B) {
			r := request("GET", goodPath, c.authorization)
			w := discarded{http.Header{}}
			b.ReportAllocs()
			for b.Loop() {
				clear(w.header)
				c.handler.ServeHTTP(w, r)
			}
		})
	}
}
