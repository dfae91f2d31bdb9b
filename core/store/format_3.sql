-- From format 2 to 3: findings with their members and what was decided, and the checks that were made. Nothing wrote findings
-- before.
DROP TABLE finding;
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

