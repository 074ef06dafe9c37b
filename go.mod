module github.com/hookfilter/hookfilter

go 1.25

require (
	github.com/gobwas/glob v1.1.0
	github.com/google/uuid v1.6.0
	github.com/leanovate/gopter v0.2.11
	github.com/stretchr/testify v1.12.1
)

require go.yaml.in/yaml/v3 v3.0.5 // indirect
