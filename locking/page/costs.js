// The page of costs: tables of makespans, and the runs of the case that is chosen.

const doc = JSON.parse(document.getElementById('document').textContent);
const KNOWN = 1; // the version of the document that this script reads

function start() {
  if (doc.version !== KNOWN) {
    document.body.prepend(make('p', { class: 'notice' }, `This page has a document of version ${doc.version}, and reads version ${KNOWN}.`));
    return;
  }
  document.title = `${doc.model}: locking costs`;
  document.getElementById('top').replaceChildren(
    make('div', { class: 'title' }, make('h1', {}, doc.model), themes()),
    make('p', { class: 'about' }, `Seconds until all threads have ended${doc.counted ? ', by nodes' : ''}`),
    make('p', { class: 'about' }, doc.about));
  document.getElementById('verdicts').replaceChildren(
    make('h2', { id: 'verdicts-title' }, 'Makespans'),
    make('div', { class: 'makespans' }, doc.tables.map(makespans)),
    ...doc.notes.map((note) => make('p', { class: 'notice' }, note)));
  document.getElementById('foot').replaceChildren(foot(doc.made));
  const first = doc.costs.findIndex((each) => each.runs.length);
  if (first < 0) document.querySelectorAll('#run, .skip').forEach((each) => each.remove());
  else choose(doc.numbers.find((row) => row.includes(first)).findLast((at) => doc.costs[at]?.runs.length));
}

/** A table: a row for each case, a column for each number of nodes. */
function makespans({ title, rows }) {
  return make('div', {},
    make('h2', {}, title),
    make('div', { class: 'wide', role: 'region', tabindex: '0', 'aria-label': `${title}, a table` },
      make('table', { class: 'matrix few' },
        make('thead', {}, make('tr', {}, make('td', {}, doc.counted ? 'nodes' : ''), doc.columns.map((each) => make('th', { scope: 'col', class: 'time' }, each)))),
        make('tbody', {}, rows.map(([name, cells], row) => line(name, cells, doc.numbers[row]))))));
}

function line(name, cells, numbers) {
  return make('tr', {},
    make('th', { scope: 'row' }, breakable(name)),
    cells.map((text, column) => make('td', { class: 'time' }, cell(text, numbers[column]))));
}

/** A time; a button where there are runs to look at. */
function cell(text, number) {
  const cost = doc.costs[number];
  if (!cost?.runs.length) return make('span', { class: 'cell unjudged', title: cost?.cause }, text);
  return make('button', { type: 'button', class: 'cell', 'aria-pressed': 'false', 'data-cost': number, onclick: () => choose(number, true) }, text);
}

/** Look at the runs of a case. */
function choose(number, aloud = false) {
  const cost = doc.costs[number];
  const named = cost.nodes ? `${cost.name}, ${counted(cost.nodes, 'node')}` : cost.name;
  for (const each of document.querySelectorAll('.cell[data-cost]')) each.setAttribute('aria-pressed', String(Number(each.dataset.cost) === number));
  document.getElementById('run').replaceChildren(
    make('h2', { id: 'run-title' }, named),
    ...cost.runs.map((run) => timed(run, cost.until)));
  if (aloud) say(`${named}: ${counted(cost.runs.length, 'run')}`);
}

start();
