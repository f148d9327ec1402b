// The verdicts: what holds and what fails, at one look.

const VERDICTS = { holds: '✓', fails: '✗', unknown: '?', never: '∅' };

/** The section with the matrix; `choose(row, property)` is called for the cell that is chosen. */
function verdicts(doc, choose) {
  const { rows } = doc;
  const sentences = rows.filter((row) => row.says);
  return [
    make('h2', { id: 'verdicts-title' }, 'Verdicts'),
    ...notices(doc),
    rows.length ? make('div', { class: 'wide', role: 'region', tabindex: '0', 'aria-label': 'Verdicts, a table' }, matrix(doc, choose)) : null,
    lettered(doc).length ? scenarios(doc) : null,
    make('div', { class: 'more' }, rows.length ? marks(doc) : null, sentences.length ? make('details', { class: 'sentences' },
      make('summary', {}, 'In sentences'),
      make('dl', {}, sentences.map((row) => [make('dt', {}, row.name), make('dd', {}, row.says)]))) : null,
    doc.unreached.length ? make('details', {},
      make('summary', {}, 'Lines that no run reached'),
      make('ul', {}, doc.unreached.map((line) => make('li', {}, make('code', {}, line))))) : null),
  ];
}

/** What must not be overlooked. */
function notices({ heading, undone }) {
  const limited = heading.causes.length ? [`Not every interleaving was searched: ${heading.causes.join(', ')}.`] : [];
  const wrong = heading.unexpected.map(([said]) => said);
  return [
    ...limited.map((text) => make('p', { class: 'notice' }, text)),
    undone.length ? make('div', { class: 'notice' }, make('p', {}, `${counted(undone.length, 'search', 'searches')} not done:`),
      make('ul', {}, undone.map(([name, why]) => make('li', {}, `${name}: ${why}`)))) : null,
    wrong.length ? make('div', { class: 'notice' }, make('p', {}, `${counted(wrong.length, 'verdict')} not as declared:`),
      make('ul', {}, wrong.map((text) => make('li', {}, text)))) : null,
  ].filter(Boolean);
}

function matrix(doc, choose) {
  const figures = doc.rows[0].figures.map(([name]) => name);
  return make('table', { class: doc.properties.length < 8 ? 'matrix few' : 'matrix' },
    make('caption', { class: 'unseen' }, `${doc.heading.model}: a row for each ${doc.rows[0].tree ? 'placement' : 'scenario'}, a column for each property. Arrow keys go from cell to cell.`),
    make('thead', {}, make('tr', {},
      make('td', {}),
      make('th', { scope: 'col' }, 'safety'),
      doc.properties.map((each) => make('th', { scope: 'col', title: each.about }, breakable(each.name))),
      figures.map((name) => make('th', { scope: 'col', class: 'figure' }, breakable(name))))),
    make('tbody', {}, doc.rows.map((row, at) => line(doc, row, at, choose))));
}

function line(doc, row, at, choose) {
  return make('tr', { 'data-row': at },
    make('th', { scope: 'row', title: row.about }, breakable(row.name)),
    make('td', {}, safety(doc, at)),
    doc.cells[at].map(([text, kind, results], property) =>
      make('td', {}, results.length ? cell(doc, at, property, choose) : make('span', { class: 'cell unjudged', title: 'not judged' }, text))),
    row.figures.map(([, text]) => make('td', { class: 'figure' }, text)));
}

/** Whether all that a row must keep is kept. */
function safety(doc, at) {
  const kinds = doc.cells[at].filter((_, property) => !doc.properties[property].wanted)
    .map(([, kind, results]) => (kind === 'wrong' ? worst(doc, results) : kind));
  const fail = kinds.filter((kind) => kind === 'fails').length;
  const open = kinds.filter((kind) => kind === 'unknown').length;
  if (fail) return make('span', { class: 'safety fails' }, `✗ ${fail} fail${fail === 1 ? 's' : ''}`);
  if (open) return make('span', { class: 'safety unknown' }, `? ${open} unknown`);
  const never = kinds.filter((kind) => kind === 'never').length;
  if (never) return make('span', { class: 'safety never' }, `∅ ${never} never evaluated`);
  return kinds.some((kind) => kind === 'holds') ? make('span', { class: 'safety holds' }, '✓ holds') : '';
}

function worst(doc, results) {
  const found = results.map((result) => doc.results[result].verdict);
  return ['fails', 'unknown', 'never', 'holds'].find((verdict) => found.includes(verdict));
}

function cell(doc, row, property, choose) {
  const [text, kind, results] = doc.cells[row][property];
  return make('button', {
    type: 'button', class: `cell ${kind}`, tabindex: '-1', 'aria-pressed': 'false',
    'data-at': `${row}.${property}`, 'aria-label': `${text}: ${inWords(doc, row, property, results)}`,
    onclick: () => choose(row, property), onkeydown: walk,
  }, text);
}

/** What a cell says, for those who don't see its column. */
function inWords(doc, row, property, results) {
  const found = results.map((result) => doc.results[result]);
  const failing = found.filter((each) => each.verdict === 'fails').map((each) => each.scenario);
  const open = found.filter((each) => each.verdict === 'unknown').map((each) => each.scenario);
  const never = found.filter((each) => each.verdict === 'never').map((each) => each.scenario);
  const said = [['fails', failing], ['unknown', open], ['never evaluated', never]]
    .map(([verdict, where]) => (where.length ? `${verdict} in ${where.join(', ')}` : ''));
  const wrong = found.some((each) => each.wrong) ? ', not as declared' : '';
  return `${doc.properties[property].name}, ${doc.rows[row].name}: ${said.filter(Boolean).join('; ') || 'holds'}${wrong}`;
}

/** Arrow keys go to the next cell that there is in that direction. */
function walk(event) {
  const [down, right] = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key] ?? [];
  if (down === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  event.stopPropagation();
  let [row, column] = event.currentTarget.dataset.at.split('.').map(Number);
  for (let tries = 0; tries < 100; tries += 1) {
    row += down;
    column += right;
    const found = document.querySelector(`.matrix [data-at="${row}.${column}"]`);
    if (found) return found.focus();
  }
}

/** Mark the chosen cell, which is also the one that the tab key comes to. */
function markCell(row, property) {
  for (const each of document.querySelectorAll('.matrix button')) {
    const chosen = each.dataset.at === `${row}.${property}`;
    each.setAttribute('aria-pressed', String(chosen));
    each.tabIndex = chosen ? 0 : -1;
  }
}

function lettered(doc) {
  return doc.scenarios.filter((each) => each.letter);
}

/** What the letters mean. */
function scenarios(doc) {
  return make('p', { class: 'legend' }, lettered(doc).map((each) => make('span', { title: each.about }, make('b', {}, each.letter), ` ${each.name}`)));
}

/** What the marks mean, of those that are there. */
function marks(doc) {
  const cells = doc.cells.flat();
  const has = (kind) => cells.some((each) => each[1] === kind);
  const letters = lettered(doc).length;
  const found = [
    [has('holds'), 'ok', 'holds'],
    [has('fails') && letters, 'fails', 'in every scenario'],
    [has('fails') && letters, 'ab', 'fails in scenarios a and b'],
    [cells.some(([text]) => /^!?\d/.test(text)), '2', 'threads at once'],
    [has('unjudged'), '·', 'not judged'],
    [has('unknown'), '?', 'unknown'],
    [has('never'), '∅', 'never evaluated'],
    [has('wrong'), '!', 'not as declared'],
  ];
  return make('p', { class: 'legend' }, found.filter(([wanted]) => wanted).map(([, mark, means]) => make('span', {}, make('b', {}, mark), ` ${means}`)));
}
