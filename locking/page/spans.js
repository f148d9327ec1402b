// One run in time: a bar for all that a thread does, and the critical path.

const HUES = 5;

/** A run, whose bars are drawn on a scale that ends at `until` seconds. */
function timed(run, until) {
  return make('figure', { class: 'times' },
    make('figcaption', {}, make('h3', {}, run.title, make('small', {}, ` ${run.says} s`))),
    make('ol', { class: 'tracks' }, run.threads.map(([name, spans]) => make('li', { class: 'track' },
      make('span', { class: 'who' }, breakable(name)),
      make('span', { class: 'spans' }, spans.map((each) => span(run, each, until)))))),
    make('div', { class: 'axis', 'aria-hidden': 'true' }, make('span', { class: 'who' }), make('div', { class: 'ticks' }, ticks(until))),
    legend(run),
    folded(run.title, 'The critical path', ['from', 'to', 'thread', 'what'], critical(run)),
    folded(run.title, 'All that threads do, and when', ['thread', 'from', 'to', 'what'], inWords(run)),
    run.waits.length ? folded(run.title, 'Time waited', ['for', 'thread', 'seconds'], run.waits) : null);
}

function span(run, { begin, end, said, step, waits: lock, critical: isCritical }, until) {
  const [letter, name] = step === null ? ['', ''] : run.letters[step];
  const does = lock ? `waits for ${lock}` : name;
  const drawn = make('span', {
    class: ['span', lock ? 'waiting' : `hue${step % HUES}`, isCritical ? 'critical' : ''].filter(Boolean).join(' '),
    role: 'img', 'aria-label': `${said[0]} to ${said[1]} s: ${does}${isCritical ? ', critical' : ''}`,
    title: `${said[0]} to ${said[1]} s: ${does}${isCritical ? ', on the critical path' : ''}`,
  }, make('b', {}, lock ? does : `${letter} ${name}`));
  drawn.style.left = `${percent(begin, until)}%`;
  drawn.style.width = `${percent(end - begin, until)}%`;
  return drawn;
}

function percent(seconds, until) {
  return until ? (100 * seconds) / until : 0;
}

/** Marks at round numbers of seconds, at most six. */
function ticks(until) {
  if (!until) return [];
  const power = 10 ** Math.floor(Math.log10(until / 5));
  const apart = [1, 2, 5, 10].map((each) => each * power).find((each) => until / each <= 5);
  return Array.from({ length: Math.floor(until / apart + 1e-9) + 1 }, (_, at) => {
    const mark = make('span', {}, at ? `${Number((at * apart).toPrecision(6))} s` : '0');
    mark.style.left = `${percent(at * apart, until)}%`;
    return mark;
  });
}

/** What letters and looks mean. */
function legend(run) {
  return make('p', { class: 'legend' },
    run.letters.map(([letter, name]) => make('span', {}, make('b', {}, letter), ' ', breakable(name))),
    make('span', {}, make('i', { class: 'sample span waiting' }), ' hatched: it waits'),
    make('span', {}, make('i', { class: 'sample span critical' }), ' lines above and below: the critical path'));
}

/** A table that is opened by its title. */
function folded(of, title, head, rows) {
  const row = (cells) => make('tr', {}, cells.map((each) => make('td', {}, each)));
  return make('details', {}, make('summary', {}, title),
    make('div', { class: 'wide', role: 'region', tabindex: '0', 'aria-label': `${title}, ${of}` }, make('table', { class: 'spent' },
      make('thead', {}, make('tr', {}, head.map((each) => make('th', { scope: 'col' }, each)))),
      make('tbody', {}, rows.map(row)))));
}

function critical(run) {
  return run.critical.map(([begin, end, thread, what, after]) =>
    [begin, end, thread, after ? `${what}, after it waited for ${after}` : what]);
}

function inWords(run) {
  return run.threads.flatMap(([thread, spans]) => spans.map(
    ({ said, step, waits: lock }) => [thread, ...said, lock ? `waits for ${lock}` : run.letters[step][1]]));
}
