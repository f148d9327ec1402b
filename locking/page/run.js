// A run, read out of the document: its events, and the state after each of them.

/** The run of this number, with what it needs of the shared tables. */
function runOf(doc, number) {
  const plain = doc.runs[number];
  const system = doc.systems[plain.system];
  const now = system.in.map((names) => names);
  let step = 0;
  let part = 0;
  const events = plain.events.map((which) => {
    const { call, ...event } = doc.events[which];
    const [text, object, site, caller, helper] = doc.calls[call];
    const joined = Boolean(event.joined);
    if (!joined) step += 1;
    part = joined ? part + 1 : 1;
    const from = now[event.thread];
    now[event.thread] = event.in ?? [];
    return { locals: [], ...event, in: event.in ?? [], from, step, part, text, object, site, caller, helper, joined };
  });
  const held = events.map(() => []);
  const first = [];
  for (const [at, which] of plain.locks) (at < 0 ? first : held[at]).push(doc.holdings[which]);
  return {
    events, held, first, steps: step,
    threads: system.threads, objects: doc.objects[system.objects], start: system.start,
    places: system.places.map((at) => doc.places[at]), inside: system.in, doc, states: [],
  };
}

/** The state after event `at`, -1 being the start: values, places, sections, locks. */
function stateAt(run, at) {
  const { states } = run;
  if (!states.length) states.push(startOf(run));
  while (states.length <= at + 1) states.push(after(run, states[states.length - 1], states.length - 1));
  return states[at + 1];
}

function startOf(run) {
  const locks = new Map(run.first.map(([name, holders, waiters]) => [name, { holders, waiters }]));
  return { values: [...run.start], places: run.places, inside: run.inside, locks, changed: new Map() };
}

function after(run, before, at) {
  const event = run.events[at];
  const { values, places, inside, locks } = before;
  const next = { values, places, inside: [...inside], locks, changed: new Map() };
  next.inside[event.thread] = event.in;
  if (event.then !== undefined) {
    next.places = [...places];
    next.places[event.thread] = run.doc.places[event.then];
  }
  if (event.change) {
    const object = run.objects.indexOf(event.object);
    next.values = [...values];
    next.values[object] = event.change[1];
    next.changed.set(object, event.change[0]);
  }
  if (run.held[at].length) {
    next.locks = new Map(locks);
    for (const [name, holders, waiters] of run.held[at]) next.locks.set(name, { holders, waiters });
  }
  return next;
}

/** The locks that somebody holds or waits for at some time, in the order of the objects. */
function locksOf(run) {
  const seen = new Set([run.first, ...run.held].flat().map(([name]) => name));
  return run.objects.filter((name) => seen.has(name));
}

/** The threads that take a step or wait, by number. */
function lanesOf(run) {
  const acting = new Set(run.events.map((event) => event.thread));
  const waiting = new Set([run.first, ...run.held].flat().flatMap(([, , waiters]) => waiters));
  return run.threads.map((_, at) => at).filter((at) => acting.has(at) || waiting.has(run.threads[at]));
}

/** The object that a thread waits for in a state, or nothing. */
function waitsFor(run, state, thread) {
  const name = run.threads[thread];
  for (const [lock, { waiters }] of state.locks) if (waiters.includes(name)) return lock;
  return null;
}

/** Where a thread stands, in words. */
function standing(run, state, thread) {
  const place = state.places[thread];
  const failed = place.failed?.join(', ');
  if (place.stopped) return `stopped: ${failed}`;
  const lock = waitsFor(run, state, thread);
  const waits = lock && `waits for ${lock}${heldBy(state, lock, run.threads[thread])}`;
  return `${waits || (place.next ? `next ${place.next}` : 'ended')}${failed ? `; ${failed}` : ''}`;
}

/** Who holds a lock, as the end of a sentence. */
function heldBy(state, lock, waiter) {
  const names = state.locks.get(lock).holders.map(([name]) => (name === waiter ? 'itself' : name));
  return names.length ? `, held by ${fewNames([...new Set(names)])}` : '';
}

/** What an event did, in one line: what came of it and what changed. */
function told(event) {
  const result = event.result === undefined ? '' : event.text === 'choose' ? ` → ${event.result}` : ` = ${event.result}`;
  return event.text + result;
}

/** What an event changed, each in one line. */
function changes(event) {
  const found = event.locals.map(([name, value]) => `${name} = ${value}`);
  if (event.change && !event.change[2]) found.unshift(`${event.change[0]} → ${event.change[1]}`);
  if (event.queued) found.unshift('waits in the queue');
  return found;
}

/** How many names of two lists are the same, from the first on. */
function shared(one, other) {
  let count = 0;
  while (count < one.length && one[count] === other[count]) count += 1;
  return count;
}

const ONE_BY_ONE = 3; // threads of one kind that are named

/** Who holds a lock, in which mode, and who waits for it; more than a `few` of one kind are counted. */
function lockWords({ holders, waiters }, few = ONE_BY_ONE) {
  const modes = [...new Set(holders.map(([, mode]) => mode))];
  return [
    ...modes.flatMap((mode) => together(mode === 'held by' ? '' : mode, holders.filter(([, each]) => each === mode).map(([who]) => who), few)),
    ...together('waits:', waiters, few),
  ];
}

function together(word, names, few = ONE_BY_ONE) {
  if (names.length <= few) return names.map((who) => `${word} ${who}`.trim());
  return [word === 'read' ? `${names.length} readers` : word === 'waits:' ? `${names.length} wait` : `${names.length} ${word}`];
}

const HOLDS = { 'held by': 'is held by', read: 'is held for reading by', write: 'is held for writing by' };

/** The same as the end of a sentence that begins with the lock's name. */
function lockClauses({ holders, waiters }) {
  const modes = [...new Set(holders.map(([, mode]) => mode))];
  const named = (names) => (names.length > ONE_BY_ONE ? counted(names.length, 'thread') : names.join(', '));
  return [
    ...modes.map((mode) => `${HOLDS[mode] ?? `is held (${mode}) by`} ${named(holders.filter(([, each]) => each === mode).map(([who]) => who))}`),
    ...(waiters.length ? [`has ${named(waiters)} waiting`] : []),
  ];
}

/** The step of an event as the address names it: its number, and which part of an atomic block. */
function stepName(event) {
  return event ? `${event.step}${event.joined ? `.${event.part}` : ''}` : '0';
}

/** The event that a name of the address stands for; -1 is the start, undefined is none. */
function eventNamed(run, name) {
  if (name === '0') return -1;
  const found = run.events.findIndex((event) => stepName(event) === name);
  return found < 0 ? undefined : found;
}

/** The events at which another thread than before goes on. */
function switchesOf(run) {
  return run.events.flatMap((event, at) => (at && event.thread !== run.events[at - 1].thread ? [at] : []));
}
