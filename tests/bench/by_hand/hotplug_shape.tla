\* textbook.hotplug_shape as one would write it for TLC by hand: N threads, P pages of each.
---- MODULE hotplug_shape ----
EXTENDS Naturals

CONSTANTS N, P
VARIABLES place, s, e, start, end, writer, readers

Threads == 0 .. N - 1
vars == <<place, s, e, start, end, writer, readers>>

Init == /\ place = [me \in Threads |-> 0]
        /\ s = [me \in Threads |-> 0]
        /\ e = [me \in Threads |-> 0]
        /\ start = N /\ end = 0
        /\ writer = FALSE /\ readers = 0

At(me, here, there) == place[me] = here /\ place' = [place EXCEPT ![me] = there]

WriteLock(me) == At(me, 0, 1) /\ ~writer /\ readers = 0 /\ writer' = TRUE
                 /\ UNCHANGED <<s, e, start, end, readers>>
LoadStart(me) == At(me, 1, 2) /\ s' = [s EXCEPT ![me] = start]
                 /\ UNCHANGED <<e, start, end, writer, readers>>
LoadEnd(me) == At(me, 2, 3) /\ e' = [e EXCEPT ![me] = end]
               /\ UNCHANGED <<s, start, end, writer, readers>>
StoreStart(me) == At(me, 3, 4) /\ start' = (IF s[me] < me THEN s[me] ELSE me)
                  /\ UNCHANGED <<s, e, end, writer, readers>>
StoreEnd(me) == At(me, 4, 5) /\ end' = (IF e[me] > me + 1 THEN e[me] ELSE me + 1)
                /\ UNCHANGED <<s, e, start, writer, readers>>
WriteUnlock(me) == At(me, 5, 6) /\ writer' = FALSE
                   /\ UNCHANGED <<s, e, start, end, readers>>
ReadLock(me) == At(me, 6, 7) /\ ~writer /\ readers' = readers + 1
                /\ UNCHANGED <<s, e, start, end, writer>>
StorePage(me) == /\ place[me] \in 7 .. P + 6
                 /\ place' = [place EXCEPT ![me] = @ + 1]
                 /\ UNCHANGED <<s, e, start, end, writer, readers>>
ReadUnlock(me) == At(me, P + 7, P + 8) /\ readers' = readers - 1
                  /\ UNCHANGED <<s, e, start, end, writer>>

Next == \E me \in Threads :
    \/ WriteLock(me) \/ LoadStart(me) \/ LoadEnd(me) \/ StoreStart(me) \/ StoreEnd(me)
    \/ WriteUnlock(me) \/ ReadLock(me) \/ StorePage(me) \/ ReadUnlock(me)
====
