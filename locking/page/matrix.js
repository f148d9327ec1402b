// The verdicts: what holds and what fails, at one look.

const VERDICTS = { holds: '✓', fails: '✗', unknown: '?', never: '∅' };
const CAPPED = 60; // rows that are made at first
const FILTERED = 14; // rows or columns from which on they can be filtered

/** The section of the verdicts; `choose(row, property, result)` is called for what is chosen. */
class Verdicts {
  constructor(doc, choose) {
    Object.assign(this, { doc, choose, view: viewsOf(doc)[0], wanted: '', only: 'all', cap: CAPPED, chosen: null });
    this.table = make('div', { class: 'wide', role: 'region', tabindex: '0', 'aria-label': 'Verdicts, a table' });
    this.rest = make('p', { class: 'rest' });
    this.key = make('div', { class: 'key' });
    this.draw();
  }

  /** The controls, if there is anything to control. */
  controls() {
    const { doc } = this;
    const many = doc.properties.length > FILTERED || doc.rows.length > FILTERED;
    const views = viewsOf(doc);
    const wrong = doc.results.some((each) => each.wrong);
    const turn = (name, value) => { Object.assign(this, { [name]: value, cap: CAPPED }); this.draw(); };
    const button = (name, value, label) => make('button', { type: 'button', 'aria-pressed': String(this[name] === value), 'data-value': value, onclick: (event) => {
      turn(name, value);
      for (const each of event.currentTarget.parentElement.children) each.setAttribute('aria-pressed', String(each.dataset.value === value));
    } }, label);
    if (views.length < 3 && !many && doc.properties.length * doc.rows.length < 2) return null;
    return make('div', { class: 'controls' },
      make('span', { role: 'group', 'aria-label': 'Rows' }, 'a row for each ', views.map((view) => button('view', view, view))),
      many || wrong ? make('span', { role: 'group', 'aria-label': 'Which rows' }, 'show ', button('only', 'all', 'all'), button('only', 'fails', 'what fails'), wrong ? button('only', 'wrong', 'unexpected') : null) : null,
      many ? make('label', {}, 'named ', make('input', { type: 'search', id: 'filter', oninput: (event) => turn('wanted', event.target.value.toLowerCase()) })) : null);
  }

  draw() {
    const grid = gridOf(this.doc, this.view);
    const rows = grid.rows.map((row, at) => ({ ...row, at })).filter((row) => this.passes(grid, row));
    const columns = grid.columns.map((column, at) => ({ ...column, at }))
      .filter((column) => this.view === 'property' || !this.wanted || rows.some(({ name }) => this.named(name)) || this.named(column.name));
    const shown = rows.slice(0, this.cap);
    const figures = grid.figures ? this.doc.rows[0]?.figures.map(([name]) => name) ?? [] : [];
    this.table.replaceChildren(make('table', { class: columns.length < 8 ? 'matrix few' : 'matrix' },
      make('caption', { class: 'unseen' }, `${this.doc.heading.model}: a row for each ${this.view}. Arrow keys go from cell to cell.`),
      make('thead', {}, make('tr', {}, make('td', {}),
        this.judgesSafety(grid) ? make('th', { scope: 'col' }, 'safety') : null,
        columns.map((each) => make('th', { scope: 'col', title: each.title || null }, breakable(each.name))),
        figures.map((name) => make('th', { scope: 'col', class: 'figure' }, name.replace('-', '\u00ad'))))),
      make('tbody', {}, shown.map((row, line) => this.line(grid, row, columns, line)))));
    const more = rows.length - shown.length;
    this.rest.replaceChildren(...[
      more > 0 ? make('button', { type: 'button', onclick: () => { this.cap = Infinity; this.draw(); } }, `Show ${counted(more, 'more row')}`) : null,
      rows.length ? null : 'No row is like that.'].filter(Boolean));
    this.key.replaceChildren(...marks(this.doc, grid).filter(Boolean));
    if (this.chosen) this.mark(...this.chosen);
  }

  /** Whether rows have a column for all that they must keep: some row must keep something. */
  judgesSafety(grid) {
    return Boolean(grid.figures) && this.doc.rows.some((row) => row.safety);
  }

  named(name) {
    return name.toLowerCase().includes(this.wanted);
  }

  passes(grid, row) {
    if (this.wanted && !this.named(row.name) && !grid.columns.some(({ name }) => this.view !== 'property' && this.named(name))) return false;
    if (this.only === 'all') return true;
    return grid.columns.some((_, column) => grid.cell(row.at, column).some((entry) => entry && (this.only === 'wrong' ? entry.result.wrong : entry.result.verdict === 'fails')));
  }

  line(grid, row, columns, line) {
    const figures = grid.figures ? this.doc.rows[row.row].figures : [];
    return make('tr', { class: row.safety === 'holds' ? 'safe' : null },
      make('th', { scope: 'row', title: row.title || null }, this.rowName(row)),
      this.judgesSafety(grid) ? make('td', { class: 'safety-cell' }, safety(this.doc, row.row)) : null,
      columns.map((column, at) => make('td', {}, this.cell(grid, row, column, `${line}.${at}`))),
      figures.map(([, text]) => make('td', { class: 'figure' }, text)));
  }

  /** The name of a row; a button where a sentence speaks of one of its runs. */
  rowName(row) {
    const path = this.doc.rows[row.row]?.path;
    const found = path && this.doc.properties.flatMap((_, property) => entriesOf(this.doc, row.row, property)).find(({ result }) => result.run?.path === path);
    if (!found) return breakable(row.name);
    return make('button', { type: 'button', class: 'rowname', onclick: () => this.choose(found.row, found.property, found.at, true) }, breakable(row.name));
  }

  cell(grid, row, column, place) {
    const entries = grid.cell(row.at, column.at);
    const first = openedFirst(entries);
    if (!first) return make('span', { class: 'cell unjudged', title: 'not judged' }, '·');
    const results = entries.filter(Boolean).map(({ result }) => result);
    const wrong = results.some((each) => each.wrong);
    const whole = this.view !== 'scenario';
    return make('button', {
      type: 'button', class: `cell ${worst(results)}${wrong ? ' wrong' : ''}`, tabindex: '-1', 'aria-pressed': 'false', 'data-place': place,
      'data-at': whole ? `${first.row}.${first.property}` : `${first.property}@${results[0].scenario}`,
      'aria-label': inWords(row.name, column.name, entries, grid.slots), onkeydown: walk,
      onclick: (event) => {
        const slot = event.target.closest('[data-slot]');
        const entry = (slot && entries[slot.dataset.slot]) || first;
        this.choose(entry.row, entry.property, entry.at, true);
      },
    }, wrong ? '!' : '', this.inside(entries, results, grid.slots));
  }

  /** A number where threads are counted, a word where there is one verdict, else a square for each. */
  inside(entries, results, slots) {
    const numbers = results.map((each) => each.at_once).filter((each) => each !== undefined);
    if (numbers.length && this.view !== 'scenario') return `${Math.max(...numbers)}${results.some((each) => each.verdict === 'unknown') ? '+' : ''}`;
    if (slots.length < 2) return `${VERDICTS[worst(results)]} ${worst(results) === 'never' ? 'never' : NAMES[worst(results)]}`;
    return strip(entries.length, entries.map((entry, at) => make('i', {
      class: entry ? `${entry.result.verdict}${entry.result.wrong ? ' wrong' : ''}` : 'none', 'data-slot': at,
      title: `${slots[at]}: ${entry ? NAMES[entry.result.verdict] : 'not judged'}${entry?.result.wrong ? ', unexpected' : ''}`,
    })));
  }

  /** Mark the chosen cell, which is also the one that the tab key comes to. */
  mark(row, property, scenario) {
    this.chosen = [row, property, scenario];
    const at = this.view === 'scenario' ? `${property}@${scenario}` : `${row}.${property}`;
    const buttons = [...this.table.querySelectorAll('button.cell')];
    for (const each of buttons) {
      const here = each.dataset.at === at;
      each.setAttribute('aria-pressed', String(here));
      each.tabIndex = here ? 0 : -1;
    }
    if (buttons.length && !buttons.some((each) => each.tabIndex === 0)) buttons[0].tabIndex = 0;
  }
}

/** Whether all that a row must keep is kept. */
function safety(doc, row) {
  const kinds = doc.cells[row].flatMap(([, , results], property) => (doc.properties[property].wanted || !results.length ? [] : [worst(results.map((each) => doc.results[each]))]));
  const count = (kind) => kinds.filter((each) => each === kind).length;
  for (const [kind, says] of [['fails', (n) => `✗ ${n} fail${n === 1 ? 's' : ''}`], ['unknown', (n) => `? ${n} unknown`], ['never', (n) => `∅ ${n} never evaluated`], ['holds', () => '✓ safe']]) {
    if (count(kind)) return make('span', { class: `safety ${kind}` }, says(count(kind)));
  }
  return '';
}

/** What a cell says, for those who don't see its column. */
function inWords(row, column, entries, slots) {
  const said = Object.keys(NAMES).map((verdict) => {
    const where = entries.flatMap((entry, at) => (entry?.result.verdict === verdict ? [slots[at]] : []));
    return where.length ? `${NAMES[verdict]}${slots.length > 1 && verdict !== 'holds' ? ` in ${where.join(', ')}` : ''}` : '';
  }).filter(Boolean);
  const most = Math.max(...entries.map((entry) => entry?.result.at_once ?? 0));
  return `${column}, ${row}: ${said.join('; ')}${most ? `, ${most} in parallel` : ''}${entries.some((entry) => entry?.result.wrong) ? ', unexpected' : ''}`;
}

/** Arrow keys go to the next cell that there is in that direction. */
function walk(event) {
  const [down, right] = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key] ?? [];
  if (down === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  event.stopPropagation();
  let [row, column] = event.currentTarget.dataset.place.split('.').map(Number);
  for (let tries = 0; tries < 100; tries += 1) {
    row += down;
    column += right;
    const found = document.querySelector(`.matrix [data-place="${row}.${column}"]`);
    if (found) return found.focus();
  }
}

/** Whether some cell, or some square of a strip, has no verdict. */
function notJudged(doc, grid) {
  return grid.rows.some((_, row) => grid.columns.some((_each, column) => {
    const entries = grid.cell(row, column);
    return !entries.length || entries.includes(null);
  }));
}

/** What squares and signs mean, of those that are there. */
function marks(doc, grid) {
  const has = (verdict) => doc.results.some((each) => each.verdict === verdict);
  const several = grid.slots.length > 1;
  const sign = (kind) => (several ? strip(1, make('i', { class: kind })) : make('b', {}, VERDICTS[kind]));
  const found = [
    ...Object.keys(NAMES).map((kind) => [has(kind), sign(kind), NAMES[kind]]),
    [doc.results.some((each) => each.at_once), make('b', {}, '2'), 'threads in parallel'],
    [notJudged(doc, grid), make('b', {}, '·'), 'not judged'],
    [doc.results.some((each) => each.wrong), make('b', {}, '!'), 'unexpected'],
  ];
  return [
    make('p', { class: 'legend' }, found.filter(([wanted]) => wanted).map(([, mark, means]) => make('span', {}, mark, ` ${means}`))),
    several ? squareNames(grid.slots) : null,
  ];
}
