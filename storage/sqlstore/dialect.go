package sqlstore

import (
	"database/sql"
	"errors"
	"slices"
	"strings"
)

// Dialect is the kind of database behind a [database/sql.DB].
type Dialect string

// The dialects.
const (
	SQLite     Dialect = "sqlite"     // SQLite 3.35 or later
	PostgreSQL Dialect = "postgresql" // PostgreSQL 12 or later, or an engine that speaks its protocol
)

// Dialects returns every dialect.
func Dialects() []Dialect { return []Dialect{SQLite, PostgreSQL} }

// Valid reports whether d is one of [Dialects].
func (d Dialect) Valid() bool { return slices.Contains(Dialects(), d) }

// statements are the texts that a driver runs, in one dialect.
type statements struct {
	hasSchema string

	addTenant string
	head      string
	lockHead  string // reads the head and locks it against other Updates
	addEntry  string
	setHead   string
	addBoth   string // addEntry and setHead in one round trip, where that is possible
	entries   string

	newest  string
	version string
	keysOf  string
	insert  string
	addKey  string
	dropKey string
	rangeTo string // a page of an index that ends before a value
	rangeOn string // a page of an index that has no end
}

// Statements are written with PostgreSQL's numbered parameters.
var common = statements{
	addTenant: `INSERT INTO glabella_head (tenant, size, frontier) VALUES ($1, 0, $2) ON CONFLICT (tenant) DO NOTHING`,
	head:      `SELECT size, frontier FROM glabella_head WHERE tenant = $1`,
	addEntry:  `INSERT INTO glabella_journal (tenant, seq, bytes, hashes) VALUES ($1, $2, $3, $4)`,
	setHead:   `UPDATE glabella_head SET size = $3, frontier = $4 WHERE tenant = $1 AND size = $2`,
	entries:   `SELECT seq, bytes, hashes FROM glabella_journal WHERE tenant = $1 AND seq >= $2 ORDER BY seq LIMIT $3`,

	newest:  `SELECT version, keys, body FROM glabella_document WHERE tenant = $1 AND kind = $2 AND id = $3 ORDER BY version DESC LIMIT 1`,
	version: `SELECT version, keys, body FROM glabella_document WHERE tenant = $1 AND kind = $2 AND id = $3 AND version = $4`,
	keysOf:  `SELECT keys FROM glabella_document WHERE tenant = $1 AND kind = $2 AND id = $3 AND version = $4`,
	insert: `INSERT INTO glabella_document (tenant, kind, id, version, keys, body) VALUES ($1, $2, $3, $4, $5, $6)` +
		` ON CONFLICT (tenant, kind, id, version) DO NOTHING`,
	addKey:  `INSERT INTO glabella_key (tenant, kind, id, name, value) VALUES ($1, $2, $3, $4, $5)`,
	dropKey: `DELETE FROM glabella_key WHERE tenant = $1 AND kind = $2 AND id = $3 AND name = $4 AND value = $5`,
}

const (
	rangeSQLite = `SELECT k.value, k.id, d.version, d.body FROM glabella_key k` +
		` JOIN glabella_document d ON d.tenant = k.tenant AND d.kind = k.kind AND d.id = k.id` +
		` AND d.version = (SELECT max(n.version) FROM glabella_document n WHERE n.tenant = k.tenant AND n.kind = k.kind AND n.id = k.id)` +
		` WHERE k.tenant = $1 AND k.kind = $2 AND k.name = $3 AND (k.value, k.id) > ($4, $5)`
	rangePostgreSQL = `SELECT k.value, k.id, d.version, d.body FROM glabella_key k` +
		` CROSS JOIN LATERAL (SELECT n.version, n.body FROM glabella_document n` +
		` WHERE n.tenant = k.tenant AND n.kind = k.kind AND n.id = k.id ORDER BY n.version DESC LIMIT 1) d` +
		` WHERE k.tenant = $1 AND k.kind = $2 AND k.name = $3 AND (k.value, k.id) > ($4, $5)`
	rangeEnd   = ` AND k.value < $7`
	rangeOrder = ` ORDER BY k.value, k.id LIMIT $6`
)

func (d Dialect) statements() statements {
	s := common
	switch d {
	case SQLite:
		s.hasSchema = `SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'glabella_schema'`
		// A transaction that begins with a write waits for the write lock as BEGIN
		// IMMEDIATE does, and takes its snapshot when it has the lock.
		s.lockHead = `UPDATE glabella_head SET size = size WHERE tenant = $1 RETURNING size, frontier`
		s.rangeTo = rangeSQLite + rangeEnd + rangeOrder
		s.rangeOn = rangeSQLite + rangeOrder
	case PostgreSQL:
		s.hasSchema = `SELECT count(*) FROM pg_catalog.pg_class WHERE oid = to_regclass('glabella_schema')`
		s.lockHead = s.head + ` FOR UPDATE`
		s.addBoth = `WITH entry AS (` + s.addEntry + `) UPDATE glabella_head SET size = $5, frontier = $6 WHERE tenant = $1 AND size = $2`
		s.rangeTo = rangePostgreSQL + rangeEnd + rangeOrder
		s.rangeOn = rangePostgreSQL + rangeOrder
	}
	for _, text := range []*string{
		&s.addTenant, &s.head, &s.lockHead, &s.addEntry, &s.setHead, &s.entries, &s.newest, &s.version,
		&s.keysOf, &s.insert, &s.addKey, &s.dropKey, &s.rangeTo, &s.rangeOn,
	} {
		*text = d.rebind(*text)
	}
	return s
}

// rebind writes a statement's parameters in the dialect's own way.
func (d Dialect) rebind(text string) string {
	if d == SQLite {
		return strings.ReplaceAll(text, "$", "?")
	}
	return text
}

// options returns the options of a transaction. On SQLite every transaction is
// serializable, and what it may do shows in its first statement.
func (d Dialect) options(writable bool) *sql.TxOptions {
	switch {
	case d == SQLite:
		return nil
	case writable:
		return &sql.TxOptions{Isolation: sql.LevelReadCommitted}
	default:
		return &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}
	}
}

// collision reports whether err says that a transaction ran into another one and
// may be run again: SQLSTATE 40001 and 40P01, and SQLite's BUSY and LOCKED. The
// interfaces are those that drivers' errors have in common.
func (d Dialect) collision(err error) bool {
	switch d {
	case SQLite:
		var e interface{ Code() int }
		return errors.As(err, &e) && (e.Code()&0xff == 5 || e.Code()&0xff == 6)
	default:
		return slices.Contains([]string{"40001", "40P01"}, sqlState(err))
	}
}

// sqlState returns the SQLSTATE that a driver's error carries, or "".
func sqlState(err error) string {
	var e interface{ SQLState() string }
	if errors.As(err, &e) {
		return e.SQLState()
	}
	return ""
}
