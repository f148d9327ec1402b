"""The percpu_ref: nobody sees 0 before it is confirmed dead, or takes one after the kill."""

import pytest

from locking import (
    WAIT,
    Allocation,
    Cell,
    Misuse,
    PercpuRef,
    PercpuRefState,
    RefMode,
    System,
    Thread,
    Verdict,
    at_end,
    deadlock_free,
    happens_before_race_free,
    no_misuse,
    require,
    required,
    sometimes,
)
from tests.explore.compare import checked
from tests.systems import ask

ref = PercpuRef("ref")
LIVE, KILLED, CONFIRMED = RefMode.LIVE, RefMode.KILLED, RefMode.CONFIRMED
EXITED, RESURRECTED = RefMode.EXITED, RefMode.RESURRECTED


@pytest.mark.parametrize(
    ("call", "state", "outcome"),
    [
        ("percpu_ref_get", (1, LIVE), ((2, LIVE), None)),
        ("percpu_ref_get", (1, CONFIRMED), ((2, CONFIRMED), None)),
        ("percpu_ref_tryget", (1, KILLED), ((2, KILLED), True)),
        ("percpu_ref_tryget", (1, CONFIRMED), ((2, CONFIRMED), True)),
        ("percpu_ref_tryget", (0, CONFIRMED), ((0, CONFIRMED), False)),
        ("percpu_ref_tryget_live", (1, LIVE), ((2, LIVE), True)),
        ("percpu_ref_tryget_live", (2, KILLED), ((2, KILLED), False)),
        ("percpu_ref_tryget_live", (2, CONFIRMED), ((2, CONFIRMED), False)),
        ("percpu_ref_put", (2, LIVE), ((1, LIVE), False)),
        ("percpu_ref_put", (2, CONFIRMED), ((1, CONFIRMED), False)),
        ("percpu_ref_put", (1, CONFIRMED), ((0, CONFIRMED), True)),
        ("percpu_ref_kill", (2, LIVE), ((2, KILLED), None)),
        ("percpu_ref_confirm_kill", (2, KILLED), ((1, CONFIRMED), False)),
        ("percpu_ref_confirm_kill", (1, KILLED), ((0, CONFIRMED), True)),
        ("percpu_ref_is_zero", (1, KILLED), ((1, KILLED), False)),
        ("percpu_ref_is_zero", (0, CONFIRMED), ((0, CONFIRMED), True)),
        ("percpu_ref_is_dying", (1, LIVE), ((1, LIVE), False)),
        ("percpu_ref_is_dying", (1, KILLED), ((1, KILLED), True)),
        ("percpu_ref_reinit", (0, CONFIRMED), ((1, LIVE), None)),
        ("clear_dead", (0, CONFIRMED), ((1, LIVE), None)),
        ("clear_dead", (2, CONFIRMED), ((3, LIVE), None)),
        ("clear_dead", (2, KILLED), ((3, RESURRECTED), None)),
        ("await_switch", (1, LIVE), ((1, LIVE), None)),
        ("percpu_ref_tryget_live", (2, RESURRECTED), ((3, RESURRECTED), True)),
        ("percpu_ref_put", (3, RESURRECTED), ((2, RESURRECTED), False)),
        ("percpu_ref_is_dying", (2, RESURRECTED), ((2, RESURRECTED), False)),
        ("percpu_ref_confirm_kill", (2, RESURRECTED), ((1, LIVE), False)),
        ("percpu_ref_exit", (0, CONFIRMED), ((0, EXITED), None)),
    ],
)
def test_what_an_operation_does(call, state, outcome):
    assert ask(ref, PercpuRefState(*state), call) == outcome


@pytest.mark.parametrize("mode", [LIVE, CONFIRMED])
def test_the_switch_waits_for_the_kill(mode):
    assert ask(ref, PercpuRefState(1, mode), "percpu_ref_confirm_kill") is WAIT


@pytest.mark.parametrize("call", ["await_switch", "percpu_ref_kill"])
def test_a_kill_that_is_yet_to_be_confirmed_is_waited_for(call):
    assert ask(ref, PercpuRefState(2, RESURRECTED), call) is WAIT


@pytest.mark.parametrize(
    ("call", "state", "says"),
    [
        ("percpu_ref_get", (0, CONFIRMED), "which is already 0"),
        ("percpu_ref_put", (1, LIVE), "that nobody has taken"),
        ("percpu_ref_put", (1, KILLED), "that nobody has taken"),
        ("percpu_ref_put", (0, CONFIRMED), "that nobody has taken"),
        ("percpu_ref_kill", (1, KILLED), "which is killed already"),
        ("percpu_ref_kill", (0, CONFIRMED), "which is confirmed dead already"),
        ("percpu_ref_put", (2, RESURRECTED), "that nobody has taken"),
        ("clear_dead", (1, LIVE), "me resurrects ref, which is live"),
        ("clear_dead", (2, RESURRECTED), "which is live again, while its kill is yet"),
        ("percpu_ref_reinit", (1, LIVE), "on which there are references"),
        ("percpu_ref_put", (0, EXITED), "me does percpu_ref_put on ref, which has exited"),
        ("percpu_ref_tryget", (0, EXITED), "which has exited"),
    ],
)
def test_what_is_a_misuse(call, state, says):
    got = ask(ref, PercpuRefState(*state), call)
    assert isinstance(got, Misuse)
    assert says in got.reason


def test_the_count_is_told_with_how_far_the_end_has_come():
    assert ref.show(PercpuRefState(2, CONFIRMED)) == "2, confirmed dead"


def device(taking: str) -> System:
    """A user that takes a reference, and who ends the device; the last one frees it."""
    memory = Allocation("device", value=1)

    async def use():
        if await getattr(ref, taking)():
            await memory.value.read()
            if await ref.percpu_ref_put():
                await memory.kfree()

    async def end():
        await ref.percpu_ref_kill()
        if await ref.percpu_ref_confirm_kill():
            await memory.kfree()

    return System(
        [ref, memory],
        [Thread("user", use), Thread("other", use), Thread("ender", end)],
        [
            no_misuse(),
            happens_before_race_free(),
            deadlock_free(),
            at_end("freed", lambda s: s[ref].references == 0),
        ],
    )


@pytest.mark.parametrize("taking", ["percpu_ref_tryget", "percpu_ref_tryget_live"])
def test_the_last_reference_frees_what_nobody_uses_any_more(taking):
    results = checked(device(taking)).results
    assert {each.verdict for each in results} == {Verdict.HOLDS}


def frozen(resurrect: bool) -> System:
    """A queue that is frozen and thawed, as by blk_mq_freeze_queue(), while others enter it."""
    entered = Cell("entered", 0)

    async def enter():
        if await ref.percpu_ref_tryget_live():
            await entered.WRITE_ONCE(1)
            await ref.percpu_ref_put()

    async def freeze():
        await ref.percpu_ref_kill()
        await (ref.percpu_ref_resurrect() if resurrect else ref.percpu_ref_reinit())
        require(await ref.percpu_ref_tryget_live(), "live")
        await ref.percpu_ref_put()

    async def confirm():
        await ref.percpu_ref_confirm_kill()

    return System(
        [ref, entered],
        [Thread("user", enter), Thread("freezer", freeze), Thread("rcu", confirm)],
        [
            no_misuse(),
            deadlock_free(),
            required("live"),
            at_end("alone", lambda s: s[ref] == PercpuRefState()),
            sometimes("early", lambda s: s[ref].mode is RESURRECTED and s[ref].references > 2),
        ],
    )


def test_who_enters_while_it_is_resurrected_is_let_in():
    results = checked(frozen(resurrect=True)).results
    assert {each.verdict for each in results} == {Verdict.HOLDS}


def test_to_reinitialise_what_others_may_still_hold_is_a_misuse():
    results = {each.claim.name: each.verdict for each in checked(frozen(resurrect=False)).results}
    assert results["no-misuse"] is Verdict.FAILS
