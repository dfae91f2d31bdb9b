"""Which findings are open: undecided, found by the latest check, and about samples that still take part.

Excluding a sample changes no finding: what is left without the samples that it needs is no case while they are
excluded, and is one again once they are not. Nor does giving labels: a label suspect whose image has another label by
now than the one that was suspected is put right, wherever that was done, and open again once it has that label again.
"""

from __future__ import annotations

from typing import Final

from core.domain.findings import OF_SEVERAL, WHOLE_DATA_SET, FindingKind


def _kinds(kinds: frozenset[str]) -> str:
    return ", ".join(f"'{kind}'" for kind in sorted(kinds))


_TAKING_PART: Final = (
    "(SELECT 1 FROM finding_member AS member CROSS JOIN sample AS of_it ON of_it.id = member.sample_id"
    " WHERE member.finding_id = finding.id AND of_it.excluded = 0 LIMIT 1 OFFSET {others})"
)
# Where so much leaks that it is about the whole split (`core.quality.leakage`), the samples are examples.
_HAS_ITS_SAMPLES: Final = (
    f"CASE WHEN finding.kind IN ({_kinds(WHOLE_DATA_SET)}) THEN 1"
    f" WHEN finding.kind IN ({_kinds(OF_SEVERAL)}) AND finding.key NOT LIKE '%:all'"
    f" THEN {_TAKING_PART.format(others=1)}"
    f" ELSE {_TAKING_PART.format(others=0)} END IS NOT NULL"
)
_HOLDS: Final = (
    "EXISTS (SELECT 1 FROM sample AS of_it WHERE of_it.id = finding.sample_id AND of_it.label_id = label.id)"
    " OR EXISTS (SELECT 1 FROM sample_label AS held"
    " WHERE held.sample_id = finding.sample_id AND held.label_id = label.id)"
)
# Of one label an image: it has the suggested one, or no longer the one it had. Where that was renamed since, or merged
# into another, only the first can be told. Where several hold, some are in doubt: that they hold, or that they do not;
# it is put right once all of them are.
_PUT_RIGHT: Final = (
    "CASE WHEN json_array_length(finding.evidence, '$.doubted') > 0 THEN NOT EXISTS ("
    "SELECT 1 FROM json_each(finding.evidence, '$.doubted') AS one WHERE NOT EXISTS (SELECT 1 FROM label"
    " WHERE label.name = json_extract(one.value, '$.label') AND label.retired = 0"
    f" AND ({_HOLDS}) <> json_extract(one.value, '$.holds')))"
    " WHEN json_extract(finding.evidence, '$.label') IS NOT NULL THEN EXISTS (SELECT 1 FROM label"
    " WHERE label.name = json_extract(finding.evidence, '$.label') AND label.retired = 0"
    f" AND ({_HOLDS}) <> json_extract(finding.evidence, '$.holds'))"
    f" ELSE EXISTS (SELECT 1 FROM label WHERE label.id = finding.suggested_id AND ({_HOLDS}))"
    " OR EXISTS (SELECT 1 FROM label WHERE label.name = json_extract(finding.evidence, '$.given')"
    f" AND label.retired = 0 AND NOT ({_HOLDS})) END"
)
STATE_NOW: Final = (
    f"CASE WHEN finding.state = 0 AND finding.kind = '{FindingKind.LABEL_SUSPECT}' AND ({_PUT_RIGHT}) THEN 1"
    " ELSE finding.state END"
)
"""The state of a ``finding`` as it is now: what was put right elsewhere counts as accepted."""
IS_CASE: Final = f"finding.present = 1 AND (finding.state <> 0 OR {_HAS_ITS_SAMPLES})"
"""A condition on ``finding``: decided, or open with its samples; as of the latest check."""
IS_OPEN: Final = f"finding.state = 0 AND finding.present = 1 AND {_HAS_ITS_SAMPLES} AND ({STATE_NOW}) = 0"
"""A condition on ``finding``: nobody has decided about it, and there is something to decide."""
