// Package integration runs this module against real database drivers: the
// storage contract on SQLite (modernc.org/sqlite) and PostgreSQL (pgx), and what
// is particular to package sqlstore.
//
// It is a module of its own, so that no driver becomes a dependency of the
// library, and is never published. Package pgtest brings its own PostgreSQL
// server; where PostgreSQL is not installed, those tests are skipped, and with
// GLABELLA_REQUIRE_POSTGRES=1 in the environment that is a failure.
package integration
