// Which columns a run has at a width: a lane for each thread, or one list for all of them.

const MOST_LANES = 6; // more threads than that stand in one list
const NARROWEST = { lane: 168, what: 300, lock: 108, value: 92, step: 84, who: 64 };
const WIDEST_NAME = 190;
const PHONE = 520;

/** The columns of `run`: each with its kind, its name, and its width in pixels. */
function columnsOf(run, { hidden, values }, width) {
  const lanes = lanesOf(run).filter((lane) => !hidden.has(run.threads[lane]));
  const locks = locksOf(run);
  const shown = values.filter((name) => run.objects.includes(name) && !locks.includes(name));
  const step = { kind: 'step', name: 'step', width: width < PHONE ? NARROWEST.step - 20 : NARROWEST.step };
  const extra = shown.map((name) => ({ kind: 'value', name, width: NARROWEST.value }));
  const beside = locks.map((name) => ({ kind: 'lock', name, width: NARROWEST.lock }));
  const fixed = step.width + extra.length * NARROWEST.value;
  const each = (width - fixed - beside.length * NARROWEST.lock) / Math.max(lanes.length, 1);
  if (lanes.length <= MOST_LANES && each >= NARROWEST.lane) {
    const wide = Math.floor(each);
    return { list: false, columns: [step, ...lanes.map((lane) => ({ kind: 'lane', name: run.threads[lane], lane, width: wide })), ...beside, ...extra] };
  }
  const longest = Math.max(...lanes.map((lane) => run.threads[lane].length), 1);
  const who = Math.min(Math.max(longest * 8.2 + 18, NARROWEST.who), WIDEST_NAME, width / 4);
  const room = width - fixed - who;
  const fits = beside.length <= 3 && room - beside.length * NARROWEST.lock >= NARROWEST.what;
  const what = Math.max(room - (fits ? beside.length * NARROWEST.lock : 0), 140);
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
