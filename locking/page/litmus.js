// The page of a litmus test: final states, an execution, and a cycle.

const doc = JSON.parse(document.getElementById('document').textContent);
const KNOWN = 1; // the version of the document that this script reads

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
  document.getElementById('foot').replaceChildren(foot(doc.made));
  const run = document.getElementById('run');
  if (!doc.threads.length) {
    run.replaceChildren(make('h2', { id: 'run-title' }, 'No execution'), make('p', {}, 'No choice of what reads see was found that gives these values.'));
    return;
  }
  const threads = doc.threads.map((events, thread) => [`P${thread}`, events]);
  run.replaceChildren(make('h2', { id: 'run-title' }, doc.title), ...drawnExecution(threads, doc.edges), ...cycleList(doc.cycle));
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

start();
