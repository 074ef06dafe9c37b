// Package postgrestest runs a real PostgreSQL for a test, from the programs that are
// installed: Debian's package postgresql has them. It needs Linux.
package postgrestest
