"""What one round of a seqlock reader leaves to the next: a real kernel bug, as it is written."""

from locking import (
    Model,
    Record,
    Seqlock,
    System,
    Thread,
    data_race_free,
    deadlock_free,
    require,
    required,
    retry,
)

span_seqlock = Seqlock("span_seqlock")
zone = Record("zone", zone_start_pfn=10, spanned_pages=4)


async def resize_zone_range():
    async with span_seqlock.write():
        await zone.zone_start_pfn.WRITE_ONCE(8)
        await zone.spanned_pages.WRITE_ONCE(6)


async def page_outside():
    ret = 0

    async def attempt():
        nonlocal ret
        seq = await span_seqlock.read_seqbegin()
        start = await zone.zone_start_pfn.READ_ONCE()
        spanned = await zone.spanned_pages.READ_ONCE()
        if not start <= 12 < start + spanned:
            ret = 1
        return None if await span_seqlock.read_seqretry(seq) else (start, spanned)

    await retry(attempt)
    require(ret == 0, "inside", ret=ret)


MODEL = Model(
    "b24r",
    "?",
    lambda _: System(
        [span_seqlock, zone],
        [Thread("resizer", resize_zone_range), Thread("checker", page_outside)],
        [required("inside", "?"), data_race_free(), deadlock_free()],
    ),
)
