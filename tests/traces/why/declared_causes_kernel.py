"""Runs of `models/kernel_bugs/`, with the causes that the changelogs of the fixes give.

`declared_causes` says what a row is. Here are those whose cause is no step that another thread took
in between: what was read before it was written, a wake-up that was none, a bit that nobody cleared.
"""

from tests.traces.why.declared_causes import MISSED, Row

KERNEL = [
    Row(
        "kernel_bugs.shrink_zone_span:only::zone-spans-pfn::a5.b4.a2",
        "the remover reads page_zone() of a page that the adder initialises only afterwards",
        "",
        (
            "remover had changed zone.span from (10, 13) to (0, 0) in step 9",
            "adder held no lock then",
            "remover had read page[12].zone = 'poison' in step 8",
            "adder changed that from poison to ZONE_DEVICE only in step 10",
        ),
    ),
    Row(
        "kernel_bugs.shrink_pgdat_span:only::node-span::a7.b7.a1",
        "the remover reads page_to_nid() of a page that the adder initialises only afterwards",
        "",
        (
            "write(node.span, (1, 2)) by remover in step 13",
            "adder had changed node.span from (0, 2) to (0, 3) in step 6",
            "remover had read page[2].nid = 'poison' in step 12",
            "adder changed that from poison to 0 only in step 15",
        ),
    ),
    Row(
        "kernel_bugs.memory_failure:only::no-poison-read::a2.b2",
        "the section is valid, and the memmap is initialised only when the block goes online",
        "",
        (
            "adder had changed section.valid from False to True in step 2",
            "no step had written page.flags",
            "write(page.flags, 'initialised')",
            "by adder is still to come",
        ),
    ),
    Row(
        "kernel_bugs.proc_kpage:only::no-poison-read::a1.b4",
        "a section of a device is valid before its pages are initialised",
        "",
        (
            "adder had changed valid[1] from False to True in step 1",
            "no step had written flags[1]",
            "WRITE_ONCE(flags[1], 'initialised')",
            "by adder is still to come",
        ),
    ),
    Row(
        "kernel_bugs.populated_zone:only::own-page-sets::a1.b1.c2",
        "another builds the lists while the zone is populated and has no page sets of its own yet",
        "",
        (
            "builder had changed zonelist from () to ('zone',) in step 2",
            "no step had written zone.pageset",
            "by online is still to come",
            "builder had read zone.present_pages = 1 (online, step 1) in step 2",
        ),
    ),
    Row(
        "kernel_bugs.rwsem_wake_q:only::deadlock-free::c1.b1.c2.a2",
        "the other waker wakes the reader before the releaser, whose own wake-up is none, tells it",
        MISSED,
        (
            "releaser had changed waiter.task from reader to None in step 7",
            "after reader had read 'reader' in step 6",
            "wake_up_process(reader.task) = False",
            "put_on_wake_q(reader.task) = False by releaser in step 2 changed nothing",
        ),
    ),
    Row(
        "kernel_bugs.rwsem_handoff:only::no-handoff-left::a4.b4.c5",
        "HANDOFF is set for a reader that is killed, and the last waiter clears WAITERS alone",
        "",
        (
            "atomic_andnot(count, 2) by writer in step 12",
            "waker had changed count from 2 to 6 in step 3",
            "writer had read wait_list = ('writer',) (reader, step 7) in step 10",
        ),
    ),
    Row(
        "kernel_bugs.mutex_handoff:only::not-recursive::a3.b1.a3",
        "the task finds itself the owner, and nobody has handed it the lock",
        "",
        (
            "a had changed owner from ('a', '-') to ('a', 'HANDOFF') in step 6",
            "no other thread had written it",
            "wake_up_process(a.task) = True by waker in step 4 let a go on",
        ),
    ),
    Row(
        "kernel_bugs.mutex_handoff_condition:only::promised::d2.a2.d3.b3.c1.d4",
        "the waiter sets HANDOFF while nobody has the lock, and who takes it next clears it",
        "",
        (
            "waiter had changed owner from (None, '-') to (None, 'HANDOFF') in step 6",
            "s1 had changed owner from (None, 'HANDOFF') to ('s1', '-') in step 8",
            "s2 had changed owner from (None, '-') to ('s2', '-') in step 11",
        ),
    ),
]
