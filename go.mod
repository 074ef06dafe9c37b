module github.com/hookfilter/hookfilter

go 1.25

require (
	github.com/gobwas/glob v1.1.0
	github.com/google/uuid v1.6.0
)
