// What is so after one step: the step in words, the source, the threads and the values.

/** The panel beside the timeline, for event `at` of `run`. */
function aside(doc, run, at, go, causes, reasons, tree) {
  const state = stateAt(run, at);
  const event = at < 0 ? null : run.events[at];
  return [
    make('h3', {}, event ? [`Step ${event.step}: `, threadName(run, event.thread)] : 'At the start'),
    event ? inFull(event) : make('p', {}, 'Before any thread takes a step.'),
    event ? because(run, at, go, causes, reasons) : null,
    event ? eventSource(doc, event, NEAR, null, notesOf(doc, event)) : null,
    event && tree ? make('div', { class: 'where' }, drawnTree(partOf(tree, run.threads[event.thread]), markedBy(run, event))) : null,
    make('h3', {}, 'Threads'),
    threadTable(doc, run, state, event),
    make('h3', {}, 'Values'),
    valueTable(run, state),
  ];
}

/** What the sections of an event stand for in the kernel. */
function notesOf(doc, event) {
  const names = [...new Set([...event.from, ...event.in])].filter((section) => Object.hasOwn(doc.notes, section));
  return names.map((section) => `${section}: ${doc.notes[section]}`);
}

/** The step with all that it changed. */
function inFull(event) {
  const facts = changes(event);
  const left = event.from.slice(shared(event.from, event.in));
  const entered = event.in.slice(shared(event.from, event.in));
  return [
    make('p', { class: 'does' }, make('code', {}, told(event))),
    facts.length + left.length + entered.length || event.misuse ? make('ul', { class: 'facts' },
      facts.map((text) => make('li', {}, make('code', {}, text))),
      left.map((name) => make('li', {}, `leaves ${name}`)),
      entered.map((name) => make('li', {}, `enters ${name}`)),
      event.misuse ? make('li', { class: 'misuse' }, `✗ misuse: ${event.misuse}`) : null) : null,
  ];
}

/** The earlier steps that it depends on, in words. */
function because(run, at, go, causes, reasons) {
  const found = causes.filter(([to]) => to === at);
  if (!found.length) return null;
  return make('p', { class: 'because' }, 'Because of ', found.map(([, from, reason], number) => {
    const [kind, object] = reasons[reason];
    const earlier = run.events[from];
    const text = `step ${earlier.step} of ${run.threads[earlier.thread]}`;
    return [number ? ', ' : '', make('button', { type: 'button', class: 'link', onclick: () => go(from) }, text), ` (${kind}: ${object})`];
  }));
}

/** Where each thread is: the one that acts first, and threads of which the same is so together. */
function threadTable(doc, run, state, event) {
  const groups = new Map();
  run.threads.forEach((name, thread) => {
    const { at } = state.places[thread];
    const text = standing(run, state, thread);
    const inside = state.inside[thread].join(' / ');
    const key = thread === event?.thread ? 'acted' : JSON.stringify([text, at, inside]);
    groups.set(key, { text, at, inside, acted: key === 'acted', threads: [...(groups.get(key)?.threads ?? []), thread] });
  });
  const many = run.threads.length > MOST_LANES;
  const shown = many ? [...groups.values()].sort((one, other) => other.acted - one.acted) : run.threads.map((_, thread) => {
    const group = [...groups.values()].find(({ threads }) => threads.includes(thread));
    return { ...group, threads: [thread] };
  });
  return make('table', { class: 'facts' },
    make('thead', { class: 'unseen' }, make('tr', {}, ['thread', 'where it is'].map((name) => make('th', { scope: 'col' }, name)))),
    make('tbody', {}, shown.map(({ text, at, inside, acted, threads }) => {
      const kind = text.startsWith('waits') ? 'waits' : text.startsWith('stopped') ? 'misuse' : '';
      return make('tr', { class: acted ? 'acted' : '' },
        make('th', { scope: 'row', title: threads.map((each) => run.threads[each]).join(', ') }, nameList(run, threads.map((each) => run.threads[each]))),
        make('td', {}, make('span', { class: kind }, text), at ? make('small', {}, ` ${doc.files[at[0]].name.split('/').pop()}:${at[1]}`) : null,
          inside ? make('small', { class: 'inside' }, `inside ${inside}`) : null));
    })));
}

/** The values of the objects that the run touches; those of the others on demand. */
function valueTable(run, state) {
  const touched = new Set(run.events.map((event) => event.object));
  const shown = run.objects.flatMap((name, at) => (touched.has(name) ? [at] : []));
  const others = run.objects.flatMap((name, at) => (touched.has(name) ? [] : [at]));
  return [
    valueRows(run, state, shown),
    others.length ? make('details', {}, make('summary', {}, counted(others.length, 'unused object')), valueRows(run, state, others)) : null,
  ];
}

function valueRows(run, state, objects) {
  return make('table', { class: 'facts values' },
    make('thead', { class: 'unseen' }, make('tr', {}, ['object', 'value'].map((name) => make('th', { scope: 'col' }, name)))),
    make('tbody', {}, objects.map((at) => {
      const lock = state.locks.get(run.objects[at]);
      const many = lock?.holders.length > ONE_BY_ONE;
      const waits = lock && !many ? together('waits:', lock.waiters) : [];
      const old = state.changed.get(at);
      return make('tr', { class: old === undefined ? '' : 'changed' },
        make('th', { scope: 'row' }, breakable(run.objects[at])),
        make('td', {}, make('code', {}, [...(many ? lockWords(lock) : [state.values[at]]), ...waits].join('; ')), old === undefined ? null : make('small', {}, ` ← was ${old}`)));
    })));
}
