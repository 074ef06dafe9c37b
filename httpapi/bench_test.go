package httpapi_test

import (
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"testing"

	"github.com/hookfilter/hookfilter/httpapi"
)

// discard is a ResponseWriter that writes nothing.
type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) Write(p []byte) (int, error) { return len(p), nil }
func (d discard) WriteHeader(int)             {}

// BenchmarkHandler measures the handler without a server, and a bare handler that writes the
// same body and header.
func BenchmarkHandler(b *testing.B) {
	body := serve(httpapi.NewHandler(goodStore, allowAll, nil), request("GET", goodPath, bearer)).Body.Bytes()
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
		{"found", httpapi.NewHandler(goodStore, allowAll, nil), bearer},
		{"found-logged", httpapi.NewHandler(goodStore, allowAll, logger), bearer},
		{"not-found", httpapi.NewHandler(storeOf(nil, httpapi.ErrNotFound), allowAll, nil), bearer},
		{"no-token", httpapi.NewHandler(goodStore, allowAll, nil), ""},
	} {
		b.Run(c.name, func(b *testing.B) {
			r := request("GET", goodPath, c.authorization)
			w := discard{http.Header{}}
			b.ReportAllocs()
			for b.Loop() {
				clear(w.header)
				c.handler.ServeHTTP(w, r)
			}
		})
	}
}
