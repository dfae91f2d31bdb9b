"""The checks of a data set, in the order in which they look; a build without a package still knows them all."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from core.domain.findings import IMAGE_QUALITY, FindingKind
from core.quality.spec import CheckSpec, Need
from core.translation import mark

# In this order: duplicates, label_suspects, leakage, outliers, image_quality, confounds, amounts, similar_labels.
CHECKS: Final[tuple[CheckSpec, ...]] = (
    CheckSpec(
        id="unreadable",
        title=mark("Unreadable images"),
        kinds=(FindingKind.UNREADABLE,),
        needs=frozenset({Need.FACTS}),
        source="what decoders say, and the grey remainder of files that were cut off",
        module="core.quality.unreadable.find",
        function="find_partial",
    ),
    CheckSpec(
        id="duplicates",
        title=mark("Duplicates"),
        kinds=(FindingKind.CONFLICTING_DUPLICATE, FindingKind.EXACT_DUPLICATE, FindingKind.NEAR_DUPLICATE),
        needs=frozenset({Need.NEIGHBOURS, Need.FACTS}),
        source="Casasent and Psaltis 1976, invariants of circles; Lucas and Kanade 1981, image registration",
        module="core.quality.duplicates.find",
        function="find_duplicates",
    ),
    CheckSpec(
        id="label_suspects",
        title=mark("Wrong labels"),
        kinds=(FindingKind.LABEL_SUSPECT,),
        needs=frozenset({Need.NEIGHBOURS}),
        source="Northcutt, Jiang and Chuang 2021, confident learning; Patrini et al. 2017, anchors of a noise matrix",
        module="core.quality.suspects.check",
        function="find_label_suspects",
    ),
    CheckSpec(
        id="leakage",
        title=mark("Leakage across splits"),
        kinds=(FindingKind.LEAKAGE,),
        needs=frozenset({Need.NEIGHBOURS, Need.FACTS}),
        source="Kaufman et al. 2012, Leakage in data mining",
        module="core.quality.leakage.find",
        function="find_leakage",
    ),
    CheckSpec(
        id="outliers",
        title=mark("Outliers"),
        kinds=(FindingKind.OUTLIER,),
        needs=frozenset({Need.NEIGHBOURS}),
        source="Ramaswamy, Rastogi and Shim 2000, distance to the k-th neighbour",
        module="core.quality.outliers.find",
        function="find_outliers",
    ),
    CheckSpec(
        id="image_quality",
        title=mark("Image quality"),
        kinds=IMAGE_QUALITY,
        needs=frozenset({Need.FACTS}),
        source="Pech-Pacheco et al. 2000 and Marziliano et al. 2002, sharpness; Otsu 1979; limits by order statistics",
        module="core.quality.image_quality.find",
        function="find_image_quality",
    ),
    CheckSpec(
        id="confounds",
        title=mark("Confounds"),
        kinds=(FindingKind.CONFOUND,),
        needs=frozenset({Need.FACTS}),
        source="Zech et al. 2018, confounding variables in chest radiographs",
        module="core.quality.confounds.find",
        function="find_confounds",
    ),
    CheckSpec(
        id="amounts",
        title=mark("Too few images"),
        kinds=(FindingKind.IMBALANCE, FindingKind.TOO_FEW),
        needs=frozenset({Need.FEATURES}),
        source="Figueroa et al. 2012, sample size by inverse power law",
        module="core.quality.amounts.find",
        function="find_amounts",
    ),
    CheckSpec(
        id="similar_labels",
        title=mark("Labels that look alike"),
        kinds=(FindingKind.SIMILAR_LABELS,),
        needs=frozenset({Need.FEATURES}),
        source="Hand and Till 2001, pairwise area under the ROC curve",
        module="core.quality.similar_labels",
        function="find_similar_labels",
    ),
)


def checks_for(kinds: Collection[FindingKind]) -> tuple[CheckSpec, ...]:
    """Return the checks that look for any of the kinds."""
    return tuple(spec for spec in CHECKS if set(spec.kinds) & set(kinds))
