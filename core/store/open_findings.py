"""Which findings are open: undecided, found by the latest check, and about samples that still take part.

Excluding a sample changes no finding: what is left without the samples that it needs is no case while they are
excluded, and is one again once they are not.
"""

from __future__ import annotations

from typing import Final

from core.domain.findings import OF_SEVERAL, WHOLE_DATA_SET


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
IS_CASE: Final = f"finding.present = 1 AND (finding.state <> 0 OR {_HAS_ITS_SAMPLES})"
"""A condition on ``finding``: decided, or open with its samples; as of the latest check."""
IS_OPEN: Final = f"finding.state = 0 AND finding.present = 1 AND {_HAS_ITS_SAMPLES}"
"""A condition on ``finding``: nobody has decided about it, and there is something to decide."""
