"""Lock algorithms from papers, over atomic words, each with known or planted errors that fail.

Each is checked against its specification, by `Specification` and `refine`; so are two rings that
libvsync has beside its locks. CLH and MCS are those of the classics, as their users call them.

The libvsync set of SV-COMP has six planted errors (open-s4c/libvsync-svcomp, bugs.patch). They are
here: "old-value" of `cas`, "not-initialized" of `clh`, "any-lock" of `hemlock`, "enters" of `twa`,
"moves-first" of `spsc_queue` and "moves-at-once" of `mpmc_queue`.
"""
