-- From format 1 to 2: many labels an image, label hierarchy, tags, states, pins, predictions, findings, saved views, readings
-- and the hash chain of the ledger, whose entries for what was done before are made by core.store.migrations.
DROP INDEX sample_label;
CREATE INDEX sample_label_id ON sample (label_id);
ALTER TABLE source ADD COLUMN options TEXT NOT NULL DEFAULT '{}';
ALTER TABLE label ADD COLUMN parent_id INTEGER REFERENCES label (id);
ALTER TABLE label ADD COLUMN retired INTEGER NOT NULL DEFAULT 0;
CREATE TABLE reason (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE tag (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;


ALTER TABLE sample ADD COLUMN state INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sample ADD COLUMN reason_id INTEGER REFERENCES reason (id);
ALTER TABLE sample ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sample ADD COLUMN missing INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sample ADD COLUMN labelled INTEGER NOT NULL DEFAULT 0;
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


CREATE TABLE edit_item_new (
    edit_id INTEGER NOT NULL REFERENCES edit (id),
    sample_id INTEGER NOT NULL REFERENCES sample (id),
    field TEXT NOT NULL,
    before INTEGER,
    after INTEGER,
    PRIMARY KEY (edit_id, sample_id, field)
) STRICT, WITHOUT ROWID;
INSERT INTO edit_item_new SELECT * FROM edit_item ORDER BY edit_id, sample_id, field;
DROP TABLE edit_item;
ALTER TABLE edit_item_new RENAME TO edit_item;
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


-- The labels that a run gives a sample; label 0 where it gives none.
CREATE TABLE prediction (
    run_id INTEGER NOT NULL REFERENCES run (id),
    sample_id INTEGER NOT NULL REFERENCES sample (id),
    label_id INTEGER NOT NULL,
    confidence REAL NOT NULL,
    PRIMARY KEY (run_id, sample_id, label_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE finding (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    sample_id INTEGER NOT NULL REFERENCES sample (id),
    score REAL NOT NULL,
    evidence TEXT NOT NULL DEFAULT '{}',
    state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'accepted', 'dismissed'))
) STRICT;
CREATE INDEX finding_sample ON finding (sample_id);
CREATE INDEX finding_kind ON finding (kind, state);

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

-- An image of an IDX file is a part of a file in a folder, like that of any other container.
UPDATE sample SET path = rtrim(rtrim(path, '0123456789'), '#') || '::item=' || substr(path, length(rtrim(path, '0123456789')) + 1)
    WHERE source_id IN (SELECT id FROM source WHERE kind = 'idx') AND path GLOB '*#[0-9]*';
UPDATE source SET kind = 'folder' WHERE kind = 'idx'
    AND NOT EXISTS (SELECT 1 FROM source AS other WHERE other.kind = 'folder' AND other.root = source.root);
UPDATE sample SET source_id = (
        SELECT folder.id FROM source AS idx JOIN source AS folder ON folder.root = idx.root AND folder.kind = 'folder'
        WHERE idx.id = sample.source_id)
    WHERE source_id IN (SELECT id FROM source WHERE kind = 'idx');
DELETE FROM source WHERE kind = 'idx';
