module github.com/hookfilter/hookfilter/httpapi/chitest

go 1.25

require (
	github.com/go-chi/chi/v5 v5.2.3
	github.com/google/uuid v1.6.0
	github.com/hookfilter/hookfilter v0.0.0
)

replace github.com/hookfilter/hookfilter => ../..
