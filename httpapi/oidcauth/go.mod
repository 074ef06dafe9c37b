module github.com/hookfilter/hookfilter/httpapi/oidcauth

go 1.26.0

require github.com/hookfilter/hookfilter v0.0.0

require (
	github.com/coreos/go-oidc/v3 v3.21.0 // indirect
	github.com/zitadel/oidc/v3 v3.51.17 // indirect
)

replace github.com/hookfilter/hookfilter => ../..
