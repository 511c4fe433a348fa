"""Rows as JSON on stdin, pairs of one person as JSON on stdout, by splink on DuckDB; needs nothing of parinaya.

Usual comparisons, weights trained by expectation maximisation; run by ``peers_dedupe`` with an interpreter that has
both libraries.
"""

from __future__ import annotations

import importlib
import json
import sys
from typing import Any


def pairs(rows: list[dict[str, Any]]) -> list[tuple[int, int]]:
    """Whom splink takes for one person at a probability of a half."""
    library: Any = importlib.import_module("splink")
    frames: Any = importlib.import_module("pandas")
    comparisons: Any = importlib.import_module("splink.comparison_library")
    settings = library.SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            comparisons.JaroWinklerAtThresholds("name", [0.95, 0.88]),
            comparisons.ExactMatch("phone"),
            comparisons.ExactMatch("city"),
        ],
        blocking_rules_to_generate_predictions=[library.block_on("phone"), library.block_on("first")],
    )
    db = library.DuckDBAPI()
    linker = library.Linker(db.register(frames.DataFrame(rows)), settings)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6)
    linker.training.estimate_parameters_using_expectation_maximisation(library.block_on("phone"))
    linker.training.estimate_parameters_using_expectation_maximisation(library.block_on("first"))
    found = linker.inference.predict(threshold_match_probability=0.5).as_record_list()
    return [(row["unique_id_l"], row["unique_id_r"]) for row in found]


if __name__ == "__main__":
    print(json.dumps(pairs(json.load(sys.stdin))))
