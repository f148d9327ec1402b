// The same schedule under another placement, which the reader chooses.

const FOLDED = 5; // rows that are the same, and are shown as they are
const PAIRED = 4000000; // pairs of steps that are compared at most

/** The section that says what becomes of a run's schedule under other placements. */
function whatIf(doc, row, { scenario, run: found }, run, fails) {
  const there = make('div', {});
  const options = found.whatif.map(([reference, outcome, number]) => ({
    other: doc.rows.find((each) => each.reference === reference), says: doc.clauses[outcome], number,
  })).filter(({ other }) => other);
  const select = make('select', { id: 'whatif', 'aria-label': 'The other placement', onchange: () => show(Number(select.value)) },
    options.map(({ other }, at) => make('option', { value: at }, other.name)));
  function show(at) {
    const { other, says, number } = options[at];
    there.replaceChildren(...compared(doc, row, other, run, runOf(doc, number), fails, says, scenario));
  }
  show(0);
  return [make('h3', {}, 'What if: the same schedule under ', options.length > 1 ? select : make('b', {}, options[0].other.name)), there];
}

/** The two placements beside each other, and the schedule under both. */
function compared(doc, row, other, run, there, fails, says, scenario) {
  const names = [row.name, other.name];
  return [
    make('p', {}, `Under ${other.name}, ${says}. `, otherFailures(doc, other, scenario)),
    make('div', { class: 'trees' }, [row, other].map((each) => make('div', {}, make('h4', { class: 'named' }, each.name), drawnTree(each.tree)))),
    make('div', { class: 'wide', role: 'region', tabindex: '0', 'aria-label': 'The schedule under both placements' },
      make('table', { class: 'pair' },
        make('caption', { class: 'unseen' }, `The same schedule under ${names.join(' and under ')}`),
        make('thead', {}, make('tr', {}, names.map((name) => make('th', { scope: 'col' }, breakable(name))))),
        make('tbody', {}, alike(run, there, paired(run, there, aligned(run, there))).map((each) => (Array.isArray(each[0]) ? fold(run, there, each, names) : pairRow(run, there, each)))),
        make('tfoot', {}, make('tr', {}, make('td', { class: 'failing' }, `✗ ${fails}`), make('td', {}, `■ ${says}`))))),
  ];
}

/** What else a placement fails: in the same scenario, and in others. */
function otherFailures(doc, other, scenario) {
  const cells = doc.cells[doc.rows.indexOf(other)];
  const where = (at) => cells[at][2].map((result) => doc.results[result]).filter(({ verdict }) => verdict === 'fails').map((each) => each.scenario);
  const failing = doc.properties.map(({ name, wanted }, at) => [name, wanted ? [] : where(at)]).filter(([, found]) => found.length);
  const names = (wanted) => failing.filter(([, found]) => found.includes(scenario) === wanted).map(([name]) => name).join(', ');
  const [here, elsewhere] = [names(true), names(false)];
  if (!failing.length) return 'It fails no safety property.';
  if (!elsewhere) return `It fails ${here}.`;
  return here ? `It fails ${here}, and in other scenarios ${elsewhere}.` : `In other scenarios it fails ${elsewhere}.`;
}

/** Rows in which steps stand beside each other that one thread does to one object in both. */
function paired(one, two, rows) {
  const found = [];
  let [left, right] = [[], []];
  const put = () => {
    while (left.length || right.length) {
      const match = right.findIndex((at) => left.length && sameWork(one.events[left[0]], two.events[at]));
      if (match >= 0) {
        for (const at of right.splice(0, match)) found.push([null, at]);
        found.push([left.shift(), right.shift()]);
      } else if (left.length) found.push([left.shift(), null]);
      else found.push([null, right.shift()]);
    }
  };
  for (const [mine, theirs] of rows) {
    if (mine !== null && theirs !== null) { put(); found.push([mine, theirs]); }
    else if (mine !== null) left.push(mine);
    else right.push(theirs);
  }
  put();
  return found;
}

function sameWork(one, other) {
  return one.thread === other.thread && one.object === other.object;
}

/** Rows, in which a long stretch where both do the same, or only one does anything, is one list. */
function alike(run, there, rows) {
  const found = [];
  let stretch = [];
  const put = (last) => {
    const kind = stretch.length ? kindOf(run, there, stretch[0]) : 'other';
    const [before, after] = kind === 'same' ? [found.length ? 1 : 0, last ? 0 : 2] : [2, 2];
    if (kind !== 'other' && stretch.length > FOLDED + before + after) {
      found.push(...stretch.slice(0, before), stretch.slice(before, stretch.length - after), ...stretch.slice(stretch.length - after));
    } else found.push(...stretch);
    stretch = [];
  };
  for (const row of rows) {
    if (stretch.length && kindOf(run, there, row) !== kindOf(run, there, stretch[0])) put(false);
    stretch.push(row);
  }
  put(true);
  return found;
}

/** Whether in a row both do the same, or something else, or only one of them does anything. */
function kindOf(run, there, row) {
  if (!differs(run, there, row)) return 'same';
  return row[1] === null ? 'here' : row[0] === null ? 'there' : 'other';
}

/** Whether a row has two different steps, or one alone. */
function differs(run, there, [one, two]) {
  return one === null || two === null || run.events[one].text !== there.events[two].text;
}

/** The row that stands for many, and becomes them. */
function fold(run, there, rows, names) {
  const text = {
    same: `${rows.length} operations are the same`, here: `${rows.length} more under ${names[0]}`, there: `${rows.length} more under ${names[1]}`,
  }[kindOf(run, there, rows[0])];
  const row = make('tr', { class: 'fold' }, make('td', { colspan: 2 }, make('button', {
    type: 'button', class: 'link', onclick: () => row.replaceWith(...rows.map((each) => pairRow(run, there, each))),
  }, `${text}: show them`)));
  return row;
}

function pairRow(run, there, [one, two]) {
  return make('tr', { class: differs(run, there, [one, two]) ? 'alone' : '' }, pairCell(run, one), pairCell(there, two));
}

function pairCell(run, at) {
  if (at === null) return make('td', { class: 'gap' });
  const event = run.events[at];
  return make('td', {}, make('span', { class: 'nth' }, event.step), threadName(run, event.thread), ' ', make('code', {}, breakable(told(event))));
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
