CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL,
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0006');
CREATE TABLE bookmarks (
	name TEXT NOT NULL,
	first INTEGER NOT NULL,
	second INTEGER NOT NULL,
	PRIMARY KEY (name)
)
 WITHOUT ROWID,
 STRICT
;
CREATE TABLE decisions (
	seq INTEGER NOT NULL,
	tenant TEXT NOT NULL,
	id BLOB NOT NULL,
	decided_at INTEGER NOT NULL,
	kind TEXT NOT NULL,
	version INTEGER NOT NULL,
	entity TEXT NOT NULL,
	outcome TEXT NOT NULL,
	dictionary INTEGER,
	body BLOB NOT NULL,
	PRIMARY KEY (seq)
)
 STRICT
;
CREATE TABLE dictionaries (
	id INTEGER NOT NULL,
	trained_at INTEGER NOT NULL,
	bytes BLOB NOT NULL,
	PRIMARY KEY (id)
)
 STRICT
;
CREATE TABLE drift (
	milliseconds INTEGER NOT NULL,
	PRIMARY KEY (milliseconds)
)
 STRICT
;
CREATE TABLE feed (
	id BLOB NOT NULL,
	pruned INTEGER NOT NULL
)
 STRICT
;
INSERT INTO "feed" VALUES(randomblob(8),0);
CREATE TABLE keys (
	seq INTEGER NOT NULL,
	tenant TEXT NOT NULL,
	"key" TEXT NOT NULL,
	body_hash BLOB NOT NULL,
	decided_at INTEGER NOT NULL,
	PRIMARY KEY (seq)
)
 STRICT
;
CREATE TABLE links (
	number INTEGER NOT NULL,
	previous BLOB NOT NULL,
	sealed_at INTEGER NOT NULL,
	rows BLOB NOT NULL,
	results BLOB NOT NULL,
	note TEXT NOT NULL,
	digest BLOB NOT NULL,
	signature BLOB NOT NULL,
	PRIMARY KEY (number)
)
 STRICT
;
CREATE TABLE marks (
	tenant TEXT NOT NULL,
	mark TEXT NOT NULL,
	seq INTEGER NOT NULL,
	PRIMARY KEY (tenant, mark, seq)
)
 WITHOUT ROWID,
 STRICT
;
CREATE TABLE result_positions (
	"after" INTEGER NOT NULL,
	number INTEGER NOT NULL,
	tenant TEXT NOT NULL,
	decision BLOB NOT NULL,
	revision INTEGER NOT NULL,
	PRIMARY KEY ("after", number)
)
 WITHOUT ROWID,
 STRICT
;
CREATE TABLE results (
	tenant TEXT NOT NULL,
	decision BLOB NOT NULL,
	revision INTEGER NOT NULL,
	type TEXT NOT NULL,
	happened_at INTEGER NOT NULL,
	recorded_at INTEGER NOT NULL,
	amount INTEGER,
	currency TEXT NOT NULL,
	reason TEXT NOT NULL,
	recorded_by TEXT NOT NULL,
	because TEXT NOT NULL,
	PRIMARY KEY (tenant, decision, revision)
)
 WITHOUT ROWID,
 STRICT
;
CREATE TABLE rulesets (
	kind TEXT NOT NULL,
	version INTEGER NOT NULL,
	digest TEXT NOT NULL,
	PRIMARY KEY (kind, version, digest)
)
 WITHOUT ROWID,
 STRICT
;
CREATE TABLE turns (
	tenant TEXT NOT NULL,
	series TEXT NOT NULL,
	number INTEGER NOT NULL,
	seq INTEGER NOT NULL,
	PRIMARY KEY (tenant, series)
)
 WITHOUT ROWID,
 STRICT
;
CREATE UNIQUE INDEX decisions_by_id ON decisions (tenant, id);
CREATE UNIQUE INDEX keys_by_key ON keys (tenant, "key");
