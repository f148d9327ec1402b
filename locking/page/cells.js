// What stands in the row of a step, in lines of known length. A line is a list of pieces of text.

const APART = 2; // signs between two pieces in one line

/** The lines that say what an event does; `news` is what became of locks that have no column. */
function stepLines(event, room, news = []) {
  const kept = shared(event.from, event.in);
  const marks = [
    ...event.from.slice(kept).reverse().map((name) => ({ kind: 'mark', text: `└ ${name}` })),
    ...event.in.slice(kept).map((name) => ({ kind: 'mark', text: `┌ ${name}` })),
  ];
  const does = [{ kind: 'call', text: told(event) }, ...changes(event).map((text) => ({ kind: 'change', text }))];
  const misuse = event.misuse ? [{ kind: 'misuse', text: `✗ misuse: ${event.misuse}` }] : [];
  return [...inLines(does, room), ...inLines(misuse, room), ...inLines(news, room), ...inLines(marks, room)];
}

/** Pieces in as few lines as they fit into; one that is too long has lines of its own. */
function inLines(pieces, room) {
  const lines = [];
  let used = Infinity;
  for (const piece of pieces) {
    const parts = wrapped(piece.text, room);
    if (parts.length === 1 && used + APART + piece.text.length <= room) {
      lines[lines.length - 1].push(piece);
      used += APART + piece.text.length;
    } else {
      for (const text of parts) lines.push([{ ...piece, text }]);
      used = parts[parts.length - 1].length;
    }
  }
  return lines;
}

/** What an event made of `locks` that have no column, in words. */
function lockNews(run, at, locks) {
  const { object, thread } = run.events[at];
  return run.held[at].filter(([name]) => locks.includes(name)).flatMap(([name, holders, waiters]) => {
    const own = name === object && holders.length && holders.every(([who]) => who === run.threads[thread]);
    const words = lockClauses({ holders: own ? [] : holders, waiters });
    if (own && !words.length) return []; // that it has the lock now says the step itself
    return [{ kind: 'news', text: `· ${name} ${words.join(', ') || 'is free'}` }];
  });
}

const LOCK_LINES = 3; // lines of a lock's column in which threads are named

/** The lines of a lock's column: only where that changes; the bar says the rest. */
function lockLines(run, [, holders, waiters], room) {
  const lines = (few) => lockWords({ holders, waiters }, few).flatMap((text) => {
    const who = hueOfName(run, text.split(' ').pop());
    return wrapped(text.replace(/^(read|write) /, ''), room).map((each) => [{ kind: who ? `who ${who}` : 'word', text: each }]); // the bar says which
  });
  if (!holders.length && !waiters.length) return [[{ kind: 'word', text: 'free' }]];
  const named = lines(ONE_BY_ONE);
  return named.length > LOCK_LINES ? lines(1) : named;
}

/** A line as elements. */
function lineOf(pieces) {
  return make('span', { class: 'l' }, pieces.map(({ kind, text }, at) => [at ? ' '.repeat(APART) : '', make('span', { class: kind }, text)]));
}

/** A bar for each section that a thread is inside; sections have no colours, threads do. */
function sectionBars(names) {
  if (!names.length) return null;
  return make('span', { class: 'bars', 'aria-hidden': 'true' }, names.slice(0, 4).map((name) => make('i', { title: name })));
}

const BARS = 3; // holders that have a bar each

/** The bars of those who hold a lock, each in its thread's colour; a hollow one is a reader's. */
function holderBars(run, { holders, waiters }) {
  return [
    holders.length ? make('span', { class: 'held', 'aria-hidden': 'true' }, holders.slice(0, BARS).map(([who, mode]) =>
      make('i', { class: `${mode === 'read' ? 'read' : 'write'} ${hueOfName(run, who)}` }))) : null,
    waiters.length ? make('span', { class: 'queue', 'aria-hidden': 'true' }) : null,
  ];
}
