CREATE TABLE glabella_document (
	tenant  TEXT NOT NULL,
	kind    TEXT NOT NULL,
	id      TEXT NOT NULL,
	version INTEGER NOT NULL,
	keys    BLOB NOT NULL,
	body    BLOB NOT NULL,
	PRIMARY KEY (tenant, kind, id, version)
) WITHOUT ROWID;

CREATE TABLE glabella_key (
	tenant TEXT NOT NULL,
	kind   TEXT NOT NULL,
	name   TEXT NOT NULL,
	value  BLOB NOT NULL,
	id     TEXT NOT NULL,
	PRIMARY KEY (tenant, kind, name, value, id)
) WITHOUT ROWID;

CREATE TABLE glabella_journal (
	tenant TEXT NOT NULL,
	seq    INTEGER NOT NULL,
	bytes  BLOB NOT NULL,
	hashes BLOB NOT NULL,
	PRIMARY KEY (tenant, seq)
) WITHOUT ROWID;

CREATE TABLE glabella_head (
	tenant   TEXT NOT NULL PRIMARY KEY,
	size     INTEGER NOT NULL,
	frontier BLOB NOT NULL
) WITHOUT ROWID;
