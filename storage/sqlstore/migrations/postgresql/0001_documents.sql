CREATE TABLE glabella_document (
	tenant  text COLLATE "C" NOT NULL,
	kind    text COLLATE "C" NOT NULL,
	id      text COLLATE "C" NOT NULL,
	version bigint NOT NULL,
	keys    bytea NOT NULL,
	body    bytea NOT NULL,
	PRIMARY KEY (tenant, kind, id, version)
);

CREATE TABLE glabella_key (
	tenant text COLLATE "C" NOT NULL,
	kind   text COLLATE "C" NOT NULL,
	name   text COLLATE "C" NOT NULL,
	value  bytea NOT NULL,
	id     text COLLATE "C" NOT NULL,
	PRIMARY KEY (tenant, kind, name, value, id)
);

CREATE TABLE glabella_journal (
	tenant text COLLATE "C" NOT NULL,
	seq    bigint NOT NULL,
	bytes  bytea NOT NULL,
	hashes bytea NOT NULL,
	PRIMARY KEY (tenant, seq)
);

CREATE TABLE glabella_head (
	tenant   text COLLATE "C" NOT NULL PRIMARY KEY,
	size     bigint NOT NULL,
	frontier bytea NOT NULL
);
