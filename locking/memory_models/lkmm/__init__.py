"""The Linux-kernel memory model, axiom by axiom, in our own words.

Its source is Alglave, Maranget, McKenney, Parri, Stern, *Frightening small children and
disconcerting grown-ups: Concurrency in the Linux kernel* (ASPLOS 2018), with what was added to it
until Linux 6.12 (tools/memory-model/Documentation/explanation.txt). Names are theirs.
"""
