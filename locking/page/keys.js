// The keys of the page, and the window that lists them.

const KEYS = [
  [['←', 'k'], 'step back'], [['→', 'j'], 'step on'], [['Home'], 'the start'], [['End'], 'the last step'],
  [['['], 'the context switch before'], [[']'], 'the next context switch'],
  [['p'], 'the step before on which the end depends'], [['n'], 'the next step on which the end depends'],
  [['/'], 'search in the run'], [['?'], 'this list'], [['arrow keys'], 'in the table of verdicts: from cell to cell'],
];

function helpButton() {
  return make('button', { type: 'button', class: 'theme', onclick: help }, 'Keys ', make('kbd', {}, '?'));
}

/** Show the list of keys. */
function help() {
  let dialog = document.querySelector('dialog');
  if (!dialog) {
    dialog = make('dialog', { 'aria-labelledby': 'keys-title' },
      make('h2', { id: 'keys-title' }, 'Keys'),
      make('dl', { class: 'keys' }, KEYS.map(([keys, does]) => [make('dt', {}, keys.map((each) => [make('kbd', {}, each), ' '])), make('dd', {}, does)])),
      make('form', { method: 'dialog' }, make('button', {}, 'Close')));
    document.body.append(dialog);
  }
  if (!dialog.open) dialog.showModal();
}

/** Call what a key stands for in `acts`, wherever it doesn't belong to something else, and then `done`. */
function listen(acts, done) {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return;
    const { target } = event;
    if (target.closest?.('input:not([type=checkbox]), select, textarea')) return;
    const act = acts[event.key];
    const moves = event.key.startsWith('Arrow') || event.key === 'Home' || event.key === 'End';
    if (!act || (event.shiftKey && moves) || (moves && target.closest?.('.matrix, pre'))) return;
    const inside = target.closest?.('#run');
    if ((event.key === 'ArrowUp' || event.key === 'ArrowDown') && !inside) return;
    if ((event.key === 'Home' || event.key === 'End') && !inside && target !== document.body) return;
    if (act() === false) return;
    event.preventDefault();
    done();
  });
}
