// Which columns a run has at a width: a lane for each thread, or one list for all of them.

const MOST_LANES = 6; // more threads than that stand in one list
const NARROWEST = { lane: 168, what: 300, lock: 108, value: 92, step: 84, who: 64 };
const WIDEST_NAME = 190;
const PHONE = 520;

const SIGNS = { digit: 8, turn: 15, dot: 11, again: 13, badge: 19 }; // pixels that each takes in the column of steps
const NAMES_AT_MOST = 3.75; // on a narrow screen names of threads take no more of it than one in so many

/** Pixels that the widest of the column of steps takes: its number, its signs, and the facts that speak of it. */
function stepRoom(run, shown) {
  const turns = new Set(switchesOf(run));
  const signs = run.events.map((_, at) => (turns.has(at) ? SIGNS.turn : 0) + (shown.needed.has(at) ? SIGNS.dot : 0)
    + (shown.cycle.has(at) ? SIGNS.again : 0) + (shown.facts.get(at)?.length ?? 0) * SIGNS.badge);
  return String(run.steps).length * SIGNS.digit + signs.reduce((most, each) => Math.max(most, each), 0);
}

/** The columns of `run`: each with its kind, its name, and its width in pixels; `room` is what steps take. */
function columnsOf(run, { hidden, values }, width, room) {
  const lanes = lanesOf(run).filter((lane) => !hidden.has(run.threads[lane]));
  const locks = locksOf(run);
  const shown = values.filter((name) => run.objects.includes(name) && !locks.includes(name));
  const phone = width < PHONE;
  const step = { kind: 'step', name: 'step', width: Math.max(room + (phone ? 8 : 18), NARROWEST.step - (phone ? 20 : 0)) };
  const extra = shown.map((name) => ({ kind: 'value', name, width: NARROWEST.value }));
  const beside = locks.map((name) => ({ kind: 'lock', name, width: NARROWEST.lock }));
  const fixed = step.width + extra.length * NARROWEST.value;
  const each = (width - fixed - beside.length * NARROWEST.lock) / Math.max(lanes.length, 1);
  if (lanes.length <= MOST_LANES && each >= NARROWEST.lane) {
    const wide = Math.floor(each);
    return { list: false, columns: [step, ...lanes.map((lane) => ({ kind: 'lane', name: run.threads[lane], lane, width: wide })), ...beside, ...extra] };
  }
  const longest = Math.max(...lanes.map((lane) => run.threads[lane].length), 1);
  const who = Math.min(Math.max(longest * 8.2 + 18, NARROWEST.who), WIDEST_NAME, width / NAMES_AT_MOST);
  const rest = width - fixed - who;
  const fits = beside.length <= 3 && rest - beside.length * NARROWEST.lock >= NARROWEST.what;
  const what = Math.max(rest - (fits ? beside.length * NARROWEST.lock : 0), 140);
  return { list: true, inline: !fits, columns: [step, { kind: 'who', name: 'thread', width: who }, { kind: 'what', name: 'what it does', width: what }, ...(fits ? beside : []), ...extra] };
}

/** The panel in which a reader chooses threads to hide, and values to see as columns. */
function columnChooser(run, view, changed) {
  const lanes = lanesOf(run);
  const locks = new Set(locksOf(run));
  const touched = [...new Set(run.events.map(({ object }) => object))].filter((name) => run.objects.includes(name) && !locks.has(name));
  const box = (name, checked, turn) => make('label', {}, make('input', {
    type: 'checkbox', checked, onchange: (event) => { turn(event.target.checked); changed(); },
  }), ' ', breakable(name));
  return make('details', { class: 'chooser' },
    make('summary', {}, 'Columns'),
    lanes.length > 1 ? make('fieldset', {}, make('legend', {}, 'Threads'), lanes.map((lane) => {
      const name = run.threads[lane];
      return box(name, !view.hidden.has(name), (on) => (on ? view.hidden.delete(name) : view.hidden.add(name)));
    })) : null,
    touched.length ? make('fieldset', {}, make('legend', {}, 'Values'), touched.map((name) =>
      box(name, view.values.includes(name), (on) => { view.values = on ? [...view.values, name] : view.values.filter((each) => each !== name); }))) : null);
}
