// The parts of the page of a study: tables, bars, plots, placements, and sentences.

const AXES = { width: 560, height: 300, left: 60, below: 46, dot: 7 };

/** One part; `tell(title, lines)` shows more of what is chosen. */
function drawnPart(part, tell) {
  const parts = { table: tablePart, bars: barsPart, plot: plotPart, trees: treesPart, lines: linesPart, groups: groupsPart };
  return make('section', { class: 'part' }, make('h2', {}, part.title), parts[part.kind](part, tell));
}

function tablePart({ title, columns, rows, squares }, tell) {
  const cell = (row, column, [text, kind, lines, strips]) => (lines.length
    ? make('button', { type: 'button', class: `cell ${kind}`, 'aria-pressed': 'false', onclick: (event) => {
      for (const each of document.querySelectorAll('.matrix .cell')) each.setAttribute('aria-pressed', String(each === event.currentTarget));
      tell(`${row}: ${column}`, lines);
    } }, text)
    : text && make('span', { class: `cell ${kind}` }, strips.length ? [make('span', { class: 'unseen' }, text), strip(strips.length, strips.map(([each, says]) => make('i', { class: each, title: says })))] : text));
  const telling = rows.some(([, cells]) => cells.some(([, , lines]) => lines.length));
  return [telling ? make('p', { class: 'legend' }, 'A click on a cell says what becomes different, with the run that shows it.') : null, make('div', { class: 'wide', role: 'region', tabindex: '0', 'aria-label': `${title}, a table` },
    make('table', { class: 'matrix few' },
      make('thead', {}, make('tr', {}, make('td', {}), columns.map((name) => make('th', { scope: 'col' }, breakable(name))))),
      make('tbody', {}, rows.map(([name, cells]) => make('tr', {}, make('th', { scope: 'row' }, breakable(name)),
        cells.map((each, at) => make('td', {}, cell(name, columns[at], each)))))))), make('p', { class: 'rest' }),
  squares.length ? [squareMarks(rows.flatMap(([, cells]) => cells.flatMap(([, , , strips]) => strips.flatMap(([each]) => each.split(' '))))), squareNames(squares)] : null];
}

function barsPart({ rows }) {
  return make('ul', { class: 'barlist' }, rows.map(([name, says, length]) => {
    const bar = make('span', { class: 'measure', 'aria-hidden': 'true' });
    bar.style.width = `${Math.max(length * 100, length ? 0.6 : 0)}%`;
    return make('li', {}, make('span', { class: 'named' }, breakable(name)), make('span', { class: 'track' }, bar), make('span', { class: 'says' }, says));
  }));
}

/** Points over two axes of whole numbers; points at one place are one dot. */
function plotPart({ title, across, up, points }) {
  const { width, height, left, below, dot } = AXES;
  const most = (at) => Math.max(...points.map((each) => each[at]), 1);
  const x = (value) => left + (value / most(0)) * (width - left - 60);
  const y = (value) => height - below - (value / most(1)) * (height - below - 40);
  const text = (content, at, more = {}) => draw('text', { ...at, ...more }, String(content));
  const svg = draw('svg', { class: 'plot', role: 'img', 'aria-label': `${title}: ${points.map(([a, b, name]) => `${name} at ${a}, ${b}`).join('; ')}`, viewBox: `0 0 ${width} ${height}` },
    draw('path', { class: 'edge', d: `M${left} 10V${height - below}H${width - 10}` }),
    [...new Set(points.map(([value]) => value))].map((value) => text(value, { x: x(value), y: height - below + 18, 'text-anchor': 'middle' })),
    [...new Set(points.map(([, value]) => value))].map((value) => text(value, { x: left - 10, y: y(value) + 4, 'text-anchor': 'end' })),
    text(across, { x: (left + width) / 2, y: height - 8, 'text-anchor': 'middle' }, { class: 'axis-name' }),
    text(up, { x: 16, y: (height - below) / 2, 'text-anchor': 'middle', transform: `rotate(-90 16 ${(height - below) / 2})` }, { class: 'axis-name' }));
  const places = new Map();
  for (const [a, b, name] of points) places.set(`${a} ${b}`, { a, b, names: [...(places.get(`${a} ${b}`)?.names ?? []), name] });
  [...places.values()].forEach(({ a, b, names }, at) => svg.append(
    draw('circle', { class: 'point', cx: x(a), cy: y(b), r: dot }),
    text(names.length > 2 ? `${names[0]} to ${names.at(-1)}` : names.join(', '), { x: x(a), y: y(b) + (at % 2 ? 24 : -14), 'text-anchor': 'middle' }, { class: 'point-name' })));
  return svg;
}

function treesPart({ items }) {
  return make('div', { class: 'placements' }, items.map(([name, tree]) => make('div', {}, make('h3', {}, name), drawnTree(tree))));
}

function groupsPart({ groups }) {
  return groups.map(([name, lines]) => [make('h3', {}, name), linesPart({ lines })]);
}

function linesPart({ lines }) {
  return make('ul', { class: 'lines' }, lines.map(([text, path]) => make('li', {}, text,
    path ? [' ', make('code', {}, path), ' ', copier('Copy command', `locking replay ${path}`)] : null)));
}
