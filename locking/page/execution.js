// An execution under a memory model: a column for each thread, time downwards, and arrows over it.

const MEANINGS = {
  po: 'the order of the program',
  rf: 'a read sees a write',
  co: 'a write comes after another of its location',
  fr: 'a write replaces what a read saw',
};

/** The execution with what its arrows mean; `threads` are names with events, and `edges` join events. */
function drawnExecution(threads, edges) {
  const cells = threads.flatMap(([name, events], thread) => [
    make('div', { class: `who ${hue(thread)}`, 'data-column': thread }, breakable(name)),
    ...events.map((each) => eventBox(each, thread)),
  ]);
  const grid = make('div', { class: 'execution' }, cells);
  grid.style.setProperty('--threads', threads.length);
  for (const each of grid.querySelectorAll('[data-column]')) {
    each.style.gridColumn = Number(each.dataset.column) + 1;
    each.style.gridRow = Number(each.dataset.row ?? -1) + 2;
  }
  joinWithArrows(grid, edges);
  return [make('div', { class: 'wide', role: 'region', tabindex: '0', 'aria-label': 'The execution, a column for each thread' }, grid), arrowLegend(edges)];
}

function eventBox({ id, row, name, line, source, effect }, thread) {
  return make('div', { class: `event ${hue(thread)}`, 'data-event': id, 'data-column': thread, 'data-row': row },
    make('b', { class: 'who' }, name), ' ', make('code', { title: typeof line === 'number' ? `line ${line}` : line }, source),
    make('div', { class: 'effect' }, effect));
}

/** What each kind of arrow means. */
function arrowLegend(edges) {
  const kinds = new Set(edges.map((each) => each.kind));
  return make('p', { class: 'legend' }, Object.entries(MEANINGS).filter(([kind]) => kinds.has(kind)).map(([kind, meaning]) => make('span', {}, make('b', { class: `arrow-${kind}` }, kind), ` ${meaning}`)));
}

/** The cycle that forbids the execution, or that no interleaving has. */
function cycleList(cycle) {
  if (!cycle) return [];
  const { said, edges } = cycle;
  return [
    make('h3', {}, said),
    make('ol', { class: 'cycle' }, edges.map((each) => make('li', {}, each.words, ' ', make('small', {}, each.why), ' →')),
      make('li', {}, edges[0].words)),
  ];
}
