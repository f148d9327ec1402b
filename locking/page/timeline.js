// The timeline: time goes down, a column for each thread and for each lock.

const CHUNK = 200; // rows that are made at once

/** A timeline of `run`; `chosen(at)` is called for the step that is chosen, `end` stands below. */
class Timeline {
  constructor(run, { causes, reasons, needed, cycle, title, end }, chosen) {
    Object.assign(this, { run, reasons, chosen, at: -1, drawn: 0 });
    this.needed = new Set(needed);
    this.cycle = new Set(cycle);
    this.lanes = lanesOf(run);
    this.locks = locksOf(run);
    this.causes = run.events.map(() => []);
    for (const [at, from, reason] of causes) this.causes[at].push([from, reason]);
    this.hues = new Map();
    this.rows = [];
    this.body = make('tbody', {});
    this.foot = make('tfoot', {}, make('tr', {}, make('td', { colspan: this.columns }, end)));
    this.table = make('table', { class: 'timeline', 'aria-rowcount': run.events.length + 2 },
      make('caption', { class: 'unseen' }, title), this.head(), this.body, this.foot);
    this.arrows = draw('svg', { class: 'arrows', 'aria-hidden': 'true' });
    this.element = make('div', { class: 'scroll', role: 'region', tabindex: '0', 'aria-label': `${title}. Arrow keys go from step to step.` },
      make('div', { class: 'sheet' }, this.table, this.arrows));
    this.element.addEventListener('scroll', () => this.more());
    this.ensure(CHUNK);
  }

  get columns() {
    return 2 + this.lanes.length + this.locks.length;
  }

  head() {
    const { threads } = this.run;
    return make('thead', {}, make('tr', {},
      make('th', { scope: 'col', class: 'step' }, 'step'),
      this.lanes.map((lane) => make('th', { scope: 'col', class: 'lane' }, breakable(threads[lane]))),
      this.locks.map((lock) => make('th', { scope: 'col', class: 'lock' }, breakable(lock))),
      make('th', { scope: 'col', class: 'after' }, 'because of')));
  }

  /** Make the rows up to number `count`; row 0 is the start. */
  ensure(count) {
    const end = Math.min(count, this.run.events.length + 1);
    if (end <= this.drawn) return;
    for (; this.drawn < end; this.drawn += 1) {
      const row = this.drawn ? this.row(this.drawn - 1) : this.startRow();
      this.rows.push(row);
      this.body.append(row);
    }
    this.foot.hidden = this.drawn <= this.run.events.length;
    this.redraw();
  }

  /** Make more rows when the last ones come near. */
  more() {
    const { scrollTop, scrollHeight, clientHeight } = this.element;
    if (scrollTop + 2 * clientHeight > scrollHeight) this.ensure(this.drawn + CHUNK);
  }

  startRow() {
    const state = stateAt(this.run, -1);
    return make('tr', { 'aria-rowindex': 2, 'data-at': -1, onclick: () => this.chosen(-1) },
      make('th', { scope: 'row', class: 'step' }, 'start'),
      this.lanes.map((lane) => make('td', { class: 'lane' }, this.bars(state.inside[lane]), this.marks('enters', state.inside[lane], 0))),
      this.locks.map((lock) => this.lock(lock, state, true)),
      make('td', { class: 'after' }));
  }

  row(at) {
    const { run } = this;
    const event = run.events[at];
    const state = stateAt(run, at);
    const moved = new Set(run.held[at].map(([name]) => name));
    return make('tr', {
      'aria-rowindex': at + 3, 'data-at': at, onclick: () => this.chosen(at),
      class: [this.needed.has(at) ? 'needed' : 'unneeded', this.cycle.has(at) ? 'cycle' : '', event.joined ? 'joined' : ''].join(' '),
    },
      make('th', { scope: 'row', class: 'step' }, event.joined ? make('span', { title: `step ${event.step}, which is atomic, goes on` }, '┆', make('span', { class: 'unseen' }, `step ${event.step} goes on`)) : event.step,
        this.cycle.has(at) ? make('span', { title: 'this step is one of those that are gone round for ever' }, '↻', make('span', { class: 'unseen' }, ' gone round for ever')) : null,
        this.needed.has(at) ? make('span', { class: 'dot', title: 'the end depends on this step' }, '•', make('span', { class: 'unseen' }, ' the end depends on it')) : null),
      this.lanes.map((lane) => (lane === event.thread ? this.acting(event) : make('td', { class: 'lane' }, this.bars(state.inside[lane])))),
      this.locks.map((lock) => this.lock(lock, state, moved.has(lock))),
      make('td', { class: 'after' }, this.because(at)));
  }

  /** The cell of the thread that takes the step. */
  acting(event) {
    const kept = shared(event.from, event.in);
    return make('td', { class: 'lane acting' },
      this.bars(event.from.length > event.in.length ? event.from : event.in),
      make('span', { class: 'call' }, breakable(told(event))),
      changes(event).map((text) => make('span', { class: 'change' }, text)),
      event.misuse ? make('span', { class: 'misuse' }, `✗ misuse: ${event.misuse}`) : null,
      this.marks('leaves', event.from, kept).reverse(),
      this.marks('enters', event.in, kept));
  }

  /** The names of the sections that are entered or left. */
  marks(word, names, kept) {
    return names.slice(kept).map((name) => make('span', { class: `mark hue${this.hue(name)}` }, make('i', {}, word), ' ', breakable(name)));
  }

  /** A bar for each section that the thread is in. */
  bars(names) {
    if (!names.length) return null;
    return make('span', { class: 'bars', 'aria-hidden': 'true' }, names.map((name) => make('i', { class: `hue${this.hue(name)}`, title: name })));
  }

  hue(section) {
    if (!this.hues.has(section)) this.hues.set(section, this.hues.size % 6);
    return this.hues.get(section);
  }

  /** The cell of a lock: a bar while it is held, and words where that changes. */
  lock(name, state, changed) {
    const lock = state.locks.get(name) ?? { holders: [], waiters: [] };
    const { holders, waiters } = lock;
    const mode = holders.length ? (holders.every(([, each]) => each === 'read') ? 'read' : 'write') : 'free';
    const words = lockWords(lock);
    return make('td', { class: `lock ${mode}${waiters.length ? ' waited' : ''}` },
      changed ? (words.length ? words : ['free']).map((text) => make('span', {}, text)) : make('span', { class: 'unseen' }, words.join(', ')));
  }

  /** The earlier steps that this one depends on, as buttons that go there. */
  because(at) {
    return this.causes[at].map(([from, reason]) => {
      const [kind, object] = this.reasons[reason];
      const { step } = this.run.events[from];
      return make('button', {
        type: 'button', tabindex: '-1', class: 'cause', title: `${kind}: ${object}`, 'aria-label': `${step} ${kind}, ${object}`,
        onclick: (event) => { event.stopPropagation(); this.chosen(from); },
      }, `${step} ${kind}`);
    });
  }

  /** Mark step `at` and bring it into view. */
  show(at) {
    this.ensure(at + 2);
    this.rows[this.at + 1]?.removeAttribute('aria-current');
    this.at = at;
    const row = this.rows[at + 1];
    row.setAttribute('aria-current', 'step');
    const top = row.offsetTop - this.table.tHead.offsetHeight;
    const last = at === this.run.events.length - 1 ? this.foot.offsetHeight : 0;
    const bottom = row.offsetTop + row.offsetHeight + last;
    const { scrollTop, clientHeight } = this.element;
    if (top < scrollTop) this.element.scrollTop = top;
    else if (bottom > scrollTop + clientHeight) this.element.scrollTop = bottom - clientHeight;
    for (const arrow of this.arrows.querySelectorAll('path')) arrow.classList.toggle('now', Number(arrow.dataset.to) === at);
  }

  /** Draw the arrows between threads, where the rows are now. */
  redraw() {
    const { width, height } = this.table.getBoundingClientRect();
    if (!width) return;
    this.arrows.setAttribute('width', width);
    this.arrows.setAttribute('height', height);
    const found = [];
    for (let to = 0; to < this.drawn - 1; to += 1) {
      for (const [from, reason] of this.causes[to]) found.push(this.arrow(from, to, this.reasons[reason]));
    }
    this.arrows.replaceChildren(...found.filter(Boolean));
  }

  arrow(from, to, [kind, object]) {
    const { events } = this.run;
    const own = events[from].thread === events[to].thread;
    const one = this.rows[from + 1].querySelector('.acting');
    const other = this.rows[to + 1].querySelector('.acting');
    if (!one.offsetParent || !other.offsetParent) return null;
    const right = own || one.offsetLeft < other.offsetLeft;
    const x1 = one.offsetLeft + (own ? one.offsetWidth - 22 : right ? one.offsetWidth - 8 : 4);
    const x2 = own ? x1 : other.offsetLeft + (right ? 4 : other.offsetWidth - 8);
    const y1 = one.offsetTop + 13;
    const y2 = other.offsetTop + 13;
    const tip = own || !right ? 6 : -6;
    const bend = (own ? 22 : Math.min(16 + (y2 - y1) / 12, 40)) * (right ? 1 : -1);
    const path = draw('path', {
      class: [kind, own ? 'own' : '', to === this.at ? 'now' : ''].join(' '), 'data-to': to,
      d: `M${x1} ${y1}C${x1 + bend} ${y1} ${own ? x2 + bend : x2 - bend} ${y2} ${x2} ${y2}m${tip} -4l${-tip} 4l${tip} 4`,
    });
    path.append(draw('title', {}, `${kind}: ${object}`));
    return path;
  }
}
