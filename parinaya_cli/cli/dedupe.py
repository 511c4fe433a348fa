"""``parinaya dedupe``: people who stand in the lists twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from parinaya_cli.cli.confirm import confirm
from parinaya_cli.cli.errors import ExitCode
from parinaya_cli.cli.options import Call, group, verb
from parinaya_cli.cli.output import Result, Rows
from parinaya_cli.domain.errors import UsedWrongly

if TYPE_CHECKING:
    from rich.console import Console

    from parinaya_cli.domain.dedupe.explain import Explanation
    from parinaya_cli.services.applies import ApplyReport

app = group("dedupe", "People who stand in the lists twice.")

Pair = Annotated[str, typer.Argument(metavar="PAIR", help="The ref of a pair, such as D12.")]
Who = Annotated[str, typer.Argument(metavar="PERSON", help="The ref of a person, such as P12.")]

_SHOWN = 12  # clusters of a rehearsed apply that a terminal shows
_STEP = 500


@verb(
    app,
    "scan",
    changes=True,
    examples=["parinaya dedupe scan", "parinaya dedupe scan --all --json"],
)
def scan(
    call: Call,
    everyone: Annotated[
        bool, typer.Option("--all", help="Compare everybody anew, not only who came in or changed.")
    ] = False,
) -> Result:
    """Find people who may be one; nobody is merged.

    Whoever came in or changed since the last scan is compared with all. The scores of the other pairs stay as they
    are; with --all they are counted anew, in the light of the lists of today. Pairs keep their refs. What was decided
    is asked again only when a name, phone or email changed since and speaks against it.
    """
    from parinaya_cli.services import duplicates

    with _progress(call) as advance:
        report = duplicates.scan(
            lambda: call.app().begin(reason=call.reason), everyone=everyone, progress=advance
        )
    lines = [
        f"{report.people} people ({report.compared} compared): {report.pairs} pairs to decide, "
        f"{report.sure} sure and {report.unsure} not."
    ]
    if report.reopened:
        lines.append(
            f"Asked again, as something new speaks against the decision: {', '.join(report.reopened)}"
        )
    if report.clusters:
        lines.append(f"{report.clusters} people stand there more than once: parinaya dedupe apply --dry-run")
    if report.unsure:
        lines.append("To decide the others side by side: parinaya dedupe review")
    return Result(vars(report), "\n".join(lines))


@contextmanager
def _progress(call: Call) -> Iterator[Callable[[int], None]]:
    """A counter of people on a terminal; told of each, it moves in steps."""
    with call.out.progress(None, "People read and compared") as bar:
        done = 0

        def advance(_: int) -> None:
            nonlocal done
            done += 1
            if done % _STEP == 0:
                bar.advance(_STEP)

        yield advance


@verb(
    app,
    "pairs",
    examples=["parinaya dedupe pairs --unsure --limit 20", "parinaya dedupe pairs --decided --json"],
)
def pairs(
    call: Call,
    unsure: Annotated[bool, typer.Option("--unsure", help="Those that need a decision.")] = False,
    sure: Annotated[bool, typer.Option("--sure", help="Those that `dedupe apply` merges.")] = False,
    decided: Annotated[bool, typer.Option("--decided", help="Those that somebody has decided on.")] = False,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many.")] = None,
) -> Result:
    """List pairs of people who may be one, the likeliest first.

    The score is the probability that they are. Pairs that somebody has decided on are left out; --decided shows them.
    """
    from parinaya_cli.services import duplicates

    if sure + unsure + decided > 1:
        raise UsedWrongly("--sure, --unsure and --decided leave nothing together.", "Give one of them.")
    with call.app().begin() as tx:
        found, total = duplicates.list_pairs(
            tx, sure=True if sure else False if unsure else None, decided=decided, limit=limit
        )
    columns = [("ref", "Ref"), ("score", "Score"), ("one", "One"), ("other", "Other")]
    columns += [("decision", "Decision"), ("decided_by", "By"), ("reason", "Reason")] if decided else []
    columns += [("why", "For"), ("against", "Against")]
    empty = "Nothing is decided." if decided else "There are none. Look for them: parinaya dedupe scan"
    rows = [
        {
            **one,
            "one": " ".join(str(one[key]) for key in ("left", "left_name") if one[key]),
            "other": " ".join(str(one[key]) for key in ("right", "right_name") if one[key]),
        }
        for one in found
    ]
    return Result({"items": found, "total": total}, Rows(rows, columns, total, empty))


@verb(
    app,
    "explain",
    examples=["parinaya dedupe explain P12 P40", "parinaya dedupe explain P12 P40 --json"],
)
def explain(call: Call, left: Who, right: Who) -> Result:
    """Show what speaks for and against two people being one.

    Each signal has a weight; they add up to the log-odds, which make the score. The two need not have been paired.
    """
    from parinaya_cli.services import duplicates

    with call.app().begin() as tx:
        one, other, told = duplicates.explain_people(tx, left, right)
    document = {
        "left": one.ref,
        "right": other.ref,
        "left_name": one.full_name,
        "right_name": other.full_name,
        "score": round(told.score, 4),
        "log_odds": round(told.odds, 3),
        "signals": [
            {"words": each.words, "weight": round(each.weight, 3), "code": each.signal}
            for each in told.reasons
        ],
        "why": list(told.why),
        "against": list(told.against),
    }
    return Result(document, _drawn(f"{one.ref} {one.full_name}  and  {other.ref} {other.full_name}", told))


def _drawn(title: str, told: Explanation) -> Callable[[Console], None]:
    def draw(console: Console) -> None:
        console.print(title, soft_wrap=True)
        for one in told.reasons:
            console.print(f"  {one.weight:+6.2f}  {one.words}", soft_wrap=True)
        console.print(f"  {told.odds:+6.2f}  in all: the score is {told.score:.2f}", soft_wrap=True)

    return draw


@verb(
    app,
    "review",
    changes=True,
    examples=[
        "parinaya dedupe review",
        "parinaya dedupe review --min-score 0.5 --reason 'with Papa, on Sunday'",
    ],
)
def review(
    call: Call,
    sure: Annotated[
        bool, typer.Option("--sure", help="Look through those that `dedupe apply` merges.")
    ] = False,
    min_score: Annotated[
        float, typer.Option(metavar="SCORE", min=0.0, max=1.0, help="Pairs from this score up.")
    ] = 0.3,
) -> Result:
    """Go through the pairs that need a decision, side by side.

    One key a decision: m, they are one person; k, they are kept apart; s, not now; u, the last key is taken back; q,
    enough for today. Each decision is kept at once, so that one can go on another day. Those who are one person are
    merged by `dedupe apply`.
    """
    from parinaya_cli.cli.dedupe_review import Review, terminal
    from parinaya_cli.services import duplicates

    with call.app().begin() as tx:
        asked = duplicates.list_open(tx, sure=sure, min_score=min_score)
    with terminal(call) as (keys, screen):
        done = Review(call, asked).run(keys, screen)
    return Result(done.document(), done.told())


@verb(
    app,
    "decide",
    changes=True,
    examples=[
        "parinaya dedupe decide D12 same --reason 'her maiden name'",
        "parinaya dedupe decide D13 different --reason 'two cousins'",
    ],
)
def decide(
    call: Call,
    pair: Pair,
    verdict: Annotated[
        Literal["same", "different"], typer.Argument(metavar="same|different", help="One person, or two.")
    ],
) -> Result:
    """Say of a pair whether it is one person or two.

    Who said so and why is remembered, and it is not asked again unless something new speaks against it. `same` is
    merged by the next `dedupe apply`, `different` never.
    """
    from parinaya_cli.services import duplicates

    with call.app().begin(reason=call.reason) as tx:
        document = duplicates.decide(tx, pair, verdict)
    told = "are one person; `dedupe apply` merges them" if verdict == "same" else "stay apart"
    return Result(document, f"{document['left']} and {document['right']} {told}.")


@verb(
    app,
    "apply",
    hard=True,
    examples=[
        "parinaya dedupe apply --dry-run",
        "parinaya dedupe apply --yes --reason 'both lists are in'",
        "parinaya dedupe apply --min-score 0.99 --yes",
    ],
)
def apply(
    call: Call,
    min_score: Annotated[
        float | None,
        typer.Option(metavar="SCORE", help="Merge all from this score up, not only the sure ones."),
    ] = None,
) -> Result:
    """Merge the people who are surely one; `dedupe undo` takes it back whole.

    What was decided holds: `same` is merged, `different` never. Whoever changed since the scan is left alone and
    named (exit code 5): scan again. Who was merged and taken apart by hand is not merged again without a decision.
    """
    from parinaya_cli.services import applies

    plan = None
    if call.dry_run or not call.yes:
        plan = applies.apply(call.app().begin, min_score=min_score, dry_run=True)
        if not call.dry_run and plan.people:
            confirm(call, f"Merge {plan.merged_people} people into {len(plan.people)} others?")
    if plan is None or (plan.people and not call.dry_run):
        plan = applies.apply(lambda: call.app().begin(reason=call.reason), min_score=min_score)
    document = {
        "merged_people": plan.merged_people,
        "clusters": len(plan.people),
        "undo": plan.undo,
        "items": [list(one) for one in plan.people],
        "skipped": [{"people": list(one), "why": why} for one, why in plan.skipped],
        "conflicts": list(plan.conflicts),
        "dry_run": call.dry_run,
    }
    code = ExitCode.SOME_REJECTED if plan.skipped and not call.dry_run else 0
    return Result(document, "\n".join(_applied(plan, call.dry_run)), exit_code=code)


_WHY = {
    "changed": "somebody of them changed since the scan; scan again",
    "gone": "somebody of them was removed",
    "merged": "they were merged just now",
    "hidden": "you do not see all of them",
}


def _applied(plan: ApplyReport, dry_run: bool) -> Iterator[str]:
    would = "would be" if dry_run else "were"
    if not plan.people:
        yield "There is nobody to merge."
    else:
        yield f"{plan.merged_people} people {would} merged into {len(plan.people)} others."
    for one in plan.people[:_SHOWN] if dry_run else ():
        yield f"  {' = '.join(one)}"
    if dry_run and len(plan.people) > _SHOWN:
        yield f"  and {len(plan.people) - _SHOWN} more; --json has all of them."
    for people, why in plan.skipped[:_SHOWN]:
        yield f"Left alone: {', '.join(people)}: {_WHY[why]}."
    if len(plan.skipped) > _SHOWN:
        yield f"And {len(plan.skipped) - _SHOWN} more were left alone; --json has all of them."
    for note in plan.conflicts:
        yield f"Both have answered {note}"
    if plan.undo:
        yield f"To take it back, whole: parinaya dedupe undo {plan.undo}"


@verb(
    app,
    "undo",
    changes=True,
    examples=["parinaya dedupe undo A1", "parinaya dedupe undo A1 --reason 'the wrong list' --json"],
)
def undo(
    call: Call,
    apply_ref: Annotated[str, typer.Argument(metavar="APPLY", help="What `dedupe apply` named, such as A1.")],
) -> Result:
    """Take one apply back, whole.

    Everybody is as before. If something was built on it since, nothing is done, and it is named. The next scan and
    apply find the same again: decide on the pairs that were wrong.
    """
    from parinaya_cli.services import applies

    with call.app().begin(reason=call.reason) as tx:
        ref, people = applies.undo(tx, apply_ref)
    document: Mapping[str, object] = {"undo": ref, "people": people}
    done = f"{people} people are people of their own again." if people else f"{ref} is taken back already."
    return Result(document, done)
