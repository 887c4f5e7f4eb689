// Package sqlstore keeps records in SQLite or PostgreSQL through database/sql.
//
// It is a document driver of package docstore: four tables hold documents with
// all of their versions, the keys under which the newest versions are found, the
// journal, and one head row per tenant. It imports no database driver; the host
// opens the database with the one it likes:
//
//	db, err := sql.Open("sqlite", "file:practice.db")
//	…
//	backend, err := sqlstore.New(ctx, db, sqlstore.SQLite, nil)
//
// New creates and migrates the tables. Many tenants share one database: each is
// a backend of its own, named in [Options], and sees only its own rows. Several
// processes may open the same database.
//
// One Update per tenant runs at a time, and on SQLite one per database: an Update
// begins by locking the tenant's head row, which on SQLite takes the write lock of
// the file. Views do not wait for Updates. Nothing depends on advisory locks or
// sequences, so that engines that speak PostgreSQL's protocol can serve as well.
//
// On SQLite every connection of the pool must reach the same database: use a
// file, or limit a database in memory to one connection. The file is switched to
// write-ahead logging, and commits wait for the disk.
//
// What it does not do: it opens and closes no database, keeps no images, and
// makes no backups.
package sqlstore
