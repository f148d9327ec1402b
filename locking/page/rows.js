// The rows of a run: steps one by one, turns that are folded, rounds that are repeated.

const LONG = 20; // events from which on a run is folded, as in the terminal
const FEWEST = 3; // events in a row that are worth a fold
const ROUND = 64; // events of the longest round that is looked for
const REPEATED = 4; // times that a round must come to be folded

/** The rows of `run`; `mode` is all, folded or needed; what is in `opened` is not folded.
 * The steps of threads that are `hidden` are always. */
function rowsOf(run, needed, mode, opened, hidden) {
  const rows = [{ kind: 'start', from: -1, to: -1 }];
  const put = (kind, from, to, more = {}) => rows.push({ kind, from, to, ...more });
  const one = (at) => put('step', at, at);
  const rounds = mode === 'folded' ? roundsOf(run) : [];
  for (let at = 0, next = 0; at < run.events.length;) {
    while (next < rounds.length && rounds[next].from < at) next += 1;
    const round = rounds[next];
    if (round?.from === at && !opened.has(at)) {
      put('rounds', at, round.to, round);
      at = round.to + 1;
      continue;
    }
    if (hidden.has(run.events[at].thread)) {
      let end = at;
      while (end + 1 < run.events.length && hidden.has(run.events[end + 1].thread)) end += 1;
      put('fold', at, end, { hidden: true });
      at = end + 1;
      continue;
    }
    const end = mode === 'all' || needed.has(at) ? at : turnEnd(run, needed, mode, at, round?.from ?? Infinity, hidden);
    const many = end - at + 1 >= (mode === 'needed' ? 1 : FEWEST);
    if (many && mode !== 'all' && !needed.has(at) && !opened.has(at)) put('fold', at, end);
    else for (let each = at; each <= end; each += 1) one(each);
    at = end + 1;
  }
  return rows;
}

/** The last event of those from `at` on that a fold takes together: of one turn, if all are shown. */
function turnEnd(run, needed, mode, at, before, hidden) {
  const { thread } = run.events[at];
  let end = at;
  while (end + 1 < Math.min(run.events.length, before) && !needed.has(end + 1)
    && (mode === 'needed' ? !hidden.has(run.events[end + 1].thread) : run.events[end + 1].thread === thread)) end += 1;
  return end;
}

/** Rounds that come again and again: the first and the last are left, and those between are one row. */
function roundsOf(run) {
  const { events } = run;
  const kinds = new Map();
  const keys = events.map(({ thread, text, object, joined }) => {
    const key = `${thread} ${joined} ${text.split('(')[0]} ${object}`;
    if (!kinds.has(key)) kinds.set(key, kinds.size);
    return kinds.get(key);
  });
  const found = [];
  for (let at = 0; at < keys.length;) {
    const best = longestRound(keys, at);
    if (!best) at += 1;
    else {
      found.push({ from: at + best.period, to: at + best.period * (best.times - 1) - 1, period: best.period, times: best.times - 2 });
      at += best.period * best.times;
    }
  }
  return found;
}

/** The shortest round that begins at `at` and comes often enough. */
function longestRound(keys, at) {
  for (let period = 1; period <= ROUND && at + period * REPEATED <= keys.length; period += 1) {
    let same = 0;
    while (at + period + same < keys.length && keys[at + same] === keys[at + period + same]) same += 1;
    const times = Math.floor(same / period) + 1;
    if (times >= REPEATED && (times - 2) * period >= FEWEST) return { period, times };
  }
  return null;
}

/** What a row says that stands for many events. */
function foldText(run, row) {
  const first = run.events[row.from];
  const last = run.events[row.to];
  const numbers = first.step === last.step ? `step ${first.step}` : `steps ${first.step}–${last.step}`;
  if (row.kind === 'rounds') {
    const round = Array.from({ length: row.period }, (_, at) => run.events[row.from + at]);
    const who = [...new Set(round.map(({ thread }) => run.threads[thread]))];
    return `${numbers}: the same ${counted(row.period, 'operation')} of ${fewNames(who)}, × ${row.times}${sums(run, row)}`;
  }
  const threads = [...new Set(run.events.slice(row.from, row.to + 1).map(({ thread }) => thread))];
  if (threads.length > 1) return `${numbers} of ${fewNames(threads.map((each) => run.threads[each]))}`;
  const through = passed(run, row);
  return `${numbers} of ${run.threads[first.thread]}${through.length ? `, through ${through.join(', ')}` : ''}${sums(run, row)}`;
}

/** The sections that are entered and left in a fold. */
function passed(run, { from, to }) {
  const entered = new Set();
  const found = new Set();
  for (const event of run.events.slice(from, to + 1)) {
    for (const name of event.in) if (!event.from.includes(name)) entered.add(name);
    for (const name of event.from) if (!event.in.includes(name) && entered.has(name)) found.add(name);
  }
  return [...found];
}

const SUMMED = 4; // objects that a fold says the values of

/** What became of values in a fold. */
function sums(run, { from, to }) {
  const found = new Map();
  for (const { change, queued, object } of run.events.slice(from, to + 1)) {
    if (change && !change[2] && !queued) found.set(object, [found.get(object)?.[0] ?? change[0], change[1]]);
  }
  const all = [...found].filter(([, [old, now]]) => old !== now).map(([name, [old, now]]) => `${name} ${old} → ${now}`);
  const more = all.length > SUMMED ? [`${all.length - SUMMED} more`] : [];
  return all.length ? `: ${[...all.slice(0, SUMMED), ...more].join('; ')}` : '';
}
