// What the marks of a run mean, of those that are in its rows.

/** The legend of `timeline`, as it is laid out now. */
function legendOf({ run, shown, rows, columns, switches }) {
  const events = rows.filter(({ kind }) => kind === 'step').map(({ from }) => run.events[from]);
  const folded = rows.some(({ kind, hidden }) => (kind === 'fold' || kind === 'rounds') && !hidden);
  const names = columns.filter(({ kind }) => kind === 'lock').map(({ name }) => name);
  const entries = [run.first, ...run.held].flat().filter(([name]) => names.includes(name));
  const held = (test) => entries.some(([, holders]) => holders.some(([, mode]) => test(mode)));
  const every = shown.needed.size === run.events.length;
  const found = [
    [switches.size, '⇄', 'context switch'],
    [shown.marked.size, '•', 'the end depends on it'], [every && run.events.length, '', 'the end depends on every step'],
    [shown.facts.size, '1', 'number of the fact above that names this step'],
    [events.some((event) => event.joined), '┆', 'goes on in the same atomic step'], [shown.cycle.size, '↻', 'repeated forever'],
    [folded, '⋮', 'steps that are folded; a click shows them'],
    [events.some((event) => event.in.length || event.from.length), '┌ └', 'enters and leaves a section'],
    [held((mode) => mode !== 'read'), '▮', 'held, in the colour of its holder'], [held((mode) => mode === 'read'), '▯', 'held for reading'],
    [entries.some(([, , waiters]) => waiters.length), '┊', 'waited for'],
    [lanesOf(run).some((lane) => lane >= COLOURS), '╎', 'threads that share a colour have different bars'],
  ];
  return found.filter(([wanted]) => wanted).map(([, mark, means]) => make('span', {}, make('b', {}, mark), ` ${means}`));
}
