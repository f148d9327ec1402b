// The page of a litmus test: final states, an execution with a column for each thread, a cycle.

const doc = JSON.parse(document.getElementById('document').textContent);
const KNOWN = 1; // the version of the document that this script reads

const MEANINGS = {
  po: 'the order of the program',
  rf: 'a read sees a write',
  co: 'a write comes after another of its location',
  fr: 'a write replaces what a read saw',
};

function start() {
  if (doc.version !== KNOWN) {
    document.body.prepend(make('p', { class: 'notice' }, `This page has a document of version ${doc.version}, and reads version ${KNOWN}.`));
    return;
  }
  document.title = `${doc.test}: locking litmus`;
  document.getElementById('top').replaceChildren(
    make('div', { class: 'title' }, make('h1', {}, breakable(doc.test)), themes()),
    make('p', { class: 'headline' }, doc.verdict),
    make('p', { class: 'about' }, make('code', {}, doc.condition)),
    make('p', { class: 'about' }, doc.file));
  document.getElementById('verdicts').replaceChildren(...[
    make('h2', { id: 'verdicts-title' }, 'Final states'),
    make('p', {}, doc.counts),
    doc.states.length ? states() : null,
    ...doc.remarks.map((each) => make('p', { class: 'about' }, each))].filter(Boolean));
  document.getElementById('foot').replaceChildren(make('p', {}, 'Written by ', make('code', {}, 'locking'), '. Nothing on this page comes from elsewhere.'));
  const run = document.getElementById('run');
  if (!doc.threads.length) {
    run.replaceChildren(make('h2', { id: 'run-title' }, 'No execution'), make('p', {}, 'No choice of what reads see was found that gives these values.'));
    return;
  }
  const drawn = execution();
  run.replaceChildren(make('h2', { id: 'run-title' }, doc.title), drawn, legend(), ...cycle());
  joinWithArrows(drawn.firstChild, doc.edges);
}

/** The final states, with how many executions end in each. */
function states() {
  return make('div', { class: 'wide', role: 'region', tabindex: '0', 'aria-label': 'Final states, a table' },
    make('table', { class: 'matrix few' },
      make('thead', {}, make('tr', {}, ['executions', ...doc.places, ''].map((each) => (each ? make('th', { scope: 'col', class: 'time' }, each) : make('td', {}))))),
      make('tbody', {}, doc.states.map(({ count, values, said }) => make('tr', {},
        make('th', { scope: 'row', class: 'time' }, count),
        values.map((each) => make('td', { class: 'time' }, each)),
        make('td', {}, said))))));
}

/** The execution: a column for each thread, time downwards, and the arrows over it. */
function execution() {
  const columns = `repeat(${doc.threads.length}, minmax(150px, max-content))`;
  const cells = doc.threads.flatMap((events, thread) => [
    make('div', { class: `who hue${thread % 5}`, 'data-column': thread }, `P${thread}`),
    ...events.map((each) => event(each, thread)),
  ]);
  const grid = make('div', { class: 'execution' }, cells);
  grid.style.gridTemplateColumns = columns;
  for (const each of grid.querySelectorAll('[data-column]')) {
    each.style.gridColumn = Number(each.dataset.column) + 1;
    each.style.gridRow = Number(each.dataset.row ?? -1) + 2;
  }
  return make('div', { class: 'wide', role: 'region', tabindex: '0', 'aria-label': 'The execution, a column for each thread' }, grid);
}

function event({ id, row, name, line, source, effect }, thread) {
  return make('div', { class: `event hue${thread % 5}`, 'data-event': id, 'data-column': thread, 'data-row': row },
    make('b', { class: 'who' }, name), ' ', make('code', { title: `line ${line}` }, source),
    make('div', { class: 'effect' }, effect));
}

/** What each kind of arrow means. */
function legend() {
  const kinds = new Set(doc.edges.map((each) => each.kind));
  return make('p', { class: 'legend' }, Object.entries(MEANINGS).filter(([kind]) => kinds.has(kind)).map(([kind, meaning]) => make('span', {}, make('b', { class: `arrow-${kind}` }, kind), ` ${meaning}`)));
}

/** The cycle that forbids the execution, or that no interleaving has. */
function cycle() {
  if (!doc.cycle) return [];
  const { said, edges } = doc.cycle;
  return [
    make('h3', {}, said),
    make('ol', { class: 'cycle' }, edges.map((each) => make('li', {}, each.words, ' ', make('small', {}, each.why), ' →')),
      make('li', {}, edges[0].words)),
  ];
}

start();
