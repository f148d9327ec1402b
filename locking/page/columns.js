// Which columns a run has at a width: a lane for each thread, or one list for all of them.

const MOST_LANES = 6; // more threads than that stand in one list
const MOST_LOCKS = 3; // more locks than that have no columns in a list, if none is asked for
const NARROWEST = { lane: 168, what: 300, lock: 108, value: 92, step: 84, who: 64 };
const WIDEST = { lock: 176, who: 190 };
const ROOMY = { lane: 300, what: 480 }; // pixels with which columns beside may be wide
const BESIDE_LOCK = 36; // pixels that bars take from a lock's column
const PHONE = 520;

const SIGNS = { digit: 8, turn: 15, dot: 11, again: 13, badge: 19 }; // pixels that each takes in the column of steps
const NAMES_AT_MOST = 3.75; // on a narrow screen names of threads take no more of it than one in so many

/** Pixels that the widest of the column of steps takes: its number, its signs, and the facts that speak of it. */
function stepRoom(run, shown) {
  const turns = new Set(switchesOf(run));
  const signs = run.events.map((_, at) => (turns.has(at) ? SIGNS.turn : 0) + (shown.marked.has(at) ? SIGNS.dot : 0)
    + (shown.cycle.has(at) ? SIGNS.again : 0) + (shown.facts.get(at)?.length ?? 0) * SIGNS.badge);
  return String(run.steps).length * SIGNS.digit + signs.reduce((most, each) => Math.max(most, each), 0);
}

/** The column of a lock, as wide as its lines need, or as `narrow` as its longest name. */
function lockColumn(run, name, letter, narrow) {
  const words = [run.first, ...run.held].flat().filter(([each]) => each === name).flatMap(([, holders, waiters]) => lockWords({ holders, waiters }));
  const longest = Math.max(...words.flatMap((text) => (narrow ? text.split(' ') : text)).map((text) => text.length), 0);
  return { kind: 'lock', name, width: Math.min(Math.max(longest * letter + BESIDE_LOCK, NARROWEST.lock), WIDEST.lock) };
}

/** The columns of `run`: each with its kind, its name, and its width in pixels; `room` is what steps take, `letter` a sign.
 * `inline` are the locks that have none, of which the steps speak. */
function columnsOf(run, { hidden, values, locks: asked }, width, room, letter) {
  const lanes = lanesOf(run).filter((lane) => !hidden.has(run.threads[lane]));
  const locks = locksOf(run);
  const wanted = locks.filter((name) => asked.get(name) !== false);
  const shown = values.filter((name) => run.objects.includes(name) && !locks.includes(name));
  const phone = width < PHONE;
  const step = { kind: 'step', name: 'step', width: Math.max(room + (phone ? 8 : 18), NARROWEST.step - (phone ? 20 : 0)) };
  const extra = shown.map((name) => ({ kind: 'value', name, width: NARROWEST.value }));
  const besides = [false, true].map((narrow) => wanted.map((name) => lockColumn(run, name, letter, narrow)));
  const fixed = step.width + extra.length * NARROWEST.value;
  const sum = (columns) => columns.reduce((all, each) => all + each.width, 0);
  const fitting = (kind, count, all) => besides.find((beside, narrow) => all - sum(beside) >= (narrow ? NARROWEST : ROOMY)[kind] * count);
  const inLanes = lanes.length > MOST_LANES ? null : fitting('lane', lanes.length, width - fixed);
  if (inLanes) {
    const wide = Math.floor((width - fixed - sum(inLanes)) / Math.max(lanes.length, 1));
    return { list: false, inline: [], columns: [step, ...lanes.map((lane) => ({ kind: 'lane', name: run.threads[lane], lane, width: wide })), ...inLanes, ...extra] };
  }
  const longest = Math.max(...lanes.map((lane) => run.threads[lane].length), 1);
  const who = Math.min(Math.max(longest * 8.2 + 18, NARROWEST.who), WIDEST.who, width / NAMES_AT_MOST);
  const rest = width - fixed - who;
  const inList = wanted.length > MOST_LOCKS ? null : fitting('what', 1, rest);
  const beside = inList ?? besides[1].filter(({ name }) => asked.get(name));
  const what = Math.max(rest - sum(beside), 140);
  const inline = wanted.filter((name) => !beside.some((each) => each.name === name));
  return { list: true, inline, columns: [step, { kind: 'who', name: 'thread', width: who }, { kind: 'what', name: 'what it does', width: what }, ...beside, ...extra] };
}

/** The panel in which a reader chooses threads to hide, and locks and values to see as columns of `timeline`. */
function columnChooser(timeline, changed) {
  const chooser = make('details', { class: 'chooser' }, make('summary', {}, 'Columns'));
  chooser.addEventListener('toggle', () => {
    for (const each of chooser.querySelectorAll('fieldset')) each.remove();
    if (chooser.open) chooser.append(...choices(timeline, changed).filter(Boolean));
  });
  return chooser;
}

/** What there is to choose of, as it is now. */
function choices({ run, view, columns }, changed) {
  const lanes = lanesOf(run);
  const locks = locksOf(run);
  const touched = [...new Set(run.events.map(({ object }) => object))].filter((name) => run.objects.includes(name) && !locks.includes(name));
  const box = (name, checked, turn) => make('label', {}, make('input', {
    type: 'checkbox', checked, onchange: (event) => { turn(event.target.checked); changed(); },
  }), ' ', breakable(name));
  return [
    lanes.length > 1 ? make('fieldset', {}, make('legend', {}, 'Threads'), lanes.map((lane) => {
      const name = run.threads[lane];
      return box(name, !view.hidden.has(name), (on) => (on ? view.hidden.delete(name) : view.hidden.add(name)));
    })) : null,
    locks.length ? make('fieldset', {}, make('legend', {}, 'Locks'), locks.map((name) =>
      box(name, columns.some((each) => each.kind === 'lock' && each.name === name), (on) => view.locks.set(name, on)))) : null,
    touched.length ? make('fieldset', {}, make('legend', {}, 'Values'), touched.map((name) =>
      box(name, view.values.includes(name), (on) => { view.values = on ? [...view.values, name] : view.values.filter((each) => each !== name); }))) : null,
  ];
}
