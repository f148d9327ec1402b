#!/bin/sh
# Record a trace in which the rules of a placement can be checked. Run it as root:
#
#   sh record.sh check          say which functions can be probed here
#   sh record.sh start          set up the probes and record
#   ...                         now do what takes the locks
#   sh record.sh stop FILE      stop, write FILE.txt (as ftrace has it) and FILE.csv, clean up
#
# TRACEFS is where tracefs is mounted (/sys/kernel/tracing), KALLSYMS a list of symbols
# (/proc/kallsyms), BUFFER_KB the size of the buffer of each processor (16384).
set -eu

TRACEFS=${TRACEFS:-/sys/kernel/tracing}
KALLSYMS=${KALLSYMS:-/proc/kallsyms}
BUFFER_KB=${BUFFER_KB:-16384}
GROUP=locking
INSTANCE=$TRACEFS/instances/$GROUP

# One line an event: its name, where in the function, the function, the symbol whose address must be
# the first argument (or -), whether a lock is watched by it, and what to note.
probes() {
    cat <<'PROBES'
@PROBES@
PROBES
}

die() {
    echo "record.sh: $*" >&2
    exit 2
}

need_tracefs() {
    [ -e "$TRACEFS/kprobe_events" ] || die "no kprobe_events in $TRACEFS: mount it by \
'mount -t tracefs nodev $TRACEFS', as root; the kernel needs CONFIG_KPROBE_EVENTS"
}

# The function as the kernel calls it, or its only clone: compilers add .isra.0 or .constprop.0 to the
# name of one whose arguments they changed. A part that was split off (.part.0, .cold) is not it.
known_as() { # FUNCTION SYMBOL
    # It may be there and not be readable, even for root, where the kernel is locked down.
    if head -n 1 "$TRACEFS/available_filter_functions" >/dev/null 2>&1; then
        cut -d' ' -f1 "$TRACEFS/available_filter_functions"
    else
        awk '$2 == "t" || $2 == "T" { print $3 }' "$KALLSYMS"
    fi | awk -v name="$1" -v symbol="$2" '
        $0 == name { exact = $0 }
        index($0, name ".") == 1 && $0 !~ /\.(cold|part)/ { clone = $0; clones++ }
        END { if (exact != "") print exact; else if (clones == 1 && symbol == "-") print clone }'
}

address_of() {
    awk -v name="$1" '$3 == name && $1 !~ /^0+$/ { print "0x" $1; exit }' "$KALLSYMS"
}

absent() { # EVENT FUNCTION LOCK
    echo "not here: $2, for the event $1"
    echo "  It is inlined, or not built in, or notrace, as __init and __meminit functions are: no"
    echo "  kprobe event can be set on those. Look for a caller in"
    echo "  $TRACEFS/available_filter_functions, and for the offset of the call or of the inlined"
    echo "  code by 'objdump -dr --no-show-raw-insn vmlinux' or 'perf probe -L'; give the event the"
    echo "  caller as its function in the table, and at = \"+OFFSET\"."
    if [ "$3" = lock ]; then
        echo "  Without it the lock can't be watched, so there is no verdict."
    else
        echo "  Or leave its row in [probes] out of the table: then it is not judged. A table that"
        echo "  has the row takes it for recorded, and what is not seen of it for not done."
    fi
}

# What can't be probed here is said; the status is 1 if a lock can't be watched.
check() {
    probes | {
        status=0
        while read -r event at function symbol lock fetch; do
            if [ -z "$(known_as "$function" "$symbol")" ]; then
                absent "$event" "$function" "$lock"
                [ "$lock" = lock ] && status=1
            elif [ "$symbol" != - ] && [ -z "$(address_of "$symbol")" ]; then
                echo "not here: the address of $symbol, for the event $event"
                echo "  Run this as root, with kernel.kptr_restrict at most 1; the kernel needs"
                echo "  CONFIG_KALLSYMS_ALL."
                status=1
            else
                echo "ok: $event at $at of $function"
            fi
        done
        return $status
    }
}

# The arguments of a kprobe event are separated by spaces, so $fetch is not quoted.
add_probe() { # EVENT AT FUNCTION SYMBOL FETCH...
    event=$1 at=$2 function=$3 symbol=$4
    shift 4
    case $at in
    entry) set -- "p:$GROUP/$event" "$function" "$@" ;;
    # A function that sleeps is under way in many tasks at once: 256 of its returns are kept.
    return) set -- "r256:$GROUP/$event" "$function" "$@" ;;
    *) set -- "p:$GROUP/$event" "$function$at" "$@" ;;
    esac
    if [ "$symbol" != - ] && [ "$at" = entry ]; then
        # shellcheck disable=SC2016
        set -- "$@" 'sem=$arg1:symbol'
    fi
    echo "$*" >>"$TRACEFS/kprobe_events" || die "the kernel refuses the probe: $*"
    if [ "$symbol" != - ] && [ "$at" = entry ]; then
        echo "sem == $(address_of "$symbol")" >"$INSTANCE/events/$GROUP/$event/filter"
    fi
}

start() {
    need_tracefs
    check >&2 || die "a lock can't be watched, so nothing is recorded"
    [ ! -d "$INSTANCE" ] || die "a recording is under way; end it by 'sh record.sh stop FILE'"
    mkdir "$INSTANCE"
    echo 0 >"$INSTANCE/tracing_on"
    probes | while read -r event at function symbol lock fetch; do
        name=$(known_as "$function" "$symbol")
        [ "$name" = "$function" ] || fetch=  # the arguments of a clone are others
        # shellcheck disable=SC2086
        [ -z "$name" ] || add_probe "$event" "$at" "$name" "$symbol" $fetch
    done || {
        clean_up
        exit 2
    }
    # The clock is one for all processors, so that events of two of them are in order.
    echo mono >"$INSTANCE/trace_clock"
    echo "$BUFFER_KB" >"$INSTANCE/buffer_size_kb"
    echo 1 >"$INSTANCE/events/$GROUP/enable"
    echo 1 >"$INSTANCE/tracing_on"
    echo "recording; now do what takes the locks, then: sh record.sh stop FILE"
}

# Events that were lost leave holes in which anything may have happened: those that found no room in
# the buffer, and the returns of functions of which more than 256 were under way.
lost_events() {
    {
        cat "$INSTANCE"/per_cpu/*/stats 2>/dev/null || true
        probes | awk '{ print "probe " $1 }'
        cat "$TRACEFS/kprobe_profile" 2>/dev/null || true
    } | awk '
        $1 == "probe" { ours[$2] = 1; next }
        /^(overrun|commit overrun|dropped events):/ { lost += $NF }
        $1 in ours { lost += $3 }
        END { print lost + 0 }'
}

clean_up() {
    [ ! -e "$INSTANCE/events/$GROUP/enable" ] || echo 0 >"$INSTANCE/events/$GROUP/enable"
    rmdir "$INSTANCE" || die "$INSTANCE can't be removed; is some file of it open?"
    probes | while read -r event rest; do
        if grep -q "[:/]$event " "$TRACEFS/kprobe_events"; then
            echo "-:$GROUP/$event" >>"$TRACEFS/kprobe_events"
        fi
    done
}

# Lines of the trace as rows: a return of a function that also takes other locks is kept only if the
# task entered it for the right one.
rows() {
    echo "src_line,ts_s,cpu,task,pid,event,args"
    { probes; echo TRACE; cat "$1"; } | awk '
        $0 == "TRACE" { body = 1; next }
        !body { if ($4 != "-") { name[$1] = $4; if ($2 == "entry") opens[$1] = $3; else closes[$1] = $3 }; next }
        { line++ }
        !match($0, /-[0-9]+ +\[[0-9]+\] [^:]*[0-9]+\.[0-9]+: [A-Za-z0-9_]+: \(/) { next }
        {
            task = substr($0, 1, RSTART - 1); sub(/^ +/, "", task)
            rest = substr($0, RSTART + 1)
            n = split(rest, word, /[ :]+/)
            pid = word[1]; cpu = word[2]; gsub(/[^0-9]/, "", cpu)
            for (i = 3; i <= n; i++) if (word[i] ~ /^[0-9]+\.[0-9]+$/) break
            seconds = word[i]; event = word[i + 1]
            if (event in opens) entered[pid, opens[event]] = 1
            if (event in closes) {
                if (!((pid, closes[event]) in entered)) next
                delete entered[pid, closes[event]]
            }
            args = rest; sub(/^[^(]*\([^)]*\) ?/, "", args)
            if (event in closes) args = args (args == "" ? "" : " ") "sem=" name[event]
            gsub(/"/, "\"\"", args); gsub(/"/, "\"\"", task)
            printf "%d,%s,%d,\"%s\",%s,%s,\"%s\"\n", line, seconds, cpu, task, pid, event, args
        }'
}

stop() { # FILE
    need_tracefs
    [ -d "$INSTANCE" ] || die "nothing is recorded; begin by 'sh record.sh start'"
    echo 0 >"$INSTANCE/tracing_on"
    lost=$(lost_events)
    cat "$INSTANCE/trace" >"$1.txt"
    rows "$1.txt" >"$1.csv"
    clean_up
    echo "$1.csv has $(($(wc -l <"$1.csv") - 1)) events"
    [ "$lost" = 0 ] || die "$lost events were lost; record again with more than BUFFER_KB=$BUFFER_KB"
}

case ${1:-} in
check) need_tracefs && check ;;
start) start ;;
stop) stop "${2:?say where to: sh record.sh stop FILE}" ;;
*) die "say check, start or stop; the head of this file says more" ;;
esac
