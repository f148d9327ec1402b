// Squares in fixed places: a verdict in each of some scenarios.

const ABREAST = 12; // squares in a row at most
const NAMES = { holds: 'holds', fails: 'fails', unknown: 'unknown', never: 'never evaluated' };

/** The squares. */
function strip(count, squares) {
  const made = make('span', { class: 'strip', 'aria-hidden': 'true' }, squares);
  made.style.setProperty('--slots', Math.ceil(count / Math.ceil(count / ABREAST)));
  return made;
}

/** What squares of some kinds mean. */
function squareMarks(kinds) {
  const found = Object.keys(NAMES).filter((kind) => kinds.includes(kind)).map((kind) => make('span', {}, strip(1, make('i', { class: kind })), ` ${NAMES[kind]}`));
  return make('p', { class: 'legend' }, found, kinds.includes('none') ? make('span', {}, make('b', {}, '·'), ' not judged') : null);
}

/** What the squares stand for. */
function squareNames(names) {
  return make('p', { class: 'legend' }, 'Squares from left to right: ', names.map((name, at) => make('span', {}, make('b', {}, String(at + 1)), ` ${name}`)));
}
