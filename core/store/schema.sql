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
    options TEXT NOT NULL DEFAULT '{}',
    UNIQUE (kind, root)
) STRICT;

CREATE TABLE label (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    colour TEXT NOT NULL,
    glyph TEXT NOT NULL,
    key TEXT NOT NULL,
    position INTEGER NOT NULL,
    parent_id INTEGER REFERENCES label (id),
    -- A label that was merged into another, or removed, keeps its row: the ledger names it.
    retired INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE sample_group (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

-- Why a person called images uncertain or ungradable.
CREATE TABLE reason (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE tag (
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
    state INTEGER NOT NULL DEFAULT 0,
    reason_id INTEGER REFERENCES reason (id),
    pinned INTEGER NOT NULL DEFAULT 0,
    missing INTEGER NOT NULL DEFAULT 0,
    -- In a project of many labels an image: whether they are known. Otherwise that is what label_id says.
    labelled INTEGER NOT NULL DEFAULT 0,
    UNIQUE (source_id, path)
) STRICT;
CREATE INDEX sample_label_id ON sample (label_id);
CREATE INDEX sample_group_id ON sample (group_id);
CREATE INDEX sample_split ON sample (split);
CREATE INDEX sample_digest ON sample (digest);

CREATE TABLE sample_label (
    sample_id INTEGER NOT NULL REFERENCES sample (id),
    label_id INTEGER NOT NULL REFERENCES label (id),
    PRIMARY KEY (sample_id, label_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX sample_label_label ON sample_label (label_id);

CREATE TABLE sample_tag (
    sample_id INTEGER NOT NULL REFERENCES sample (id),
    tag_id INTEGER NOT NULL REFERENCES tag (id),
    PRIMARY KEY (sample_id, tag_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX sample_tag_tag ON sample_tag (tag_id);

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
    -- A column of sample, or label:ID or tag:ID, whose values are 0 and 1.
    field TEXT NOT NULL,
    before INTEGER,
    after INTEGER,
    PRIMARY KEY (edit_id, sample_id, field)
) STRICT, WITHOUT ROWID;
CREATE INDEX edit_item_sample ON edit_item (sample_id);

-- What was done, in the order it was done: edits, and their undoing and redoing. Each entry carries the hash of the one
-- before, so that nothing can be changed afterwards without breaking the chain.
CREATE TABLE entry (
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    user TEXT NOT NULL,
    tool TEXT NOT NULL,
    action TEXT NOT NULL CHECK (action IN ('edit', 'undo', 'redo')),
    edit_id INTEGER NOT NULL REFERENCES edit (id),
    items TEXT NOT NULL,
    hash TEXT NOT NULL
) STRICT;
CREATE INDEX entry_edit ON entry (edit_id);

CREATE TABLE run (
    id INTEGER PRIMARY KEY,
    state TEXT NOT NULL,
    backbone TEXT NOT NULL,
    created_at TEXT NOT NULL,
    ended_at TEXT,
    config TEXT NOT NULL,
    summary TEXT NOT NULL DEFAULT '{}'
) STRICT;

-- The labels that a run gives a sample; label 0 where it gives none.
CREATE TABLE prediction (
    run_id INTEGER NOT NULL REFERENCES run (id),
    sample_id INTEGER NOT NULL REFERENCES sample (id),
    label_id INTEGER NOT NULL,
    confidence REAL NOT NULL,
    PRIMARY KEY (run_id, sample_id, label_id)
) STRICT, WITHOUT ROWID;

-- One suspected problem; its identity is its kind and its key. What was decided (state: 0 open, 1 accepted, 2 dismissed)
-- outlives the next check unless a member changed since: the stamps say how they were when they were looked at, and when
-- it was decided. One that was decided about and is not found any more stays, as not present.
CREATE TABLE finding (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    sample_id INTEGER NOT NULL REFERENCES sample (id),
    score REAL NOT NULL,
    p_wrong REAL,
    suggested_id INTEGER REFERENCES label (id),
    evidence TEXT NOT NULL DEFAULT '{}',
    stamp TEXT NOT NULL DEFAULT '',
    decided_stamp TEXT,
    state INTEGER NOT NULL DEFAULT 0 CHECK (state IN (0, 1, 2)),
    present INTEGER NOT NULL DEFAULT 1,
    found_at TEXT NOT NULL,
    UNIQUE (kind, key),
    UNIQUE (sample_id, kind)
) STRICT;
CREATE INDEX finding_kind ON finding (kind, state);
CREATE TABLE finding_member (
    finding_id INTEGER NOT NULL REFERENCES finding (id),
    sample_id INTEGER NOT NULL REFERENCES sample (id),
    position INTEGER NOT NULL,
    PRIMARY KEY (finding_id, sample_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX finding_member_sample ON finding_member (sample_id);

-- The checks that were made: when, of what, and what they said about the data set as a whole.
CREATE TABLE check_record (
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    seconds REAL NOT NULL,
    samples INTEGER NOT NULL,
    kinds TEXT NOT NULL,
    backbone TEXT NOT NULL,
    found TEXT NOT NULL,
    summaries TEXT NOT NULL,
    notes TEXT NOT NULL
) STRICT;

-- A saved view: a query line with a name.
CREATE TABLE view (
    name TEXT PRIMARY KEY,
    query TEXT NOT NULL,
    position INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A blinded pass of one reader over some samples, in an order of its own, some of them twice.
CREATE TABLE reading_pass (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    reader TEXT NOT NULL,
    seed INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    ended_at TEXT,
    params TEXT NOT NULL DEFAULT '{}'
) STRICT;
CREATE TABLE reading (
    pass_id INTEGER NOT NULL REFERENCES reading_pass (id),
    position INTEGER NOT NULL,
    sample_id INTEGER NOT NULL REFERENCES sample (id),
    is_repeat INTEGER NOT NULL,
    label_id INTEGER REFERENCES label (id),
    labels TEXT,
    state INTEGER NOT NULL DEFAULT 0,
    note TEXT NOT NULL DEFAULT '',
    at TEXT,
    PRIMARY KEY (pass_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX reading_sample ON reading (sample_id);
