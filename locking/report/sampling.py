"""A sample of runs as a person reads it: what they showed, and how much that they did not means."""

from collections.abc import Iterator
from fractions import Fraction

from locking.blaming import blaming
from locking.explore.bounded import BoundedWalk
from locking.properties.explored import Verdict
from locking.report.sentences import diagnosis, verdict_in_words
from locking.report.to_terminal import fill, pointed
from locking.studies.sampling import Sample, Shown
from locking.studies.suspects import shown_suspect
from locking.text.fit import escape
from locking.text.words import counted
from locking.traces.forms.page import Page
from locking.traces.forms.to_text import render as text_of_run
from locking.traces.replay import replay
from locking.traces.why.wording import does
from locking.verdicts import Result

SURE = 0.95
"""How sure the chance of a failure is said to be lower than a figure."""

LAST_STEPS = 10
"""Steps that are shown of a run that was cut and comes to no state twice."""

LEAST_CHANCE = 1e-6
"""The least chance that is told from none."""


def render(sample: Sample, width: int) -> str:
    """The whole text."""
    case = sample.case
    lines = [*fill(f"{case.model.name}: {case.model.about}", width)]
    lines += [*fill(f"{case}: NOT every interleaving, but {covered(sample)}", width), ""]
    for result, found in zip(sample.results, sample.tally.shown, strict=True):
        lines += pointed(sample_line(sample, result, found), result.path or "", width, "")
    lines += [""]
    for text in meaning(sample):
        lines += fill(text, width)
    lines += [""] * bool(sample.tally.suspect)
    for text in suspects(sample):
        lines += fill(text, width)
    lines += suspect_lines(sample, width)
    lines += fill(sample_summary(sample), width)
    return "".join(f"{escape(each)}\n" for each in lines)


def covered(sample: Sample) -> str:
    """Which runs were taken."""
    plan, tally = sample.plan, sample.tally
    scope = "".join(f"; {name}={value}" for name, value in sample.case.scope.items())
    if plan.method == "bounded":
        return f"the runs with at most {counted(plan.preemptions, 'preemption')}{scope}"
    depth = f", depth {plan.depth}" if plan.method == "pct" else ""
    return f"{counted(tally.runs, 'run')} drawn by {plan.method}{depth}, seed {plan.seed}{scope}"


def sample_line(sample: Sample, result: Result, found: Shown) -> str:
    """What was seen of one property."""
    text = verdict_in_words(result)
    if result.verdict is Verdict.UNKNOWN:
        return text
    if sample.plan.method != "bounded":
        text += f"; shown by {found.runs:,} of {counted(sample.tally.runs, 'run')}"
    if result.verdict is Verdict.FAILS and result.wrong and result.choices is not None:
        text += f": {diagnosis(sample.case, result.claim.name, result.choices)}"
    return text


def meaning(sample: Sample) -> Iterator[str]:
    """What follows for that which no run showed."""
    tally = sample.tally
    if tally.walk:
        yield from of_bound(tally.walk)
        return
    longer = f" after {counted(sample.plan.steps, 'step')}" if tally.longest else ""
    cut = f"; {counted(tally.cut, 'run')} cut{longer}" if tally.cut else ""
    if tally.longest:
        yield f"The longest run has {counted(tally.longest, 'step')}{cut}."
    else:
        yield f"No run ends within {counted(sample.plan.steps, 'step')}{cut}."
    if sample.plan.method == "pct":
        yield of_depth(sample)
    elif tally.runs:
        yield (
            f"What no run showed, a run shows with a chance below "
            f"{chance_in_percent(1 - (1 - SURE) ** (1 / tally.runs))} ({SURE:.0%} sure). "
            f"Of bugs of a given depth nothing can be said; `--method pct` says how likely they "
            f"are to be found."
        )


def suspects(sample: Sample) -> Iterator[str]:
    """What is suspected of runs that were cut, and what is known of the one that is shown."""
    suspect = sample.tally.suspect
    if suspect is None:
        return
    yield (
        f"Suspected livelock: {counted(sample.tally.suspected, 'run')} cut after "
        f"{counted(sample.plan.steps, 'step')}, before every thread had ended."
    )
    if suspect.cycle:
        yield "One of them comes back to a state that it has been in, so it can go on forever:"
    else:
        yield "The first of them comes to no state twice; its last steps:"


def suspect_lines(sample: Sample, width: int) -> list[str]:
    """The run that is suspected: where it goes round, or else its last steps."""
    suspect = sample.tally.suspect
    if suspect is None:
        return []
    with blaming(sample.case):
        run = shown_suspect(sample.case, suspect)
        if run:
            return ["", *text_of_run(run, Page(width)).splitlines(), ""]
        trace = replay(sample.case.build().product(), suspect.choices)
    last = [event for event in trace.events if event.number > len(suspect.choices) - LAST_STEPS]
    steps = (f"{each.number:,} {trace.names[each.thread]}: {does(each)}" for each in last)
    return [*(line for step in steps for line in fill(step, width, "    ")), ""]


def of_bound(walk: BoundedWalk) -> Iterator[str]:
    """How much was gone through, and whether the bound left anything out."""
    yield f"{counted(len(walk.states), 'state')} met."
    if walk.cause:
        yield f"Not all of these runs were taken: {walk.cause}."
    elif not walk.refused:
        yield "No state was left out for the bound: `locking check` comes to its end as well."


def of_depth(sample: Sample) -> str:
    """With what chance a bug of the depth was found, and what that rests on."""
    tally, depth = sample.tally, sample.plan.depth
    if tally.choosing:
        return (
            f"No chance can be given for bugs of depth {depth}: threads choose among outcomes, "
            f"and the figure is for schedules only."
        )
    if tally.spun or tally.cut:
        return (
            f"No chance can be given for bugs of depth {depth}: threads repeat loops, "
            f"and the figure is for runs that end."
        )
    factors = [f"{sample.threads:,}", *(f"{tally.longest + more:,}" for more in range(depth - 1))]
    steps, threads = f"k={tally.longest:,}", f"n={sample.threads:,}"
    return (
        f"A bug of depth {depth} or less, which shows within {steps} steps (the longest run seen; "
        f"there may be longer ones), is found by a run of these {threads} threads with a chance of "
        f"at least 1/({' x '.join(factors)}) = {sample.least}. "
        f"{counted(tally.counted, 'run')} drawn with this k all miss it with a chance of at most "
        f"{chance_in_percent(chance_of_missing(sample.least, tally.counted))}."
    )


def chance_of_missing(least: Fraction, runs: int) -> float:
    """The chance that none of `runs` finds what each finds with the chance `least`."""
    return float(1 - least) ** runs


def chance_in_percent(chance: float) -> str:
    """A chance in percent."""
    return f"{100 * chance:.3g}%" if chance > LEAST_CHANCE else f"{100 * LEAST_CHANCE:.4f}%"


def sample_summary(sample: Sample) -> str:
    """How much was judged."""
    unknown = sum(result.verdict is Verdict.UNKNOWN for result in sample.results)
    wrong = sum(result.wrong for result in sample.results)
    parts = [f"{unknown:,} unknown"] if unknown else []
    parts += [f"{wrong:,} NOT AS EXPECTED"] if wrong else []
    if sample.tally.suspected:
        parts.append(f"{counted(sample.tally.suspected, 'suspected livelock')}")
    if sample.tally.cause:
        parts.append(f"ended early: {sample.tally.cause}")
    return f"{counted(len(sample.results), 'verdict')}, {sample.seconds:.1f}s: " + (
        ", ".join(parts) or "all as expected"
    )
