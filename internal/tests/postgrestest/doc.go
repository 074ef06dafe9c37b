// Package postgrestest runs a PostgreSQL server for a test with the installed programs, for example
// from Debian's package postgresql. It needs Linux.
package postgrestest
