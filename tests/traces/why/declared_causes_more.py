"""Runs of the larger model and of the small inputs; `declared_causes` says what a row is.

The larger model has 200 cells that fail. Here is one for every property and declared reason.
"""

from tests.traces.why.declared_causes import ABBA, CHECK, FREED, LOST, TORN, Row

POISONED = "adder-12 had changed page12.flags from None to poison in step"

HOTPLUG = [
    Row(
        "memory_hotplug:add-vs-add:baseline:init-once::a17",
        "v4.19 writes page->pgmap twice: a list pointer first, the pgmap in a second loop",
        "",
        (
            "about to write(page10.pgmap, 'list poison')",
            "in SECOND_LOOP",
            "adder-10 had changed page10.pgmap from poison to list pointer in step 13",
        ),
    ),
    Row(
        "memory_hotplug:add-vs-walker:baseline:no-poison-read::a3.b4",
        "pfn_valid() is true before the page is initialised",
        "",
        (f"{POISONED} 3", "walker had read section12 = 'present' (adder-12, step 3)"),
    ),
    Row(
        "memory_hotplug:add-vs-walker:baseline:data-race::a2.b2",
        "the walker reads with no lock",
        "",
        ("adder-12 is about to write section12", "walker is about to read it", "WALK_PFNS"),
    ),
    Row(
        "memory_hotplug:online-vs-sysfs-online:baseline:present-pages::a2.b4.a2",
        "sysfs .online changes present_pages without mem_hotplug_lock",
        LOST,
        (
            "sysfs_onliner-2 had changed zone.present_pages from 2 to 3 in step 5",
            "onliner-1 was in ONLINE_PAGES and had read 2 in step 2",
        ),
    ),
    Row(
        "memory_hotplug:online-vs-sysfs-online:baseline:data-race::a1.b2",
        "present_pages is written with and without mem_hotplug_lock",
        "",
        ("onliner-1 is about to read zone.present_pages", "sysfs_onliner-2 is about to write it"),
    ),
    Row(
        "memory_hotplug:add-vs-add:duyck:init-inside-span::b13.a6.b4",
        "zone_spans_pfn() reads the span between the two stores of another's resize",
        TORN,
        (
            "adder-10 had changed zone.zone_start_pfn from 12 to 10 in step 19",
            "adder-12 read in step 22",
            "zone.spanned_pages in step 23, before adder-10 changed that",
        ),
    ),
    Row(
        "memory_hotplug:add-vs-add:duyck:writer-excludes-init::a13.b1",
        "pages are initialised with no lock held",
        "",
        (
            "down_write(mem_hotplug_lock)",
            "made possible by adder-10's up_write(mem_hotplug_lock) in step 13",
            "while adder-10 is in INIT_DEVICE_PAGES/page-init",
        ),
    ),
    Row(
        "memory_hotplug:add-vs-add:duyck:sync-point::a13.b1",
        "a writer meets a span that covers pages not initialised yet",
        "",
        (
            "made possible by adder-10's up_write(mem_hotplug_lock) in step 13",
            "adder-10 is in INIT_DEVICE_PAGES/page-init",
            "adder-10 had changed zone.spanned_pages from 0 to 1 in step 9",
        ),
    ),
    Row(
        "memory_hotplug:add-vs-add:duyck:data-race::b15.a5",
        "the span is read with no lock while another adder stores it",
        "",
        ("adder-10 is about to write zone.zone_start_pfn", "adder-12 is about to read it"),
    ),
    Row(
        "memory_hotplug:add-vs-remove:duyck:init-inside-span::a10.b6.a4",
        "the remover doesn't recognise the page and cuts it out of the span",
        "",
        (
            "remover-10 had changed zone.zone_start_pfn from 10 to 0 in step 16",
            "adder-12 held no lock then",
            "remover-10 had read page12.flags = 'poison' (adder-12, step 3) in step 15",
        ),
    ),
    Row(
        "memory_hotplug:add-vs-remove:duyck:zone-span::a10.b5.a4.b5",
        "the remover stores a span that it computed before the page was initialised",
        CHECK,
        (
            "write(zone.spanned_pages, 0) by remover-10",
            "adder-12 had changed page12.flags from zeroed to linked in step 17",
            "had read 'poison' in step 15",
        ),
    ),
    Row(
        "memory_hotplug:add-vs-remove:duyck:no-poison-read::a10.b5",
        "the remover looks at a page in the span that is not initialised yet",
        "",
        (f"{POISONED} 3", "remover-10 had read section12 = 'present' (adder-12, step 3)"),
    ),
    Row(
        "memory_hotplug:add-vs-remove:duyck:data-race::a10.b4",
        "the remover reads page->flags while they are being initialised",
        "",
        ("adder-12 is about to write page12.flags", "remover-10 is about to read it"),
    ),
    Row(
        "memory_hotplug:add-in-hole-vs-remove:duyck:init-inside-span::a9.b8.a4",
        "the remover doesn't recognise the page and moves zone_start_pfn past it",
        "",
        (
            "remover-10 had changed zone.zone_start_pfn from 10 to 14 in step 17",
            "adder-12 held no lock then",
        ),
        lacks=("'poison'",),
    ),
    Row(
        "memory_hotplug:add-vs-reader:duyck:no-poison-read::a10.b5",
        "get_online_mems() excludes writers, and the page is not initialised by one",
        "",
        (f"{POISONED} 3", "reader had read section12 = 'present' (adder-12, step 3)"),
    ),
    Row(
        "memory_hotplug:add-vs-reader:duyck:data-race::a10.b4",
        "a reader of the lock doesn't exclude an adder that does not hold it for writing",
        "",
        ("adder-12 is about to write page12.flags", "reader is about to read it"),
    ),
    Row(
        "memory_hotplug:add-vs-add:hocko:init-inside-span::a5.b8.a2.b7",
        "the span was lost to another adder's store of zone_start_pfn",
        "",
        (
            "adder-10 had changed zone.zone_start_pfn from 12 to 10 in step 15",
            "adder-12 was in RESIZE_ZONE/zone-change",
            "adder-10 had read zone.spanned_pages",
        ),
    ),
    Row(
        "memory_hotplug:add-vs-add:hocko:zone-span::a6.b18.a11",
        "init_currently_empty_zone() stores zone_start_pfn over another's resize",
        CHECK,
        (
            "adder-12 had changed zone.spanned_pages from 0 to 1 in step 15",
            "adder-10 was in RESIZE_ZONE/zone-change and had read 0 in step 6",
            "adder-10 held no lock then",
        ),
    ),
    Row(
        "memory_hotplug:add-vs-add:hocko:highest-pfn::a11.b16.a8",
        "highest_memmap_pfn is read, compared and written with no lock",
        LOST,
        (
            "adder-12 had changed highest_memmap_pfn from 0 to 12 in step 20",
            "had read 0 in step 11",
            "adder-10 held no lock then",
        ),
    ),
    Row(
        "memory_hotplug:add-vs-add:williams-deeper:no-lost-section::a1.b19.a16",
        "sparse_index_init() checks and sets mem_section with no lock",
        CHECK,
        (
            "adder-12 had changed mem_section from None to array in step 3",
            "had read None in step 1",
            "adder-10 held no lock then",
        ),
    ),
    Row(
        "memory_hotplug:add-vs-add:williams-deeper:data-race::a1",
        "sparse_index_init() stores with no lock",
        "",
        ("adder-10 is about to write mem_section", "adder-12 is about to read it"),
    ),
    Row(
        "memory_hotplug:add-in-hole-vs-remove:williams-deeper:sync-point::b1.a2",
        "a section in a hole of the span is valid before its page is initialised",
        "",
        ("section12 from None to present", "remover-10 is in SHRINK_ZONE/zone-change"),
    ),
    Row(
        "memory_hotplug:add-in-hole-vs-remove:williams-deeper:no-poison-read::a2.b5",
        "the section is valid, and in a hole of the span, before the adder has the lock",
        "",
        (f"{POISONED} 2", "remover-10 had read section12 = 'present' (adder-12, step 2)"),
    ),
    Row(
        "memory_hotplug:add-vs-add:williams-rwsem-gap:sync-point::a13.b1",
        "a writer gets in between up_write and down_read, and the page is not initialised yet",
        "",
        (
            "adder-12 breaks it in step 14: down_write(mem_hotplug_lock)",
            "made possible by adder-10's up_write(mem_hotplug_lock) in step 13",
            "zone.spanned_pages from 0 to 1 in step 9",
        ),
    ),
]

INPUTS = [
    Row(
        "silent_require.py:only::never-true::a1",
        "the requirement is never true",
        "",
        ("a fails requirement never-true", "after step 1"),
    ),
    Row("silent_assert.py:only::assertions::a2", "it is never true", "", ("read(x) = 1",)),
    Row(
        "silent_misuse.py:only::no-misuse::a1",
        "a lock is let go that nobody holds",
        "",
        ("mutex_unlock(m) by a", "which nobody holds"),
    ),
    Row(
        "race_semaphore.py:only::data-race::-",
        "the two blocks come in by a semaphore of two",
        "",
        ("a is about to write x", "b is about to write it"),
    ),
    Row(
        "race_seqcount.py:only::data-race::-",
        "a seqcount excludes no other writer",
        "",
        ("a is about to write x", "b is about to write it"),
    ),
    Row(
        "race_seqcount.py:only::data-race:around=no:-",
        "a seqcount excludes no other writer",
        "",
        ("a is about to write x", "b is about to write it"),
    ),
    Row(
        "race_place_zero.py:only::data-race::a2.b1",
        "the server writes again in its next round",
        "",
        ("server is about to write c", "client is about to write it"),
    ),
    Row(
        "race_place_zero.py:only::data-race:first=no:a3.b1",
        "the server writes again in its next round",
        "",
        ("server is about to write c", "client is about to write it"),
    ),
    Row(
        "race_place_zero2.py:only::data-race::b4",
        "both write with no lock",
        "",
        ("x is about to write c", "y is about to write it"),
    ),
    Row(
        "mp_litmus.py:only::happens-before-race::a2.b2",
        "a marked store publishes nothing",
        "",
        ("race on data", "write by sender in step 1", "read by receiver in step 4"),
    ),
    Row(
        "vacuous_hides.py:only::good::a2",
        "nothing ever writes x",
        "",
        ("by one in step 2", "is the last step"),
    ),
    Row("lean_vacuous.py:only::bad::a1", "one writes", "", ("x from 0 to 1", "in step 1")),
    Row("vac.py:before::good::a1", "it is not on line", "", ("READ_ONCE(online) = False",)),
    Row(
        "empty_name.py:only::deadlock-free:name=x:a1",
        "a thread ends with the lock",
        "",
        ("want waits for lock", "x, which has ended, still holds (since step 1)"),
    ),
    Row(
        "empty_name.py:only::locks-released:name=x:a1",
        "a thread ends with the lock",
        "",
        ("x ends after step 1", "still holds lock (since step 1)", "taken at"),
    ),
    Row("same_name.py:only::differ::a2", "a and x are the same", "", ("WRITE_ONCE(a, 1) by a",)),
    Row(
        "pypy_lock_release.py:only::not-freed::a3.b5.a1",
        "t2 takes and frees the lock between the release by t1 and its signal",
        FREED,
        (
            "t2 had changed lock from allocated to freed in step 8",
            "between t1's steps 3 and 9",
            "t1 held no lock then",
        ),
    ),
    Row(
        "requeue_for_ever.py:only::deadlock-free::-",
        "no thread of the system holds the lock, so none lets it go",
        "",
        ("w1 waits for lock, held from the start by gone", "w2 waits for lock"),
    ),
    Row(
        "assert_in_finally.py:only::assertions::a1",
        "the assertion is false",
        "",
        ("server fails an assertion", "READ_ONCE(x) = 0"),
    ),
    Row(
        "assert_in_finally.py:only::one:by=require:a1",
        "the requirement is not met",
        "",
        ("server fails requirement one", "READ_ONCE(x) = 0"),
    ),
    Row(
        "at_end_daemon.py:only::end::a1.b~1.b1",
        "the daemon is between its two writes when all others have ended",
        "",
        ("WRITE_ONCE(x, 0) by daemon in step 3", "the last to write x"),
    ),
    Row(
        "at_end_daemon.py:only::finished::a1.b~1.b1",
        "the daemon is between its two writes when all others have ended",
        "",
        ("daemon breaks it in step 3", "x from 1 to 0"),
    ),
    Row(
        "hang_diagnosis.py:only::fresh::b2.a2.b1",
        "the reader reads y before and x after the writer writes x",
        "",
        ("writer had changed x from 0 to 3 in step 4", "between reader's steps 2 and 5"),
    ),
    Row(
        "hang_deadlock.py:only::deadlock-free::a1.b1",
        "each holds what the other waits for",
        ABBA,
        ("ab holds a (since step 1) and waits for b", "ba holds b (since step 2) and waits for a"),
    ),
    Row(
        "held_at_start.py:only::deadlock-free::-",
        "the firmware never lets the lock go",
        "",
        ("a waits for lock, held from the start by firmware",),
    ),
    Row(
        "leak_lock.py:only::locks-released::a3.b2",
        "second returns early, and leaves the lock locked",
        "",
        ("second ends after step 5", "still holds m (since step 4)", "taken at leak_lock.py:24"),
    ),
    Row(
        "barrier_spin_vs_wait.py:wait::deadlock-free::a1.b2.a2",
        "t0 comes to the next round before t1 sets the count to 0, so it is not counted there",
        "",
        ("atomic_add_return(count, 1) = 3 by t0", "t0 waits for sense", "t1 waits for sense"),
        lacks=("from 3 to 0",),
    ),
    Row(
        "barrier_spin_vs_wait.py:spin::can-end::a1.b2.a2",
        "t0 comes to the next round before t1 sets the count to 0, so it is not counted there",
        "",
        ("t0 repeats step 8 forever", "after step 5 no run comes to its end"),
        lacks=("from 3 to 0",),
    ),
    Row(
        "genmc_spin_liveness.py:only::can-end:loop=flag:b1",
        "run looked at y before main raised it, so nobody raises x",
        "",
        ("main repeats step 3 forever", "READ_ONCE(x) = 0", "after step 1 no run comes"),
        lacks=("READ_ONCE(y) = 0",),
    ),
    Row(
        "spin_never.py:only::can-end::-",
        "four additions never reach five",
        "",
        ("waiter repeats step 5 forever", "atomic_read(total) = 4", "from the start no run"),
    ),
]
