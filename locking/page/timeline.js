// The run: time goes down. Only the rows that are in view are made, whose heights are all known.

const LINE = 18; // pixels of a line, as in the style
const PAD = 7; // pixels above and below the lines of a row, together
const AHEAD = 14; // rows that are made above and below those in view
const BARS_ROOM = 34; // pixels that bars take from a lane
const SHORT = 0.95; // of the window: a run that takes less of it does not scroll by itself
const BOLD = 7.4; // pixels of a sign of a thread's name, on average

/** A run as a table; `chosen(at)` is called for the event that is chosen. */
class Timeline {
  constructor(run, shown, view, chosen) {
    Object.assign(this, { run, shown, view, chosen, at: -1, opened: new Set(), hits: new Set(), rows: [], from: 0, to: 0, whole: false });
    this.causes = new Map();
    for (const [to, from, reason] of shown.causes) this.causes.set(to, [...(this.causes.get(to) ?? []), [from, reason]]);
    this.switches = new Set(switchesOf(run));
    this.stepRoom = stepRoom(run, shown);
    this.head = make('thead', {});
    this.widths = make('colgroup', {});
    this.body = make('tbody', {});
    [this.above, this.below] = [gap(), gap()];
    this.foot = make('tfoot', {}, make('tr', {}));
    this.table = make('table', { class: 'timeline' }, make('caption', { class: 'unseen' }, shown.title), this.widths, this.head, this.body, this.foot);
    this.arrows = draw('svg', { class: 'arrows', 'aria-hidden': 'true' });
    this.element = make('div', { class: 'scroll', role: 'region', tabindex: '0', 'aria-label': `${shown.title}. Arrow keys go from step to step.` },
      make('div', { class: 'sheet' }, this.table, this.arrows));
    this.element.addEventListener('scroll', () => this.window());
    this.seen = () => {};
    this.headHeight = 0;
  }

  /** Work out columns, rows and heights anew, and draw. */
  redraw() {
    const before = this.element.clientWidth;
    if (!before) return;
    this.lay();
    if (this.element.clientWidth !== before) this.lay(); // a scroll bar has come, or gone
  }

  lay() {
    const probe = make('span', { class: 'l call probe' }, 'm'.repeat(100));
    this.element.append(probe);
    this.letter = probe.getBoundingClientRect().width / 100 || 7.5;
    probe.remove();
    const width = this.element.clientWidth;
    Object.assign(this, columnsOf(this.run, this.view, width, this.stepRoom, this.letter));
    this.rows = rowsOf(this.run, this.shown.needed, this.view.mode, this.opened, this.hiddenLanes());
    let top = 0;
    for (const row of this.rows) {
      row.top = top;
      row.height = Math.max(...this.cellLines(row).map((lines) => lines.length), 1) * LINE + PAD;
      top += row.height;
    }
    this.height = top;
    this.table.setAttribute('aria-rowcount', this.rows.length + 1);
    this.table.classList.toggle('list', this.list);
    this.widths.replaceChildren(...this.columns.map(({ width: wide }) => {
      const col = make('col', {});
      col.style.width = `${wide}px`;
      return col;
    }));
    this.head.replaceChildren(make('tr', {}, this.columns.map((column) => this.headCell(column))));
    const end = make('td', { colspan: this.columns.length }, this.shown.end());
    this.foot.firstChild.replaceChildren(end);
    this.headHeight = this.head.offsetHeight; // to ask for it while the reader scrolls would lay the page out twice
    this.element.classList.toggle('short', this.headHeight + top + this.foot.offsetHeight < window.innerHeight * SHORT);
    this.window(true);
  }

  hiddenLanes() {
    return new Set(this.run.threads.flatMap((name, at) => (this.view.hidden.has(name) ? [at] : [])));
  }

  headCell({ kind, name, lane }) {
    const colour = kind === 'lane' ? ` ${hue(lane)}` : '';
    return make('th', { scope: 'col', class: `${kind}${colour}` }, breakable(name));
  }

  /** Signs that fit into a column. */
  room({ width, kind }) {
    const taken = { lane: BARS_ROOM, what: BARS_ROOM, lock: BESIDE_LOCK, value: 14, step: 14, who: 8 }[kind];
    return Math.max(Math.floor((width - taken) / (kind === 'who' ? BOLD : this.letter)), 8);
  }

  /** The lines of each cell of a row. */
  cellLines(row) {
    if (row.kind === 'start') return this.columns.map(() => []);
    if (row.kind !== 'step') {
      const width = this.threadColumns().reduce((sum, each) => sum + each.width, 0);
      return [wrapped(foldText(this.run, row), Math.floor((width - 60) / this.letter))];
    }
    const event = this.run.events[row.from];
    return this.columns.map((column) => {
      const room = this.room(column);
      if (column.kind === 'lane') return column.lane === event.thread ? stepLines(event, room) : [];
      if (column.kind === 'what') return stepLines(event, room, lockNews(this.run, row.from, this.inline));
      if (column.kind === 'who') return wrapped(this.run.threads[event.thread], room);
      if (column.kind === 'lock') {
        const entry = this.run.held[row.from].find(([name]) => name === column.name);
        return entry ? lockLines(this.run, entry, room) : [];
      }
      return [];
    });
  }

  /** Make the rows that are in view, if they are not there yet. */
  window(anew = false) {
    const { scrollTop, clientHeight } = this.element;
    const first = this.whole ? 0 : this.rowAtHeight(scrollTop);
    const last = this.whole ? this.rows.length - 1 : this.rowAtHeight(scrollTop + clientHeight);
    if (anew || first < this.from || last >= this.to) {
      this.fill(Math.max(first - AHEAD, 0), Math.min(last + AHEAD + 1, this.rows.length), anew);
      if (anew) this.drawArrows();
    }
    this.seen(scrollTop, clientHeight);
  }

  /** Make the rows between two numbers; those that are there already stay, if not all are made `anew`. */
  fill(from, to, anew) {
    const some = (first, last) => this.rows.slice(first, last).map((row, at) => this.row(row, first + at));
    if (anew || from >= this.to || to <= this.from) this.body.replaceChildren(this.above, ...some(from, to), this.below);
    else {
      for (let at = this.from; at < from; at += 1) this.above.nextSibling.remove();
      for (let at = this.to; at > to; at -= 1) this.below.previousSibling.remove();
      this.above.after(...some(from, this.from));
      this.below.before(...some(this.to, to));
    }
    Object.assign(this, { from, to });
    const end = this.rows[to - 1];
    setGap(this.above, this.rows[from].top);
    setGap(this.below, this.height - end.top - end.height);
  }

  /** The number of the row at a height below the head. */
  rowAtHeight(height) {
    let [low, high] = [0, this.rows.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.rows[middle].top <= height) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** The number of the row that shows event `at`. */
  rowOf(at) {
    let [low, high] = [0, this.rows.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.rows[middle].from <= at) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  row(row, number) {
    const made = this.rowElement(row, number);
    made.style.height = `${row.height}px`;
    if (this.rowOf(this.at) === number) made.setAttribute('aria-current', 'step');
    return made;
  }

  rowElement(row, number) {
    const named = { 'aria-rowindex': number + 2, 'data-at': row.to };
    if (row.kind === 'fold' || row.kind === 'rounds') return this.foldRow(row, named);
    const { run, shown } = this;
    const at = row.from;
    const event = run.events[at];
    const kinds = ['needed', 'cycle'].filter((kind) => shown[kind].has(at));
    const more = [event ? hue(event.thread) : 'begin', event?.joined ? 'joined' : '', this.switches.has(at) ? 'switch' : '',
      at === shown.breaks ? (shown.failing ? 'breaks' : 'shows') : '', this.hits.has(at) ? 'hit' : ''];
    const lines = this.cellLines(row);
    const state = stateAt(run, at);
    return make('tr', { ...named, class: [...kinds, ...more].filter(Boolean).join(' '), onclick: () => this.chosen(at) },
      this.columns.map((column, place) => this.cell(column, lines[place], row, event, state)));
  }

  cell(column, lines, row, event, state) {
    const { run } = this;
    const at = row.from;
    const text = column.kind === 'who' ? [] : lines.map(lineOf);
    switch (column.kind) {
      case 'step': return this.stepCell(at, event);
      case 'lane': {
        const acting = event?.thread === column.lane;
        const inside = acting && event.from.length > event.in.length ? event.from : state.inside[column.lane];
        return make('td', { class: acting ? `lane acting ${hue(column.lane)}` : 'lane' }, sectionBars(inside), text);
      }
      case 'who': return make('td', { class: 'who' }, lines.map((name) => make('b', { class: `who ${hue(event.thread)}` }, name)));
      case 'what': return make('td', { class: event ? `what acting ${hue(event.thread)}` : 'what' }, event ? sectionBars(event.in) : null, text);
      case 'lock': {
        const lock = state.locks.get(column.name) ?? { holders: [], waiters: [] };
        return make('td', { class: 'lock' }, holderBars(run, lock), text.length ? text : make('span', { class: 'unseen' }, lockWords(lock).join(', ')));
      }
      default: {
        const object = run.objects.indexOf(column.name);
        return make('td', { class: `value${state.changed.has(object) ? ' changed' : ''}`, title: state.values[object] }, state.values[object]);
      }
    }
  }

  stepCell(at, event) {
    if (!event) return make('th', { scope: 'row', class: 'step' }, 'start');
    const facts = this.shown.facts.get(at) ?? [];
    return make('th', { scope: 'row', class: 'step' },
      this.switches.has(at) ? sign('⇄', 'context switch', 'turn') : null,
      event.joined ? sign('┆', `step ${event.step} goes on, which is atomic`, 'on') : event.step,
      this.shown.cycle.has(at) ? sign('↻', 'repeated forever', 'again') : null,
      this.shown.marked.has(at) ? sign('•', 'the end depends on it', 'dot') : null,
      facts.map((fact) => sign(String(fact), `of fact ${fact}`, 'badge')));
  }

  foldRow(row, named) {
    const text = this.cellLines(row)[0];
    const open = (event) => { event.stopPropagation(); this.open(row); };
    const { thread } = this.run.events[row.from];
    const state = stateAt(this.run, row.to);
    const beside = this.columns.filter(({ kind }) => kind === 'lock' || kind === 'value');
    return make('tr', { ...named, class: `folded ${row.kind} ${hue(thread)}${this.switches.has(row.from) ? ' switch' : ''}`, onclick: () => this.chosen(row.to) },
      make('th', { scope: 'row', class: 'step' }, this.switches.has(row.from) ? sign('⇄', 'context switch', 'turn') : null, row.kind === 'rounds' ? `×${row.times}` : '⋮'),
      make('td', { colspan: this.threadColumns().length }, row.hidden ? text.map((each) => make('span', { class: 'l' }, each))
        : make('button', { type: 'button', tabindex: '-1', class: 'link', title: 'Show these steps', onclick: open }, text.map((each) => make('span', { class: 'l' }, each)))),
      beside.map((column) => this.cell(column, [], { from: row.to }, null, state)));
  }

  /** The columns that say what threads do. */
  threadColumns() {
    return this.columns.filter(({ kind }) => ['lane', 'who', 'what'].includes(kind));
  }

  /** Show the steps of a fold one by one. */
  open(row) {
    this.opened.add(row.from);
    this.redraw();
    this.chosen(row.from);
  }

  /** Mark event `at` and bring it into view; a fold that it is inside of is opened. */
  show(at) {
    let row = this.rows[this.rowOf(at)];
    while (row && (row.kind === 'fold' || row.kind === 'rounds') && !row.hidden && at !== row.to) {
      this.opened.add(row.from);
      this.redraw();
      row = this.rows[this.rowOf(at)];
    }
    if (!row) return;
    this.at = at;
    const { clientHeight, scrollTop } = this.element;
    const space = clientHeight - this.headHeight;
    const last = row === this.rows[this.rows.length - 1] ? this.foot.offsetHeight : 0;
    const bottom = row.top + row.height + last;
    if (row.top < scrollTop || bottom > scrollTop + space) {
      const far = row.top < scrollTop - space || bottom > scrollTop + 2 * space;
      this.element.scrollTop = far ? row.top - space / 2 : row.top < scrollTop ? row.top : bottom - space;
    }
    this.window();
    for (const each of this.body.querySelectorAll('[aria-current]')) each.removeAttribute('aria-current');
    this.body.querySelector(`[data-at="${row.to}"]`)?.setAttribute('aria-current', 'step');
    this.drawArrows();
  }

  /** Bring the step that is looked at into the window, where it is hidden by what is fixed or is outside. */
  comeIntoWindow() {
    const row = this.body.querySelector('[aria-current]');
    if (!row) return;
    const { top, bottom } = row.getBoundingClientRect();
    const above = fixedAbove() + this.headHeight;
    if (top < above) window.scrollBy(0, top - above);
    else if (bottom > window.innerHeight) window.scrollBy(0, bottom - window.innerHeight);
  }

  /** The event of the next row in a direction, or the same at an end. */
  near(direction) {
    let number = this.rowOf(this.at) + direction;
    while (this.view.mode === 'needed' && this.rows[number]?.kind === 'fold') number += direction;
    return this.rows[number]?.to ?? this.at;
  }

  /** Arrows to the step that is looked at, from those that it depends on. */
  drawArrows() {
    const lefts = [];
    let left = 0;
    for (const { width } of this.columns ?? []) { lefts.push(left); left += width; }
    this.arrows.setAttribute('width', left);
    this.arrows.setAttribute('height', this.height + this.headHeight);
    this.arrows.replaceChildren(...(this.causes.get(this.at) ?? []).map(([from, reason]) => this.arrow(from, this.at, this.shown.reasons[reason], lefts)).filter(Boolean));
  }

  arrow(from, to, [kind, object], lefts) {
    const place = (at) => {
      const { thread } = this.run.events[at];
      const column = this.columns.findIndex((each) => each.kind === 'what' || each.lane === thread);
      const row = this.rows[this.rowOf(at)];
      return column < 0 ? null : { column, left: lefts[column], right: lefts[column] + this.columns[column].width, y: this.headHeight + row.top + 12 };
    };
    const [one, other] = [place(from), place(to)];
    if (!one || !other) return null;
    const own = one.column === other.column;
    const right = own || one.left < other.left;
    const folds = this.rows.slice(this.rowOf(from), this.rowOf(to)).some(({ kind }) => kind !== 'step');
    const last = this.columns.lastIndexOf(this.threadColumns().at(-1)); // a fold's text ends before the end of this one
    const x1 = own ? (folds ? lefts[last] + this.columns[last].width : one.right) - 20 : right ? one.right - 8 : one.left + 4;
    const x2 = own ? x1 : right ? other.left + 4 : other.right - 8;
    const tip = own || !right ? 6 : -6;
    const bend = (own ? 20 : 28) * (right ? 1 : -1);
    const path = draw('path', {
      class: kind,
      d: `M${x1} ${one.y}C${x1 + bend} ${one.y} ${own ? x2 + bend : x2 - bend} ${other.y} ${x2} ${other.y}m${tip} -4l${-tip} 4l${tip} 4`,
    });
    path.append(draw('title', {}, `${kind}: ${object}`));
    return path;
  }
}

/** A sign, and what it says to those who don't see it. */
function sign(text, says, kind) {
  return make('span', { class: kind, title: says }, text, make('span', { class: 'unseen' }, ` ${says}`));
}

/** A row that takes the room of rows that are not made. */
function gap() {
  return make('tr', { class: 'gap', 'aria-hidden': 'true' }, make('td', {}));
}

function setGap(row, height) {
  row.hidden = !height;
  row.style.height = `${height}px`;
}
