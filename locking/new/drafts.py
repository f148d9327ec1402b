"""The file that is written for each kind of thing, as text, and the command that checks it."""

import ast
import re
import textwrap
from string import Template
from typing import NamedTuple

import locking.catalogue as catalogue
from locking.errors import UsageError
from locking.model import Model
from locking.new import texts
from locking.new.naming import Name
from locking.placements.placement import Placement
from locking.placements.source import placement_source, python_string
from locking.properties.explored import Verdict
from locking.text.words import listed

TEXTS = {"model": texts.MODEL, "lock": texts.LOCK, "property": texts.PROPERTY}
"""The kinds whose file is a model of its own."""

ELSEWHERE = Name("somewhere-else")
"""A name that no text uses."""

DRAFT_KINDS = ("placement", "scenario", *TEXTS)
"""Everything that can be written."""


class Draft(NamedTuple):
    """The text of a file, what it is, and the words after `locking` that check it."""

    text: str
    about: str
    check: tuple[str, ...]


def draft(kind: str, name: Name, reference: str | None, like: str | None) -> Draft:
    """What is written for a thing of `kind`; `reference` and `like` as options name them.

    Errors: `UsageError` for options that the kind doesn't take, and names that are taken.
    """
    for option, value, kinds in (
        ("model", reference, DRAFT_KINDS[:2]),
        ("like", like, DRAFT_KINDS[:1]),
    ):
        if value is not None and kind not in kinds:
            raise UsageError(f"--{option} is for a new {' or '.join(kinds)}, not for a {kind}")
    if kind in TEXTS:
        return draft_model(kind, name)
    reference = reference or catalogue.DEFAULT
    if kind == "scenario":
        return draft_scenario(catalogue.model(reference), name)
    return draft_placement(reference, like, name)


def filled(text: str, name: Name, **others: str) -> str:
    """A text with the reader's name in it, and what else it leaves open."""
    return Template(text).substitute(
        name=name.text, stem=name.stem, kind=name.kind, constant=name.constant, **others
    )


def plain_text(text: str) -> str:
    """A text of somebody's model as it may stand in a docstring or a comment."""
    return re.sub(r"[^\w ,./+#-]", "?", text)


def draft_model(kind: str, name: Name) -> Draft:
    """A model, in which a lock or a property of that name is used. Errors: `UsageError`."""
    if name.text in catalogue.model_names():
        raise UsageError(f"there is a model {name.text!r} already; choose another name")
    clash = {name.stem, name.kind} & identifiers(filled(TEXTS[kind], ELSEWHERE))
    if clash:
        raise UsageError(f"the file needs the name {min(clash)!r} itself; choose another name")
    about = "a model" if kind == "model" else f"a {kind}, and a small model that uses it"
    return Draft(filled(TEXTS[kind], name), about, ("check", name.file))


def identifiers(text: str) -> set[str]:
    """The names that a Python text gives or uses."""
    names = set()
    for node in ast.walk(ast.parse(text)):
        for field in ("id", "name", "arg"):
            names.add(getattr(node, field, None))
    return {each for each in names if isinstance(each, str)}


def draft_placement(reference: str, like: str | None, name: Name) -> Draft:
    """A placement that is the same as the one called `like`. Errors: `UsageError`, `ModelError`."""
    model = catalogue.model(reference)
    if name.text in [each.thing.name for each in catalogue.every_placement(model)]:
        raise UsageError(f"{model.name} has a placement {name.text!r}; choose another name")
    if not model.steps:
        raise UsageError(f"{model.name} has no steps to arrange, so it takes no placement")
    begin = catalogue.placement(model, like) if like else safe_placement(model)
    if begin is None:
        known = " | ".join(each.thing.name for each in catalogue.every_placement(model))
        raise UsageError(
            f"{model.name} declares of no placement that it holds everything; "
            f"say which to begin with: --like {known or 'FILE.py'}"
        )
    module = catalogue.module_of_model(reference)
    made = placement_source(
        catalogue.import_name(module), vars(module), [Placement(name.text, about="", **begin.roles)]
    )
    imports, _, body = made.rpartition("\n\n")
    head, edit = (
        filled(each, name, model=plain_text(model.reference))
        for each in (texts.PLACEMENT_HEAD, texts.PLACEMENT_EDIT)
    )
    return Draft(
        f"{head}{imports}\n{edit}{body}",
        f"a placement, so far the same as {begin.reference}",
        check_of(model, "--placement", name.file),
    )


def draft_scenario(model: Model, name: Name) -> Draft:
    """A scenario of two roles that a placement gets right. Errors: `UsageError`."""
    if not model.cast:
        raise UsageError(f"{model.name} has no `cast` of roles, so it takes no scenario of others")
    if name.text in (*model.cast, *(each.thing.name for each in catalogue.every_scenario(model))):
        raise UsageError(f"{model.name} has a scenario {name.text!r}; choose another name")
    roles, known = roles_of(model), plain_text(", ".join(model.cast))
    text = filled(
        texts.SCENARIO,
        name,
        model=plain_text(model.reference),
        roles=textwrap.fill(known, 96, initial_indent="# ", subsequent_indent="# "),
        chosen=", ".join(map(python_string, roles)),
    )
    right = safe_placement(model)
    narrowed = ("--placement", right.name) if right else ()
    check = (*check_of(model, "--scenario", name.file), *narrowed)
    return Draft(text, f"a scenario of {listed(list(roles))}", check)


def roles_of(model: Model) -> tuple[str, ...]:
    """The roles of the first of its scenarios in which there are two; else the cast's first two."""
    for each in model.scenarios:
        if len(set(each.roles)) > 1:
            return each.roles
    return tuple([role for role, most in model.cast.items() for _ in range(most)][:2])


def safe_placement(model: Model) -> Placement | None:
    """The first placement of which the model declares nothing but *holds*."""
    for each in model.placements:
        wrong = [
            expect
            for expect in model.expected
            if expect.verdict is not Verdict.HOLDS
            and (not expect.placements or each.name in expect.placements)
        ]
        if not wrong:
            return each
    return None


def check_of(model: Model, option: str, file: str) -> tuple[str, ...]:
    """The command that checks a file of the model's."""
    named = () if model.reference == catalogue.DEFAULT else (model.reference,)
    return ("check", *named, option, file)
