"""Runs that fail, each with the cause that its model's author gives, and with what `Why` must say.

A cause was written down from the text of the model before `Why` was looked at. `names` are the
facts of it that the sentence must have, `never` are the names that it must not give. What it does
not have yet is in `lacks`: such a row is incomplete, and is counted.
"""

from typing import NamedTuple

CHECK, LOST, TORN, MISSED = "check-then-act", "lost update", "torn read", "missed wake-up"
FREED, ABBA, SELF = "use after free", "ABBA deadlock", "self-deadlock"


class Row(NamedTuple):
    """A run, by its path string; `pattern` is the name that `Why` gives, or none."""

    path: str
    cause: str
    pattern: str
    names: tuple[str, ...]
    lacks: tuple[str, ...] = ()


TEXTBOOK = [
    Row(
        "textbook.abba:only::deadlock-free::a1.b1",
        "each holds what the other waits for",
        ABBA,
        ("ab holds a (since step 1) and waits for b", "ba holds b (since step 2) and waits for a"),
    ),
    Row(
        "textbook.check_then_act:only::no-use-after-free::a3.b3.a2",
        "it is freed between check and act, while the lock is dropped",
        CHECK,
        (
            "owner had changed allocated from True to False in step 5",
            "after user had read True in step 2",
            "user held no lock then",
        ),
    ),
    Row(
        "textbook.downgrade:gap::unchanged::a3.b3.a2",
        "another writer enters the gap between up_write and down_read",
        "",
        (
            "second had changed value from mine to yours in step 5",
            "between first's steps 3 and 7",
            "first held no lock then",
        ),
    ),
    Row(
        "textbook.either_order:only::b-always-wins::b3.a3",
        "a comes second",
        "",
        ("write(winner, 'a') by a in step 5", "b had changed winner from None to b in step 2"),
    ),
    Row(
        "textbook.lost_update:only::sum::a1.b2.a1",
        "both load the counter before either stores it",
        LOST,
        (
            "first had read 0 in step 1",
            "second had changed counter from 0 to 1 in step 3",
            "step 4",
        ),
    ),
    Row(
        "textbook.livelock:only::no-livelock::a1.b1.a1.b1.a1.b1",
        "both put their forks back, in step with each other",
        "",
        ("p and q repeat steps 1-6 forever", "nobody makes progress"),
    ),
    Row(
        "textbook.lost_update:only::data-race::a1",
        "one stores while the other is about to load",
        "",
        ("first is about to write counter", "second is about to read it"),
    ),
    Row(
        "textbook.recursive_read:writer-blocks-readers::deadlock-free::a1.b1",
        "the second read waits for a writer that waits for the first",
        SELF,
        ("which it holds itself (for reading, since step 1)", "behind writer", "in step 2"),
    ),
    Row(
        "textbook.starvation:readers-pass::served::a1.b1.a2.b1",
        "one reader comes before the other goes",
        "",
        ("reader1 and reader0 repeat steps 2-5 forever", "writer asks for lock and never gets"),
    ),
    Row(
        "textbook.torn_read:only::whole::a1.b2",
        "the reader looks between the two stores",
        TORN,
        ("span.start from 0 to 8 in step 1", "reader read in step 2", "span.end in step 3"),
    ),
    Row(
        "textbook.torn_read:only::data-race::-",
        "both begin with the same cell",
        "",
        ("writer is about to write span.start", "reader is about to read it"),
    ),
]

RACE = "ordered by no lock, no completion, and no release and acquire"

CLASSICS = [
    Row(
        "classics.bakery:only::exclusion:variant=no-choosing:a2.b7.a5",
        "t0 draws a ticket from a number that t1 changes meanwhile, so both have the same",
        CHECK,
        ("t0 had read 0 in step 2", "t1 had changed number[1] from 0 to 1 in step 5", "step 10"),
    ),
    Row(
        "classics.bounded_buffer:only::no-lost-item:variant=if:c3.a5.d8.c7.b5",
        "c1 is woken, c2 takes the item first, and c1 doesn't look again",
        "",
        (
            "signal(not_empty) by p1 in step 7 woke c1",
            "c2 had changed place from item 1 to None in step 14",
            "before c1 went on in step 17",
            "('item 1', None)",
        ),
    ),
    Row(
        "classics.bounded_buffer:only::deadlock-free:variant=one-condition:c3.d3.a5.b3.c8.d1",
        "the signal of c1, which is meant for a producer, wakes the consumer c2",
        "",
        ("p2 waits for changed", "signal(changed) by c1 in step 21 let c2 go on (step 23)"),
    ),
    Row(
        "classics.clh_lock:only::deadlock-free:variant=own-node:a6",
        "the node is still in the tail when a takes it again: a waits for its own node",
        "",
        ("a, after xchg(tail, 0) = 0 in step 6", "must_wait[0] is True (a, step 5)"),
    ),
    Row(
        "classics.dining_philosophers:only::deadlock-free:variant=left-first:a1.b1.c1.d1",
        "each has its left fork",
        "",
        ("p0 holds fork[0] (since step 1)", "waits for fork[0]", "each waits for the next"),
    ),
    Row(
        "classics.double_checked_locking:only::happens-before-race:variant=plain:a1.b6",
        "a plain look at the flag is ordered by nothing",
        "",
        ("race on there", "read by one in step 1", "write by other in step 7", RACE),
    ),
    Row(
        "classics.double_checked_locking:only::happens-before-race:variant=marked:a6.b2",
        "a marked store of the flag publishes nothing, so the data are not ordered",
        "",
        ("race on data", "write by one in step 4", "read by other in step 8", RACE),
    ),
    Row(
        "classics.double_checked_locking:only::complete:variant=early:a4.b2",
        "the flag is set, and seen, before the data are written",
        "",
        ("one had changed there from False to True in step 4", "read(data) = 0", "in step 5"),
    ),
    Row(
        "classics.double_checked_locking:only::happens-before-race:variant=early:a5.b2",
        "the flag is seen before the data are written",
        "",
        ("race on data", "write by one in step 5", "read by other in step 7", RACE),
    ),
    Row(
        "classics.double_checked_locking:only::built-once:variant=one-check:a1.b7.a6",
        "both saw that nothing was there, and none looks again under the lock",
        CHECK,
        ("other had changed there from False to True in step 6", "one had read False in step 1"),
    ),
    Row(
        "classics.double_checked_locking:only::happens-before-race:variant=one-check:a1.b7.a2",
        "the one builds while the other uses what it has built",
        "",
        ("race on data", "read by other in step 8", "write by one in step 10", RACE),
    ),
    Row(
        "classics.hand_over_hand_list:only::no-lost-node:variant=unlock-first:b3.a7.b7",
        "add-2 lets go of the lock, and the node that it goes to is removed meanwhile",
        CHECK,
        (
            "remove-1 had changed next[0] from 1 to 3 in step 8",
            "after add-2 had read 1 in step 2",
            "add-2 held no lock then",
        ),
    ),
    Row(
        "classics.hash_table_resize:only::no-lost-key:variant=looks-once:b1.a5.c15.b4",
        "a resize comes between the look at the size and the lock of the bucket",
        CHECK,
        (
            "resizer had changed size from 2 to 4 in step 17",
            "after add-3 had read 2 in step 1",
            "write(bucket[1]",
        ),
    ),
    Row(
        "classics.lost_wake_up_futex:only::deadlock-free:variant=forgets:a1.b4.c3.a4.b1",
        "b is woken and takes the lock as 1, so it wakes nobody, and c sleeps",
        "",
        ("c waits for futex", "futex_wake(futex, 1) = 1 by a in step 12 let b go on (step 13)"),
        lacks=("step 14",),
    ),
    Row(
        "classics.lost_wake_up_futex:only::deadlock-free:variant=any-value:a1.b3.a4.b2",
        "the wake-up comes before the sleep, and b sleeps on a lock that is free",
        MISSED,
        ("a took step 8, futex_wake(futex, 1) = 0", "before b waited", "atomic_read(word) = 0"),
    ),
    Row(
        "classics.mcs_lock:only::deadlock-free:variant=no-wait:a4.b4",
        "w0 has seen no successor and leaves, though one has swapped the tail",
        CHECK,
        (
            "w1 had changed next[w0] from None to w1 in step 8",
            "after w0 had read None in step 4",
            "try_cmpxchg_release(tail, 'w0', None) = False",
        ),
    ),
    Row(
        "classics.peterson:only::exclusion:variant=turn-first:a1.b3.a2",
        "t0 gives the turn first, and t1 goes in before t0 says that it wants to",
        "",
        (
            "t0 had changed wanted[0] from False to True in step 5",
            "after t1 had read False in step 4 and gone in",
            "turn = 0 (t1, step 2)",
        ),
    ),
    Row(
        "classics.peterson:only::sum:variant=turn-first:a7.b4.a5.b8",
        "both are inside, and one writes over the other's count",
        LOST,
        ("t0 had changed count from 1 to 2 in step 15", "had read 1 in step 11", "in critical"),
    ),
    Row(
        "classics.peterson:only::data-race:variant=turn-first:a1.b3.a3",
        "both are inside",
        "",
        ("t0 is about to write count", "t1 is about to read it", "in critical"),
    ),
    Row(
        "classics.peterson:only::deadlock-free:variant=no-turn:a1.b1",
        "both want to enter, and each waits for the other",
        "",
        ("wanted[1] is True (t1, step 2)", "wanted[0] is True (t0, step 1)"),
    ),
    Row(
        "classics.rcu_list:only::no-use-after-free:variant=no-grace-period:a2.c3.a1",
        "the node is freed while a reader is in its read-side critical section",
        FREED,
        ("updater had changed old.value from 1 to freed in step 5", "reader0 held rcu then"),
    ),
    Row(
        "classics.rcu_list:only::no-use-after-free:variant=no-read-lock:a1.c4.a1",
        "the reader does not say that it reads, so the grace period does not wait for it",
        FREED,
        ("updater had changed old.value from 1 to freed in step 5", "reader0 held no lock then"),
    ),
    Row(
        "classics.rcu_list:only::happens-before-race:variant=no-grace-period:a3.c3",
        "nothing orders the read and the free",
        "",
        ("race on old.value", "read by reader0 in step 3", "write by updater in step 6", RACE),
    ),
    Row(
        "classics.rcu_list:only::happens-before-race:variant=no-read-lock:a2.c4",
        "nothing orders the read and the free",
        "",
        ("race on old.value", "read by reader0 in step 2", "write by updater in step 6", RACE),
    ),
    *(
        Row(
            f"classics.readers_writers:{scenario}::read-excluded:variant=readers-unlocked:{run}",
            "r0 takes one off a count to which r1 has added: it counts 0, and lets writers in",
            LOST,
            (
                "r1 had changed count[readers] from 1 to 2 in step 10",
                "after r0 had read 1 in step 7",
                "write(count[readers], 0)",
            ),
        )
        for scenario, run in (
            ("readers-first", "a7.b4.a2.c1"),
            ("fair", "a7.b4.a2.c2"),
            ("writers-first", "a7.b4.a2.c6"),
        )
    ),
    *(
        Row(
            f"classics.readers_writers:{scenario}::deadlock-free:variant=readers-unlocked:{run}",
            "both take one off the same count, nobody is the last, and the room stays shut",
            LOST,
            ("w0 waits for room", "after r1 had read 2 in step 11", "from 2 to 1"),
        )
        for scenario, run in (
            ("readers-first", "a5.b6.a2"),
            ("fair", "a5.b6.c1.a2"),
            ("writers-first", "a5.b6.a2.c5"),
        )
    ),
    *(
        Row(
            f"classics.readers_writers:{scenario}::data-race:variant=readers-unlocked:a6.b2",
            "readers count without the lock",
            "",
            ("r0 is about to read count[readers]", "r1 is about to write it"),
        )
        for scenario in ("readers-first", "fair", "writers-first")
    ),
    Row(
        "classics.reusable_barrier:only::all-have-come:variant=one-door:a5.b17",
        "t1 passes the door again, on what was meant for t0",
        "",
        (
            "t0 had changed round[0] from 0 to 1 in step 1",
            "t1 had taken step 21, down(first), after its own up(first)",
            "t0 has not passed that yet",
        ),
    ),
    Row(
        "classics.sleeping_barber:only::deadlock-free:variant=event:b2.c2.d1.a3.b1",
        "the event was set already when c1 set it: two wake-ups count once",
        "",
        ("barber waits for bell", "set(bell) by c1 in step 4 changed nothing", "c1 waits"),
    ),
    Row(
        "classics.sleeping_barber:only::deadlock-free:variant=look-then-sleep:a1.b2.c2",
        "the barber looks, customers come and wake him, and then he sleeps",
        MISSED,
        (
            "after barber had read 0 in step 1 and before it waited",
            "c1 took step 5, wake_up_process(barber.task) = False",
            "before barber waited",
        ),
    ),
    Row(
        "classics.szymanski:only::exclusion:variant=leave-first:a1.c5.a4.c1.a1.b2.c2.b4",
        "t0 takes down its flag, which kept the door shut, and t1 comes in behind t2",
        CHECK,
        ("t0 had changed flag[0] from 4 to 0 in step 12", "t2 had read 4 in step 11"),
    ),
    Row(
        "classics.szymanski:only::deadlock-free:variant=leave-first:a2.b2.c4.b2.a4",
        "t0 takes down its flag, so t1 and t2 never learn that the door is shut",
        "",
        ("flag[0] is 0 (t0, step 14)", "after step 14, WRITE_ONCE(flag[0], 0) by t0"),
    ),
    Row(
        "classics.ticket_lock:only::exclusion:variant=two-steps:a1.b3.a2",
        "w0 and w1 have the same number",
        LOST,
        ("w1 had changed tickets from 0 to 1 in step 3", "w0 had read 0 in step 1", "step 5"),
    ),
    Row(
        "classics.ticket_lock:only::in-order:variant=two-steps:a1.b3.a5.b3.c6",
        "w0 and w1 have the same number",
        LOST,
        ("(0, 0, 1)", "w1 had changed tickets from 0 to 1 in step 3", "w0 had read 0 in step 1"),
    ),
    Row(
        "classics.ticket_lock:only::happens-before-race:variant=two-steps:a1.b4.a4",
        "w0 and w1 have the same number, so both are inside",
        "",
        ("race on served", "read by w1 in step 5", "write by w0 in step 9"),
        lacks=("tickets",),
    ),
    Row(
        "classics.ticket_lock:only::deadlock-free:variant=two-steps:a1.b2.a5",
        "w0 and w1 have the same number, which is called once",
        LOST,
        (
            "w1, after atomic_read(tickets) = 0 in step 2, waits",
            "w1 had changed tickets from 0 to 1 in step 3",
            "w0 had read 0 in step 1",
        ),
    ),
    Row(
        "classics.ticket_lock:only::happens-before-race:variant=relaxed:a5.b3",
        "the call of the next number is no release",
        "",
        ("race on served", "write by w0 in step 4", "read by w1 in step 8", RACE),
    ),
    Row(
        "classics.work_stealing:only::no-early-end:variant=empty-is-end:a4.b16",
        "w1 sees all deques empty while w0 has a task that will push another",
        "",
        ("w0 had changed deque[0] from (0, 1) to (0,)", "w1 had read deque[0] = () in step 19"),
    ),
    Row(
        "classics.work_stealing:only::deadlock-free:variant=work-only:a19.b6",
        "after the last task none comes, and nobody looks at the count",
        "",
        ("left is 0 (w0, step 26)", "deque[0] is ()", "deque[1] is ()"),
    ),
]
