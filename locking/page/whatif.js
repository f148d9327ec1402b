// The placement as its tree, and the same schedule under another one.

const FOLDED = 5; // rows that are the same, and are shown as they are
const PAIRED = 4000000; // pairs of steps that are compared at most

/** A placement, drawn: boxes are locks, in them the steps that run under them. */
function drawnTree(tree) {
  return make('div', { class: 'tree' }, tree.map(([role, branches]) =>
    make('div', { class: 'role' }, make('h4', {}, role), make('ol', {}, branches.map(branch)))));
}

function branch(each) {
  if (each.step) return make('li', { class: 'leaf', title: each.kernel || null }, each.step);
  return make('li', { class: `box ${each.mode === 'read' ? 'read' : 'write'}` },
    make('span', { class: 'lockname' }, breakable(each.lock), make('b', {}, ` ${each.mode}`)),
    make('ol', {}, each.over.map(branch)),
    each.lowered.length ? make('div', { class: 'box read lowered' },
      make('span', { class: 'lockname' }, 'downgraded to ', make('b', {}, 'read')), make('ol', {}, each.lowered.map(branch))) : null);
}

/** The two placements beside each other, and the schedule under both. */
function whatIf(doc, row, found, run, fails) {
  const { whatif } = found;
  const other = doc.rows.find((each) => each.reference === whatif.placement);
  const there = runOf(doc, whatif.run);
  return [
    make('h3', {}, 'What if: the same schedule under ', make('b', {}, other.name)),
    make('p', {}, `Under ${other.name}, ${whatif.says}.`),
    make('div', { class: 'trees' },
      make('div', {}, make('h4', { class: 'named' }, row.name), drawnTree(row.tree)),
      make('div', {}, make('h4', { class: 'named' }, other.name), drawnTree(other.tree))),
    make('div', { class: 'wide', role: 'region', tabindex: '0', 'aria-label': 'The schedule under both placements' },
      make('table', { class: 'pair' },
        make('caption', { class: 'unseen' }, `The same schedule under ${row.name} and under ${other.name}`),
        make('thead', {}, make('tr', {}, [row.name, other.name].map((name) => make('th', { scope: 'col' }, breakable(name))))),
        make('tbody', {}, folded(aligned(run, there)).map((each) => (each.length > 2 ? fold(run, there, each) : pairRow(run, there, each)))),
        make('tfoot', {}, make('tr', {}, make('td', {}, `✗ ${fails}`), make('td', {}, `■ ${whatif.says}`))))),
  ];
}

/** Rows, in which a long stretch where both do the same is one list. */
function folded(rows) {
  const found = [];
  let same = [];
  const put = (last) => {
    const [before, after] = [found.length ? 1 : 0, last ? 0 : 2];
    if (same.length > FOLDED + before + after) {
      found.push(...same.slice(0, before), same.slice(before, same.length - after), ...same.slice(same.length - after));
    } else found.push(...same);
    same = [];
  };
  for (const row of rows) {
    if (row[0] !== null && row[1] !== null) same.push(row);
    else { put(false); found.push(row); }
  }
  put(true);
  return found;
}

/** The row that stands for many, and becomes them. */
function fold(run, there, rows) {
  const text = `${rows.length} operations are the same`;
  const row = make('tr', { class: 'fold' }, make('td', { colspan: 2 }, make('button', {
    type: 'button', class: 'link', onclick: () => row.replaceWith(...rows.map((each) => pairRow(run, there, each))),
  }, `${text}: show them`)));
  return row;
}

function pairRow(run, there, [one, two]) {
  return make('tr', { class: one === null || two === null ? 'alone' : '' }, pairCell(run, one), pairCell(there, two));
}

function pairCell(run, at) {
  if (at === null) return make('td', { class: 'gap' });
  const event = run.events[at];
  return make('td', {}, make('span', { class: 'nth' }, event.step), make('b', {}, run.threads[event.thread]), ' ', make('code', {}, breakable(told(event))));
}

/** Steps of two runs side by side: those that are the same thread's same call share a row. */
function aligned(one, two) {
  const mine = one.events.map((event) => `${event.thread} ${event.text}`);
  const theirs = two.events.map((event) => `${event.thread} ${event.text}`);
  if (mine.length * theirs.length > PAIRED) {
    return Array.from({ length: Math.max(mine.length, theirs.length) }, (_, at) => [at < mine.length ? at : null, at < theirs.length ? at : null]);
  }
  const width = theirs.length + 1;
  const longest = new Uint32Array((mine.length + 1) * width);
  for (let i = mine.length - 1; i >= 0; i -= 1) {
    for (let j = theirs.length - 1; j >= 0; j -= 1) {
      longest[i * width + j] = mine[i] === theirs[j] ? longest[(i + 1) * width + j + 1] + 1 : Math.max(longest[(i + 1) * width + j], longest[i * width + j + 1]);
    }
  }
  const rows = [];
  for (let i = 0, j = 0; i < mine.length || j < theirs.length;) {
    if (i < mine.length && j < theirs.length && mine[i] === theirs[j]) rows.push([i++, j++]);
    else if (j >= theirs.length || (i < mine.length && longest[(i + 1) * width + j] >= longest[i * width + j + 1])) rows.push([i++, null]);
    else rows.push([null, j++]);
  }
  return rows;
}
