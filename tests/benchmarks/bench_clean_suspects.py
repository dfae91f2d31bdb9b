"""Finding wrong labels, beside cleanlab on the same probabilities in the same run.

    python -m tests.benchmarks.bench_clean_suspects [--json] [--only PART …] [--seeds N] [--sessions N] [--data FOLDER]

`ranking`: area under precision and recall of the order of suspicion, for every ranking that cleanlab has, and F1 of
what is flagged against `find_label_issues` as it comes. Known noise in CIFAR-10 (Northcutt et al. 2021) as it is, and
noise planted in its clean setting, uniform and between pairs, rare and frequent, of one kind and of both, where the
classifier is too sure or not sure enough, and made-up data of many labels. The calibration error says how far P(wrong)
is from how often labels are. Where nothing is wrong, as in the clean setting itself,
there is no such area: what counts there is how many are flagged falsely. `time`: of one call on 50,000 × 10, in turns.
`sessions`: people who work from the top of the queue, some of whom err; is the number of errors left within its
interval? `small`: the same questions for sets of a few hundred to a few thousand on features of their own, by whether
a classifier is often right there (85 %), as a mean over cases, since the best of eight rankings in hindsight is often a
matter of luck there. `cells`: wrong labels planted in blood cells, how many of the first hundred shown are of them; and
how many are right to show, as three labels are wrong as they come. Whoever ranks these first has a smaller area for it,
which is therefore measured without them, too.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.embeddings.bank import FeatureBank
from core.paths import user_cache_dir
from core.quality.suspects.find import find_suspects
from core.quality.suspects.probabilities import out_of_fold
from core.quality.suspects.ranking import average_precision
from core.quality.suspects.session import CleaningSession
from tests.benchmarks.suspect_cases import Case, cases, known, some, uniform
from tests.benchmarks.suspect_small import small_cases, work_through

PARTS: Final = ("ranking", "time", "sessions", "small", "cells")
_SHARED: Final = Path(__file__).resolve().parents[3] / "shared" / "data"
_SHOWN: Final = 100
_PLANTED_CELLS: Final = 0.05
_SEEN_WRONG: Final = (
    "WBC/BloodImage_00113_12.jpg",
    "Platelets/BloodImage_00133_09.jpg",
    "Platelets/BloodImage_00135_08.jpg",
)
"""Labels of the blood cells that are wrong as they come: a blurred platelet, and two white cells."""


def calibration_error(p: NDArray[np.float64], wrong: NDArray[np.bool_]) -> float:
    """Return how far what is said (above 2 %) is from how often it is so, over fifteen bins of equal width."""
    some = p > 0.02
    p, wrong = p[some], wrong[some]
    cell = np.minimum((p * 15).astype(int), 14)
    return float(np.abs(np.bincount(cell, p - wrong, 15)).sum() / max(1, len(p)))


def cleanlab_rankings(case: Case) -> dict[str, float]:
    """Return the area under precision and recall of each ranking that cleanlab has."""
    from cleanlab.filter import find_label_issues
    from cleanlab.rank import get_label_quality_scores

    found = {}
    for method in ("self_confidence", "normalized_margin", "confidence_weighted_entropy"):
        plain = get_label_quality_scores(case.given, case.p, method=method)
        found[method] = tied_average_precision(case.wrong, -plain)
        if method != "confidence_weighted_entropy":  # not supported by cleanlab
            adjusted = get_label_quality_scores(case.given, case.p, method=method, adjust_pred_probs=True)
            found[f"{method}, adjusted"] = tied_average_precision(case.wrong, -adjusted)
        issues = find_label_issues(case.given, case.p, return_indices_ranked_by=method, n_jobs=1)
        # Its own order first, then the rest by the same score.
        score = -plain - 10
        score[issues] = np.arange(len(issues), 0, -1)
        found[f"find_label_issues by {method}"] = tied_average_precision(case.wrong, score)
    return found


def tied_average_precision(wrong: NDArray[np.bool_], score: NDArray[np.float64]) -> float:
    """Return what scikit-learn says, which takes equal scores together."""
    from sklearn.metrics import average_precision_score

    return float(average_precision_score(wrong, score))


def f1(wrong: NDArray[np.bool_], flagged: NDArray[np.bool_]) -> float:
    return float(2 * (wrong & flagged).sum() / max(1, wrong.sum() + flagged.sum()))


def measure_ranking(seeds: int, data: Path) -> list[dict[str, Any]]:
    from cleanlab.filter import find_label_issues

    rows = []
    for case in cases(seeds, data):
        suspects, issues = find_suspects(case.p, case.given), find_label_issues(case.given, case.p, n_jobs=1)
        expected, errors = suspects.expected_errors, int(case.wrong.sum())
        row: dict[str, Any] = {
            "case": case.name,
            "errors": errors,
            "expected": [round(number) for number in (expected.value, expected.low, expected.high)],
            "flagged": int(suspects.flagged.sum()),
            "cleanlab_flagged": int(issues.sum()),
            "calibration_error": round(calibration_error(suspects.p_wrong, case.wrong), 3),
            "within": bool(expected.low <= errors <= expected.high),
        }
        if errors:
            peers = cleanlab_rankings(case)
            best = max(peers, key=lambda name: peers[name])
            row |= {
                "area": round(tied_average_precision(case.wrong, suspects.p_wrong), 4),
                "cleanlab": {name: round(area, 4) for name, area in peers.items()},
                "best": best,
                "best_area": round(peers[best], 4),
                "right_of_flagged": round(float(case.wrong[suspects.flagged].mean()), 3)
                if suspects.flagged.any()
                else 1.0,
                "f1": round(f1(case.wrong, suspects.flagged), 3),
                "cleanlab_f1": round(f1(case.wrong, issues), 3),
                "suggested_right": round(float((suspects.suggested == case.true)[case.wrong].mean()), 3),
            }
        rows.append(row)
    return rows


def measure_time(data: Path, turns: int = 7) -> dict[str, float]:
    from cleanlab.filter import find_label_issues

    clean = known("clean", data)
    out: dict[str, float] = {}
    for name, case in (("20 %", known("20 %", data)), ("uniform 3 %", uniform(clean, 0.03, 0))):
        ours, peer = [], []
        for _ in range(turns):
            start = time.perf_counter()
            find_suspects(case.p, case.given)
            middle = time.perf_counter()
            find_label_issues(case.given, case.p)
            ours.append(middle - start)
            peer.append(time.perf_counter() - middle)
        out[f"{name}: ours, s"] = round(statistics.median(ours), 3)
        out[f"{name}: find_label_issues, s"] = round(statistics.median(peer), 3)
        out[f"{name}: ratio"] = round(statistics.median(ours) / statistics.median(peer), 2)
    return out


def measure_sessions(count: int, data: Path) -> dict[str, Any]:
    clean = known("clean", data)
    share = np.array([0, 0, 0, 0, 0, 1.0, 0, 0.09, 0.09, 0])
    worlds = [
        known("20 %", data),
        known("40 %, sparse", data),
        uniform(clean, 0.03, 11),
        some(uniform(clean, 0.05, 12), "three labels, imbalanced, 5 %", share, labels=[5, 7, 8]),
        uniform(clean, 0.01, 13),
    ]
    rows: list[dict[str, Any]] = []
    keys = []
    for number in range(count):
        case, random = worlds[number % len(worlds)], np.random.default_rng(number)
        mistakes = (0.0, 0.03, 0.06)[number // len(worlds) % 3]
        suspects = find_suspects(case.p, case.given)
        session = CleaningSession(suspects.p_wrong, suspects.suggested, case.given, unsure=suspects.unsure)
        is_open = np.ones(len(case.given), dtype=bool)
        length = min(int(np.exp(random.uniform(np.log(10), np.log(1_000)))), len(is_open) // 3)
        for _ in range(length):
            start = time.perf_counter()
            row = int(session.order()[0])
            session.decide(row, bool(case.wrong[row]) != (random.random() < mistakes))
            keys.append(time.perf_counter() - start)
            is_open[row] = False
        left, expected = int((case.wrong & is_open).sum()), session.expected_left()
        rows.append(
            {
                "case": case.name,
                "looked_at": length,
                "mistakes": mistakes,
                "left": left,
                "expected": [round(number) for number in (expected.value, expected.low, expected.high)],
                "within": bool(expected.low <= left <= expected.high),
            }
        )
    width = [(row["expected"][2] - row["expected"][1]) / max(1, row["left"]) for row in rows]
    return {
        "within": sum(row["within"] for row in rows) / len(rows),
        "median_width_by_left": round(statistics.median(width), 2),
        "median_width_by_left_of_case": {
            case.name: round(statistics.median(width[at :: len(worlds)]), 2) for at, case in enumerate(worlds)
        },
        "reranked_ms": round(1e3 * statistics.median(keys), 2),
        "reranked_ms_95th": round(1e3 * float(np.quantile(keys, 0.95)), 2),
        "sessions": rows,
    }


def measure_small(clouds: int, seed: int) -> dict[str, dict[str, Any]]:
    lengths = (0, 15, 60, 200)
    found: dict[str, list[dict[str, Any]]] = {}
    for number, (hard, case) in enumerate(small_cases(clouds, seed)):
        suspects, peers = find_suspects(case.p, case.given), cleanlab_rankings(case)
        expected, errors = suspects.expected_errors, int(case.wrong.sum())
        row = {
            "area": tied_average_precision(case.wrong, suspects.p_wrong),
            "peers": peers,
            "within": expected.low <= errors <= expected.high,
            "sessions": work_through(case, suspects, lengths, number),
        }
        kind = "noise where unsure" if ", unsure " in case.name else "other noise"
        found.setdefault(f"{hard}, {kind}", []).append(row)
    return {name: _summed_up(rows, lengths) for name, rows in sorted(found.items())}


def _summed_up(rows: list[dict[str, Any]], lengths: tuple[int, ...]) -> dict[str, Any]:
    peers = {name: statistics.mean(row["peers"][name] for row in rows) for name in rows[0]["peers"]}
    after = {
        length: {
            "within": round(statistics.mean(row["sessions"][at]["within"] for row in rows), 3),
            "median_width": round(statistics.median(row["sessions"][at]["width"] for row in rows), 2),
        }
        for at, length in enumerate(lengths)
    }
    return {
        "cases": len(rows),
        "area": round(statistics.mean(row["area"] for row in rows), 4),
        "best_peer_area": round(max(peers.values()), 4),
        "best_peer": max(peers, key=lambda name: peers[name]),
        "area_of_best_in_hindsight": round(statistics.mean(max(row["peers"].values()) for row in rows), 4),
        "worse_than_best_in_hindsight": sum(row["area"] < max(row["peers"].values()) - 0.002 for row in rows),
        "within": round(statistics.mean(row["within"] for row in rows), 3),
        "after_decisions": after,
    }


def cell_features(cells: Path) -> dict[str, NDArray[Any]]:
    """Return features, labels, groups and paths of the blood cells; made once, and kept in the user's cache."""
    kept = user_cache_dir() / "benchmarks" / "bccd_features_2.npz"
    if not kept.exists():
        from core.backbones.device import pick_device
        from core.cli.main import main as coverslip
        from core.embeddings.labelled import read_pool
        from core.progress import Progress
        from core.store.project import Project
        from core.training.suggesting import PoolEmbedder

        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "cells.coverslip"
            coverslip(["new", str(path), "--json"])
            group = ["--group", r"pattern:(BloodImage_\d+)_"]
            coverslip(["import", str(path), str(cells), "--labels", "folder", *group, "--json"])
            with Project.open(path) as project:
                pool = read_pool(project)
                found = PoolEmbedder(project, pick_device()).embed(pool, Progress())
                features = found.bank.take(found.rows)
        kept.parent.mkdir(parents=True, exist_ok=True)
        given = pool.held.argmax(1).astype(np.int64)
        paths = np.array(pool.table.paths)
        np.savez(kept, features=features.astype(np.float16), given=given, groups=pool.table.group_ids, paths=paths)
    with np.load(kept) as file:
        return {name: file[name] for name in file.files}


def measure_cells(cells: Path, seeds: int) -> dict[str, Any]:
    from cleanlab.filter import find_label_issues
    from cleanlab.rank import get_label_quality_scores

    data = cell_features(cells)
    true, groups, rows = data["given"], data["groups"], np.arange(len(data["given"]))
    odd = np.isin(data["paths"], _SEEN_WRONG)
    found: dict[str, list[tuple[int, int, float, float]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        bank = FeatureBank(Path(folder), data["features"].shape[1])
        bank.add([f"{row:064x}" for row in rows.tolist()], data["features"].astype(np.float32))
        for seed in range(seeds):
            random = np.random.default_rng(seed)
            planted = np.zeros(len(true), dtype=bool)
            planted[random.choice(len(true), round(_PLANTED_CELLS * len(true)), replace=False)] = True
            given = np.where(planted, (true + random.integers(1, 3, len(true))) % 3, true)
            p = out_of_fold(bank, rows, given, groups, n_labels=3)
            if p is None:
                raise RuntimeError("nothing was learnt")
            wide = p.astype(np.float64)
            scores = {"ours": find_suspects(p, given).p_wrong}
            for method in ("self_confidence", "normalized_margin", "confidence_weighted_entropy"):
                plain = -get_label_quality_scores(given, wide, method=method)
                scores[method] = plain
                issues = find_label_issues(given, wide, return_indices_ranked_by=method, n_jobs=1)
                first = plain - 10
                first[issues] = np.arange(len(issues), 0, -1)
                scores[f"find_label_issues by {method}"] = first
            for name, score in scores.items():
                shown = np.argsort(-score, kind="stable")[:_SHOWN]
                right = planted | odd
                areas = average_precision(planted, score), average_precision(planted[~odd], score[~odd])
                found.setdefault(name, []).append((int(planted[shown].sum()), int(right[shown].sum()), *areas))
    return {name: _mean_of(rows) for name, rows in found.items()}


def _mean_of(rows: list[tuple[int, int, float, float]]) -> dict[str, float]:
    planted, right, area, without = zip(*rows, strict=True)
    return {
        "first_100": round(statistics.mean(planted), 2),
        "least": min(planted),
        "first_100_right": round(statistics.mean(right), 2),
        "area": round(statistics.mean(area), 4),
        "area_without_seen_wrong": round(statistics.mean(without), 4),
    }


def show_ranking(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        expected = "{} ({} to {})".format(*row["expected"])
        print(
            f"{row['case']:28} errors {row['errors']:6,}  expected {expected}", end="  " if row["within"] else " OUT  "
        )
        print(f"calibration error {row['calibration_error']:.3f}", end="  ")
        if not row["errors"]:
            print(f"flagged falsely {row['flagged']:,}, by cleanlab {row['cleanlab_flagged']:,}")
            continue
        better = "" if row["area"] >= row["best_area"] else "  WORSE"
        print(f"area {row['area']:.4f}  cleanlab's best {row['best_area']:.4f} ({row['best']}){better}", end="  ")
        print(f"of {row['flagged']:,} flagged {row['right_of_flagged']:.0%} right", end="  ")
        print(f"F1 {row['f1']:.3f}  cleanlab {row['cleanlab_f1']:.3f}")


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, metavar="PART")
    parser.add_argument("--seeds", type=int, default=3, help="of planted uniform noise")
    parser.add_argument("--sessions", type=int, default=50)
    parser.add_argument("--data", type=Path, default=_SHARED, help="folder of noisy_cifar10_probs and bccd_cells")
    parser.add_argument("--cell-seeds", type=int, default=20)
    parser.add_argument("--clouds", type=int, default=10, help="made-up small sets")
    parser.add_argument("--small-seed", type=int, default=1, help="of the small sets and their wrong labels")
    options = parser.parse_args(argv)
    found = _measured(options)
    if options.json:
        print(json.dumps(found))
        return 0
    show_ranking(found.get("ranking", []))
    for part in PARTS[1:]:
        for name, value in found.get(part, {}).items():
            if name != "sessions":
                print(f"{part}, {name}: {value}")
    return 0


def _measured(options: argparse.Namespace) -> dict[str, Any]:
    parts: dict[str, Callable[[], Any]] = {
        "ranking": lambda: measure_ranking(options.seeds, options.data),
        "time": lambda: measure_time(options.data),
        "sessions": lambda: measure_sessions(options.sessions, options.data),
        "small": lambda: measure_small(options.clouds, options.small_seed),
        "cells": lambda: measure_cells(options.data / "bccd_cells", options.cell_seeds),
    }
    return {part: measure() for part, measure in parts.items() if part in options.only}


if __name__ == "__main__":
    raise SystemExit(main())
