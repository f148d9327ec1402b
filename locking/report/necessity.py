"""What each lock of a placement is for, as a person reads it."""

import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence

from locking.catalogue import DEFAULT
from locking.properties.kinds import Subject, kind_of
from locking.report.brackets import drawn_roles
from locking.report.matrix import letters_of
from locking.report.sentences import diagnosis
from locking.report.to_terminal import check_heading, fill, flowing, pointed
from locking.scope import locks_in, rules_in
from locking.studies.necessity import Flip, RegionUse, Trial
from locking.text.fit import escape
from locking.verdicts import Report

CHANGE_IN_WORDS = {
    "drop": "not taken at all",
    "read": "taken for reading only",
    "split": "released and taken again for reading, not downgraded",
    "up": "released, not downgraded",
    "before": "taken one part sooner",
    "after": "held one part longer",
}
"""The changes, in words."""

UNDECIDED = "what it is for is not decided"
"""Of a region without which nothing is known to break, and of which not every change is judged."""

NOT_TAKEN = "not taken"
"""Of a region that no run takes, so that a change of it changes nothing."""

NO_RUN_TAKES_IT = f"{NOT_TAKEN} by any run of the checked scenarios"

Where = Callable[[Sequence[str]], str]
"""Names of scenarios as they stand behind a property; empty where there is one scenario only."""


def render(
    uses: Sequence[RegionUse], base: Sequence[Report], reports: int, width: int, stopped: str = ""
) -> str:
    """The whole text; `base` are the reports of the placement as it is."""
    letters = letters_of(base)
    lines = check_heading(base, width)
    if placement := base[0].case.placement:
        lines += [
            "",
            f"{placement.name}:",
            *drawn_roles(placement.roles, width, "  ", numbered=True),
        ]
    named = [f"{letter} {name}" for name, letter in letters.items() if letter]
    lines += ["", *flowing("scenarios", named, width)] if named else []
    for use in uses:
        lines += ["", *of_use(use, by_letter(letters), width)]
    lines += ["", *closing(uses, width)]
    lines += ["", *filter(None, [stopped]), *trial_counts(uses, base, reports)]
    return "".join(f"{escape(line.rstrip())}\n" for line in lines)


def by_letter(letters: Mapping[str, str]) -> Where:
    """Scenarios by their letters, which have a list of their own."""
    return lambda names: "".join(sorted(letters.get(each, "") for each in names))


def of_use(use: RegionUse, where: Where, width: int) -> Iterator[str]:
    """What one region is for, change by change."""
    what = f"{use.whose}, region {use.number}: {use.text}" if use.number else f"every {use.text}"
    yield from fill(what, width)
    if not use.taken:
        yield from fill(NO_RUN_TAKES_IT, width, "  ")
    for trial in use.trials:
        if use.taken or trial.flips or trial.undecided:
            yield from of_trial(trial, use, where, width)


def of_trial(trial: Trial, use: RegionUse, where: Where, width: int) -> Iterator[str]:
    """What one change does, with the shortest run of those that show it."""
    yield from fill(f"{change_in_words(trial, use)} ({trial.edit}):", width, "  ")
    said = [
        f"{verb} {', '.join(flips_in_words(flips, where))}"
        for verb, flips in (
            ("breaks", trial.losses),
            ("takes away", trial.costs),
            ("gives", trial.gains),
        )
        if flips
    ]
    said += [f"not decided: {text}" for text in undecided_lines(trial, where)]
    yield from fill("; ".join(said) or "changes nothing", width, "      ")
    found = telling(trial.losses)
    if found:
        name, choices = found.after.claim.name, found.after.choices or ()
        why = diagnosis(found.report.case, name, choices)
        yield from pointed(f"{name}: {why}", found.after.path or "", width, "      ")


def undecided_lines(trial: Trial, where: Where) -> Iterator[str]:
    """What is not known: for each cause the properties, each with its scenarios."""
    for cause in dict.fromkeys(each.cause for each in trial.undecided):
        own = [each for each in trial.undecided if each.cause == cause and each.property]
        scenarios: dict[str, list[str]] = {}
        for each in own:
            scenarios.setdefault(each.property, []).append(each.scenario)
        names = ", ".join(f"{name} {where(found)}".rstrip() for name, found in scenarios.items())
        yield f"{names} ({cause})" if names else cause


def telling(losses: Sequence[Flip]) -> Flip | None:
    """The one with the shortest run; a data race, which says the least, only if all are."""
    shown = [flip for flip in losses if flip.after.choices is not None]
    others = [flip for flip in shown if not races(flip)]
    return next(iter([*others, *shown]), None)


def races(flip: Flip) -> bool:
    """Whether it is of a data race."""
    return kind_of(flip.after.claim).speaks_of is Subject.ACCESSES


def change_in_words(trial: Trial, use: RegionUse) -> str:
    """A change in words."""
    if trial.edit.part:
        return f"without {use.parts[trial.edit.part - 1]}"
    return CHANGE_IN_WORDS[trial.edit.kind]


def flips_in_words(flips: Sequence[Flip], where: Where) -> Iterator[str]:
    """The properties, each with the scenarios in which it is another, and how many at once."""
    names = dict.fromkeys(flip.after.claim.name for flip in flips)
    for name in names:
        own = [flip for flip in flips if flip.after.claim.name == name]
        scenarios = where([flip.report.case.scenario.name for flip in own])
        at_once = max((flip.after.at_once or 0 for flip in own), default=0)
        yield (f"{name} {scenarios}".rstrip() + (f" ({at_once} in parallel)" if at_once else ""))


def closing(uses: Sequence[RegionUse], width: int) -> Iterator[str]:
    """What is protected, and what is redundant."""
    for use in uses:
        if use.number is None:
            continue
        needed = [
            use.parts[trial.edit.part - 1]
            for trial in use.trials
            if trial.edit.part and trial.losses
        ]
        if not use.taken:
            text = f"is {NO_RUN_TAKES_IT}, so nothing is known of what it is for"
        elif use.redundant:
            text = "is redundant in this scope: every weakening keeps every property that holds"
        elif needed:
            text = f"protects {', '.join(needed)}"
        elif any(trial.losses or trial.costs for trial in use.trials if trial.edit.weakens):
            text = "is needed as a whole"
        else:
            yield from fill(f"{use.whose}, region {use.number}: {UNDECIDED}.", width)
            continue
        yield from fill(f"{use.whose}, region {use.number} {text}.", width)


def trial_counts(uses: Sequence[RegionUse], base: Sequence[Report], reports: int) -> Iterator[str]:
    """How much was tried, and the command that checks a change again."""
    model = base[0].case.model
    trials = [trial for use in uses for trial in use.trials]
    yield f"{len(trials)} changes, {reports:,} searches; a change is a placement, such as"
    named = "" if model.reference == DEFAULT else f"{model.reference} "
    options = " ".join(["--placement", trials[0].placement.reference, *scope_options(base)])
    yield f"    locking check {named}{options}"


def scope_options(base: Sequence[Report]) -> list[str]:
    """The options of a command for what all these cases were given that is not the default."""
    first, model = base[0].case.scope, base[0].case.model
    said = {
        name: str(value)
        for name, value in first.items()
        if all(each.case.scope[name] == value for each in base)
    }
    options: list[str] = []
    for option, chosen in (("--rule", rules_in(said)), ("--lock", locks_in(said))):
        words = [shlex.quote(f"{name}={word}" if name else word) for name, word in chosen.items()]
        options += [option, *words] if words else []
    for each in model.parameters:
        if said.get(each.name, str(each.default)) != str(each.default):
            options += [f"--{each.name}", said[each.name]]
    return options
