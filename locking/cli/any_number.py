"""`--any-number`: a case for any number of threads, its certificate, and the case of one."""

import json
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import locking.catalogue as catalogue
from locking.blaming import blaming
from locking.cli.arguments import search_options
from locking.cli.output_files import REPORT_FORMATS, naming, prepared, replace_file
from locking.cli.parsing import AS_DECLARED, NOT_ALL_KNOWN, NOT_AS_DECLARED
from locking.cli.terminal import drawable, width
from locking.cli.trace_output import run_in_form
from locking.errors import UsageError, Vacuous, unknown
from locking.model import Case
from locking.parameterized.certificate import certificate, never_shown
from locking.parameterized.proving import MOST_COPIES, ForAnyNumber, Proof, prove_any_number
from locking.parameterized.skeletons import (
    UsersLookedAt,
    refuse_other_users,
    system_of_skeletons,
    trees_of,
)
from locking.properties.explored import Verdict
from locking.scope import SC
from locking.text.fit import escape, folded
from locking.traces.forms import TEXT
from locking.traces.forms.page import Detail
from locking.traces.rerun import rerun
from locking.verdicts import Limits, Options

NO_RUNS = Options(limits=Limits(states=1))
"""What proves a claim is derived anew; runs that show something else are not looked for again."""


def refuse_options(arguments: Namespace, cases: int) -> None:
    """Refuse what does not go with the options of any number. Errors: `UsageError`."""
    if not arguments.any_number:
        for option in ("never_together", "certificate"):
            if getattr(arguments, option):
                raise UsageError(f"--{option.replace('_', '-')} needs --any-number")
    for option in ("checkpoint", *REPORT_FORMATS):
        if getattr(arguments, option) is not None:
            raise UsageError(f"--{option} is of a search; leave it out with --any-number")
    if arguments.memory != SC:
        raise UsageError(f"--memory {arguments.memory} is of a search; --any-number knows {SC}")
    if arguments.certificate and cases > 1:
        raise UsageError(
            f"--certificate is of one case, and these are {cases}; "
            f"narrow them with --scenario and --placement"
        )


def proof_of(
    case: Case,
    roles: Sequence[str],
    apart: Sequence[Sequence[str]],
    names: Sequence[str],
    arguments: Namespace | None = None,
) -> tuple[Proof, UsersLookedAt | None]:
    """What is known of a case: of its threads, or where pairs are asked for, of skeletons.

    Beside skeletons stands how much of the case was looked at for what they don't stand for.
    Errors: `LockingError`.
    """
    options = search_options(arguments) if arguments else NO_RUNS
    if not apart:
        return prove_any_number(case, case.model.build, roles, names, options), None
    system, pairs = case.build(), [*dict.fromkeys(map(pair_of, apart))]
    trees = trees_of(system, roles)
    skeletons = system_of_skeletons(trees, pairs)
    known = [each.name for each in skeletons.properties]
    for name in names:
        if name not in known:
            raise unknown("property of skeletons", name, known)
    with blaming(case):
        looked = refuse_other_users(system, trees, pairs)
    build = lambda _: system_of_skeletons(trees, pairs)  # noqa: E731
    proof = prove_any_number(case, build, list(trees), names, options)
    return proof, looked


def pair_of(names: Sequence[str]) -> tuple[str, str]:
    """Two names, as a pair."""
    one, other = names
    return one, other


def check_any_number(cases: Sequence[tuple[Case, list[str]]], arguments: Namespace) -> int:
    """Print what is known of each case; the exit status. Errors: `LockingError`."""
    refuse_options(arguments, len(cases))
    path = None
    if arguments.certificate:
        path = prepared(f"--certificate {arguments.certificate}", arguments.certificate)
    status, vacuous = AS_DECLARED, dict[str, str]()
    for number, (case, names) in enumerate(cases):
        apart = arguments.never_together
        proof, looked = proof_of(case, arguments.any_number, apart, names, arguments)
        if arguments.json:
            print(
                "\n".join(
                    json.dumps(any_number_entry(case, proof, each, skeletons=looked is not None))
                    for each in proof.found
                )
            )
        else:
            print(("\n" if number else "") + drawable(any_number_page(case, proof, looked)))
        status = worst(status, status_of(case, proof))
        note_vacuous(vacuous, case, proof)
        if path:
            text = json.dumps(certificate_of(proof, subject_of(case, names, arguments)))
            with naming(f"--certificate {arguments.certificate}"):
                replace_file(path, text + "\n")
    for why in filter(None, vacuous.values()):
        raise Vacuous(why)
    return status


def note_vacuous(vacuous: dict[str, str], case: Case, proof: Proof) -> None:
    """Note of each property why no case so far evaluates it; nothing, if one does."""
    for each in proof.found:
        name, never = each.claim.name, each.verdict is Verdict.NEVER_EVALUATED
        why = f"{case}: property {name!r}: {each.outside}" if never else ""
        vacuous[name] = why and vacuous.get(name, why)


def subject_of(case: Case, names: Sequence[str], arguments: Namespace) -> dict[str, Any]:
    """Of what a certificate is, so that it can be derived anew."""
    return {
        "model": case.model.reference,
        "scenario": case.scenario.reference,
        "placement": case.placement.reference if case.placement else None,
        "scope": {name: str(value) for name, value in case.scope.items()},
        "any_number": list(dict.fromkeys(arguments.any_number)),
        "properties": list(names),
        "never_together": [list(pair) for pair in arguments.never_together],
    }


def certificate_of(proof: Proof, about: Mapping[str, Any]) -> dict[str, Any]:
    """The certificate of all that views exclude. Errors: `UsageError` where that is nothing."""
    if proof.system is None or proof.closed is None:
        raise UsageError("--certificate: there are too many views, so nothing is proved")
    made = certificate(proof.system, proof.closed, never_shown(proof.claims), about)
    if not made["never"]:
        raise UsageError("--certificate: views exclude nothing here, so nothing is proved")
    return made


def derived_anew(model: str, about: Any) -> tuple[dict[str, Any], str]:
    """The certificate of what one is about, made once more from a model, and whose proof it is.

    Errors: `LockingError`.
    """
    refuse_about(about)
    found = catalogue.model(model, about["scope"])
    placement = about["placement"]
    case = found.case(
        catalogue.scenario(found, about["scenario"]),
        None if placement is None else catalogue.placement(found, placement),
        about["scope"],
    )
    roles, apart = about["any_number"], about["never_together"]
    proof, looked = proof_of(case, roles, apart, about["properties"])
    if proof.system is None or proof.closed is None:
        raise UsageError(f"{model}: there are too many views, so nothing is derived anew")
    made = certificate(proof.system, proof.closed, never_shown(proof.claims), about)
    return made, whose_proof(case, roles, skeletons=looked is not None)


def refuse_about(about: object) -> None:
    """Refuse what does not say of what a certificate is. Errors: `UsageError`."""
    if not isinstance(about, dict) or about.keys() != ABOUT.keys():
        raise UsageError(f"the certificate is about {about!r}; it names {', '.join(ABOUT)}")
    for part, fits in ABOUT.items():
        if not fits(about[part]):
            raise UsageError(f"the certificate is about {part} {about[part]!r}, which is none")


def are_names(value: object) -> bool:
    """Whether this is a list of names."""
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def are_pairs(value: object) -> bool:
    """Whether this is a list of pairs of names."""
    return isinstance(value, list) and all(are_names(each) and len(each) == 2 for each in value)


ABOUT: dict[str, Callable[[Any], bool]] = {
    "model": lambda value: isinstance(value, str),
    "scenario": lambda value: isinstance(value, str),
    "placement": lambda value: isinstance(value, str | None),
    "scope": lambda value: isinstance(value, dict) and are_names(list(value.values())),
    "any_number": lambda value: are_names(value) and len(value) > 0,
    "properties": are_names,
    "never_together": are_pairs,
}
"""What a certificate says of what it is, and what each part of that must be."""


def worst(one: int, other: int) -> int:
    """The exit status of two: a verdict that is wrong outweighs one that is unknown."""
    return next(
        (each for each in (NOT_AS_DECLARED, NOT_ALL_KNOWN) if each in (one, other)), AS_DECLARED
    )


def status_of(case: Case, proof: Proof) -> int:
    """The exit status of a case."""
    status = AS_DECLARED
    for each in proof.found:
        declared = case.model.declared(case, each.claim.name)
        wanted = declared.verdict if declared else Verdict.HOLDS
        if each.verdict is Verdict.UNKNOWN:
            status = worst(status, NOT_ALL_KNOWN)
        elif each.verdict not in (wanted, Verdict.NEVER_EVALUATED):
            status = worst(status, NOT_AS_DECLARED)
    return status


def whose_proof(case: Case, roles: Sequence[str], *, skeletons: bool) -> str:
    """Of what something is proved: the case, its threads, and whether these are skeletons."""
    of = "skeletons of " if skeletons else ""
    return f"{escape(str(case))}, any number of {of}{', '.join(map(escape, roles))}"


def any_number_page(case: Case, proof: Proof, looked: UsersLookedAt | None) -> str:
    """What is known of a case, and the first run that shows that something fails."""
    whose = whose_proof(case, proof.names, skeletons=looked is not None)
    lines = folded(whose, width(), 0)
    of = " of skeletons" if looked else ""
    for each in proof.found:
        text = f"{escape(each.claim.name)}: {any_number_in_words(each, of)}"
        lines += [f"  {line}" for line in folded(text, width() - 2, limit=0)]
    if looked:
        lines += folded(f"  ({what_skeletons_say(looked)})", width(), 0)
    shown = next((each for each in proof.found if each.result and each.result.breaks), None)
    if shown and shown.case and shown.result and shown.result.choices is not None:
        run = rerun(shown.case, shown.claim.name, shown.result.choices)
        lines += ["", run_in_form(replace(run, path=""), TEXT, Detail.FOLDED)]
    return "\n".join(lines)


def what_skeletons_say(looked: UsersLookedAt) -> str:
    """How far what is proved of skeletons is so of the model."""
    states = f"{'all' if looked.complete else 'the first'} {looked.states:,} states"
    more = ""
    if looked.missed:
        first = looked.missed[0]
        where = escape(f"{Path(first.filename).name}:{first.line}")
        more = f"; not reached there are {len(looked.missed)} lines of its code, {where} first"
    return (
        f"of these trees' locks alone; so of the model as long as named steps return, leave these "
        f"locks alone, and are done by these trees alone, as in {states} of this case{more}"
    )


def any_number_in_words(found: ForAnyNumber, of: str) -> str:
    """A verdict, with what it rests on; `of` says of what, if not of threads."""
    if found.result:
        return f"{found.verdict.value} with {found.threads}"
    if found.verdict is Verdict.UNKNOWN and found.outside:
        return f"unknown: {escape(found.outside)}"
    if found.verdict is Verdict.UNKNOWN:
        view = (
            f"not excluded is: {escape(found.view)}" if found.view else "there are too many views"
        )
        return f"unknown up to {MOST_COPIES} of these; {view}"
    why = f", for {escape(found.outside)}" if found.outside else ""
    return f"{found.verdict.value} for any number{of}{why} (cut-off {found.cutoff})"


def any_number_entry(
    case: Case, proof: Proof, found: ForAnyNumber, *, skeletons: bool
) -> dict[str, object]:
    """A verdict as JSON."""
    return {
        "model": case.model.reference,
        "scenario": case.scenario.reference,
        "placement": case.placement.reference if case.placement else None,
        "any_number": list(proof.names),
        "skeletons": skeletons,
        "property": found.claim.name,
        "verdict": found.verdict.value,
        "cutoff": found.cutoff,
        "threads": found.threads if found.result else None,
        "not_excluded": found.view or None,
        "cause": found.outside or None,
        "scope": dict(case.scope),
    }
