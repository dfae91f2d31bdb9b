-- One project. Every table STRICT; codes are those of core.domain.
CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE source (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    root TEXT NOT NULL,
    added_at TEXT NOT NULL,
    UNIQUE (kind, root)
) STRICT;

CREATE TABLE label (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    colour TEXT NOT NULL,
    glyph TEXT NOT NULL,
    key TEXT NOT NULL,
    position INTEGER NOT NULL
) STRICT;

CREATE TABLE sample_group (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE sample (
    id INTEGER PRIMARY KEY,
    source_id INTEGER NOT NULL REFERENCES source (id),
    path TEXT NOT NULL,
    digest TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    channels INTEGER NOT NULL,
    bit_depth INTEGER NOT NULL,
    label_id INTEGER REFERENCES label (id),
    group_id INTEGER REFERENCES sample_group (id),
    split INTEGER NOT NULL DEFAULT 0,
    excluded INTEGER NOT NULL DEFAULT 0,
    problem TEXT,
    added_at TEXT NOT NULL,
    UNIQUE (source_id, path)
) STRICT;
CREATE INDEX sample_label ON sample (label_id);
CREATE INDEX sample_group_id ON sample (group_id);
CREATE INDEX sample_split ON sample (split);

-- The ledger: one row per action of the user, and its before and after per sample.
CREATE TABLE edit (
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    user TEXT NOT NULL,
    tool TEXT NOT NULL,
    kind TEXT NOT NULL,
    params TEXT NOT NULL,
    count INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('done', 'undone', 'dropped'))
) STRICT;
CREATE TABLE edit_item (
    edit_id INTEGER NOT NULL REFERENCES edit (id),
    sample_id INTEGER NOT NULL REFERENCES sample (id),
    field TEXT NOT NULL CHECK (field IN ('label_id', 'split', 'excluded')),
    before INTEGER,
    after INTEGER,
    PRIMARY KEY (edit_id, sample_id, field)
) STRICT, WITHOUT ROWID;
CREATE INDEX edit_item_sample ON edit_item (sample_id);

CREATE TABLE run (
    id INTEGER PRIMARY KEY,
    state TEXT NOT NULL,
    backbone TEXT NOT NULL,
    created_at TEXT NOT NULL,
    ended_at TEXT,
    config TEXT NOT NULL,
    summary TEXT NOT NULL DEFAULT '{}'
) STRICT;
