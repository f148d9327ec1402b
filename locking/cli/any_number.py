"""`--any-number`: a case for any number of threads, its certificate, and the case of one."""

import json
from argparse import Namespace
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import locking.catalogue as catalogue
from locking.cli.arguments import search_options
from locking.cli.output_files import REPORT_FORMATS, naming, prepared, replace_file
from locking.cli.searches import AS_DECLARED, NOT_ALL_KNOWN, NOT_AS_DECLARED
from locking.cli.terminal import drawable, width
from locking.cli.trace_output import run_in_form
from locking.errors import UsageError, unknown
from locking.model import Case
from locking.parameterized.certificate import certificate, never_shown
from locking.parameterized.proving import MOST_COPIES, ForAnyNumber, Proof, prove_any_number
from locking.parameterized.skeletons import is_role, never_apart, skeleton_builder
from locking.properties.explored import Verdict
from locking.text.fit import escape, folded
from locking.traces.forms import TEXT
from locking.traces.forms.page import Detail
from locking.traces.rerun import rerun


def refuse_options(arguments: Namespace, cases: int) -> None:
    """Refuse what does not go with the options of any number. Errors: `UsageError`."""
    if not arguments.any_number:
        for option in ("never_together", "certificate"):
            if getattr(arguments, option):
                raise UsageError(f"--{option.replace('_', '-')} needs --any-number")
    for option in ("checkpoint", *REPORT_FORMATS):
        if getattr(arguments, option) is not None:
            raise UsageError(f"--{option} is of a search; leave it out with --any-number")
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
) -> Proof:
    """What is known of a case: of its threads, or of skeletons. Errors: `LockingError`."""
    options = search_options(arguments) if arguments else None
    if of_skeletons(case, roles):
        pairs = [(one, other) for one, other in apart]
        build = skeleton_builder(case, roles, pairs)
        known = [each.name for each in build(case).properties]
        for name in names:
            if name not in known:
                raise unknown("property of skeletons", name, known)
        names = [*names, *(never_apart(pair).name for pair in pairs)] if names else []
        return prove_any_number(case, build, roles, names, options)
    if apart:
        raise UsageError("--never-together asks of skeletons: name roles of a placement")
    return prove_any_number(case, case.model.build, roles, names, options)


def of_skeletons(case: Case, roles: Sequence[str]) -> bool:
    """Whether these are roles of a placement, and no threads of the case."""
    threads = {thread.name for thread in case.build().threads}
    return all(is_role(case, role) and role not in threads for role in roles)


def check_any_number(cases: Sequence[tuple[Case, list[str]]], arguments: Namespace) -> int:
    """Print what is known of each case; the exit status. Errors: `LockingError`."""
    refuse_options(arguments, len(cases))
    path = None
    if arguments.certificate:
        path = prepared(f"--certificate {arguments.certificate}", arguments.certificate)
    status = AS_DECLARED
    for number, (case, names) in enumerate(cases):
        proof = proof_of(case, arguments.any_number, arguments.never_together, names, arguments)
        if arguments.json:
            print(
                "\n".join(json.dumps(any_number_entry(case, proof, each)) for each in proof.found)
            )
        else:
            print(("\n" if number else "") + drawable(any_number_page(case, proof)))
        status = worst(status, status_of(case, proof))
        if path:
            text = json.dumps(certificate_of(proof, subject_of(case, names, arguments)))
            with naming(f"--certificate {arguments.certificate}"):
                replace_file(path, text + "\n")
    return status


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


def derived_anew(model: str, about: Mapping[str, Any]) -> dict[str, Any]:
    """The certificate of what one is about, made once more from a model. Errors: `LockingError`."""
    found = catalogue.model(model, about["scope"])
    placement = about["placement"]
    case = found.case(
        catalogue.scenario(found, about["scenario"]),
        None if placement is None else catalogue.placement(found, placement),
        about["scope"],
    )
    proof = proof_of(case, about["any_number"], about["never_together"], about["properties"])
    if proof.system is None or proof.closed is None:
        raise UsageError(f"{model}: there are too many views, so nothing is derived anew")
    return certificate(proof.system, proof.closed, never_shown(proof.claims), about)


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


def any_number_page(case: Case, proof: Proof) -> str:
    """What is known of a case, and the first run that shows that something fails."""
    whose = " (skeletons)" if of_skeletons(case, proof.names) else ""
    lines = folded(
        f"{escape(str(case))}, any number of {', '.join(proof.names)}{whose}", width(), 0
    )
    for each in proof.found:
        text = f"{escape(each.claim.name)}: {any_number_in_words(each)}"
        lines += [f"  {line}" for line in folded(text, width() - 2, limit=0)]
    shown = next((each for each in proof.found if each.result and each.result.breaks), None)
    if shown and shown.case and shown.result and shown.result.choices is not None:
        run = rerun(shown.case, shown.claim.name, shown.result.choices)
        lines += ["", run_in_form(replace(run, path=""), TEXT, Detail.FOLDED)]
    return "\n".join(lines)


def any_number_in_words(found: ForAnyNumber) -> str:
    """A verdict, with what it rests on."""
    if found.result:
        return f"{found.verdict.value} with {found.threads}"
    if found.verdict is Verdict.UNKNOWN and found.outside:
        return f"unknown: {found.outside}"
    if found.verdict is Verdict.UNKNOWN:
        view = (
            f"not excluded is: {escape(found.view)}" if found.view else "there are too many views"
        )
        return f"unknown up to {MOST_COPIES} of these; {view}"
    why = f", for {found.outside}" if found.outside else ""
    return f"{found.verdict.value} for any number{why} (cut-off {found.cutoff})"


def any_number_entry(case: Case, proof: Proof, found: ForAnyNumber) -> dict[str, object]:
    """A verdict as JSON."""
    return {
        "model": case.model.reference,
        "scenario": case.scenario.reference,
        "placement": case.placement.reference if case.placement else None,
        "any_number": list(proof.names),
        "property": found.claim.name,
        "verdict": found.verdict.value,
        "cutoff": found.cutoff,
        "threads": found.threads if found.result else None,
        "not_excluded": found.view or None,
        "cause": found.outside or None,
        "scope": dict(case.scope),
    }
