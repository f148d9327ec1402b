/* textbook.hotplug_shape as one would write it for SPIN by hand: N threads, P pages of each. */

byte start = N, end = 0;
bit writer = 0;
byte readers = 0;
bit page[N * P];

proctype adder(byte me) {
    byte s, e, at;
    atomic { !writer && readers == 0 -> writer = 1 }
    s = start;
    e = end;
    start = (s < me -> s : me);
    end = (e > me + 1 -> e : me + 1);
    writer = 0;
    atomic { !writer -> readers++ }
    do
    :: atomic { at < P -> page[me * P + at] = 1; at++ }
    :: atomic { at == P -> readers--; break }
    od
}

/* Steps are joined where it changes nothing that others can see: a page and the count of it. */
init {
    byte me;
    atomic { do :: me < N -> run adder(me); me++ :: else -> break od }
}
