// The run that is looked at: the bar that steps through it, its overview, its rows, and the state beside.

const MODES = { folded: 'steps folded', all: 'all steps', needed: 'only what the end depends on' };

/** What a reader chose of columns, which the next run keeps. */
const kept = { hidden: new Set(), values: [], locks: new Map() };

class Player {
  /** `shown` is what a result says of its run; `moved(at)` is called at each step. */
  constructor(doc, run, shown, tree, moved) {
    Object.assign(this, { doc, run, shown, tree, moved, at: -1, found: [] });
    this.view = Object.assign(kept, { mode: run.events.length >= LONG ? 'folded' : 'all' });
    this.timeline = new Timeline(run, shown, this.view, (at) => this.go(at));
    this.overview = new Overview(this.timeline, (at) => this.go(at));
    this.timeline.seen = (top, tall) => this.overview.mark(top, tall);
    this.switches = switchesOf(run);
    this.aside = make('div', { id: 'aside', role: 'region', 'aria-label': 'After this step', tabindex: '0' });
    this.count = make('span', { id: 'count' });
    this.slider = make('input', { type: 'range', id: 'slider', min: -1, max: run.events.length - 1, 'aria-label': 'Step', oninput: () => this.go(Number(this.slider.value)) });
    this.hits = make('span', { id: 'hits', role: 'status' });
    this.legend = make('p', { class: 'legend' });
  }

  elements() {
    return [
      this.bar(),
      make('div', { class: 'split' },
        make('div', { class: 'left' }, make('div', { class: 'pane' }, this.overview.canvas, this.timeline.element), this.legend),
        this.aside),
    ];
  }

  bar() {
    const { run } = this;
    const button = (label, name, act) => make('button', { type: 'button', 'aria-label': name, title: name, onclick: act }, label);
    const possible = ['folded', 'all', 'needed'].filter((name) => (name === 'folded' ? run.events.length >= LONG : name === 'all' || this.shown.marked.size));
    const mode = possible.length < 2 ? null : make('select', { id: 'mode', 'aria-label': 'Which steps are shown', onchange: () => { this.view.mode = mode.value; this.relaid(); } },
      possible.map((name) => make('option', { value: name, selected: name === this.view.mode }, MODES[name])));
    return make('div', { class: 'bar', role: 'group', 'aria-label': 'Steps' },
      button('|◀', 'First step (Home)', () => this.go(-1)), button('◀', 'Step back (←, k)', () => this.go(this.timeline.near(-1))),
      this.count,
      button('▶', 'Step on (→, j)', () => this.go(this.timeline.near(1))), button('▶|', 'Last step (End)', () => this.go(run.events.length - 1)),
      this.slider,
      make('span', { class: 'turns' }, button('⇄', 'Next context switch (])', () => this.turn(1)), ` ${counted(this.switches.length, 'context switch', 'context switches')}`),
      mode, this.search(), columnChooser(this.timeline, () => this.relaid()));
  }

  /** The field in which a reader searches the run; Enter goes on, with Shift back. */
  search() {
    const field = make('input', { type: 'search', id: 'search', placeholder: 'search', 'aria-label': 'Search in the run', oninput: () => this.find(field.value),
      onkeydown: (event) => { if (event.key === 'Enter') this.go(nextOf(this.found, this.at, event.shiftKey ? -1 : 1, true) ?? this.at); } });
    return make('span', { class: 'search' }, field, this.hits);
  }

  find(text) {
    const wanted = text.trim().toLowerCase();
    this.found = wanted ? this.run.events.flatMap((event, at) => (this.words(event).includes(wanted) ? [at] : [])) : [];
    this.timeline.hits = new Set(this.found);
    this.timeline.window(true);
    this.hits.textContent = wanted ? ` ${counted(this.found.length, 'step')}` : '';
    const next = this.found.find((at) => at >= this.at) ?? this.found[0];
    if (next !== undefined) this.go(next);
  }

  words(event) {
    return [this.run.threads[event.thread], told(event), ...changes(event), ...event.in, ...event.from, event.misuse ?? ''].join(' ').toLowerCase();
  }

  /** Go to the next context switch in a direction. */
  turn(direction) {
    return this.goToOne(this.switches, direction);
  }

  /** Go to the next step in a direction that the end depends on. */
  dependent(direction) {
    return this.goToOne([...this.shown.needed].sort((one, other) => one - other), direction);
  }

  goToOne(events, direction) {
    const next = nextOf(events, this.at, direction);
    if (next !== undefined) this.go(next);
  }

  relaid() {
    const { at } = this;
    this.timeline.opened.clear();
    this.redraw(at);
  }

  redraw(at = this.at) {
    this.timeline.redraw();
    this.timeline.show(at);
    this.overview.draw();
    if (this.timeline.columns) this.legend.replaceChildren(...legendOf(this.timeline));
  }

  /** Look at event `at`. */
  go(at, quiet = false) {
    const { run } = this;
    this.at = Math.min(Math.max(at, -1), run.events.length - 1);
    this.timeline.show(this.at);
    this.aside.replaceChildren(...aside(this.doc, run, this.at, (to) => this.go(to), this.shown.causes, this.shown.reasons, this.tree).flat(Infinity).filter(Boolean));
    const event = run.events[this.at];
    this.count.textContent = event ? `step ${event.step} of ${run.steps}` : `start, of ${run.steps}`;
    this.slider.value = String(this.at);
    this.slider.setAttribute('aria-valuetext', event ? `step ${event.step}` : 'start');
    this.moved(this.at);
    if (!quiet) say(event ? `Step ${event.step}: ${run.threads[event.thread]} ${told(event)}. ${changes(event).join(', ')}` : 'Start');
  }
}

/** The number after or before `at` in a list in order; at its end the first again, if it goes `round`. */
function nextOf(numbers, at, direction, round = false) {
  const found = direction > 0 ? numbers.find((each) => each > at) : numbers.findLast((each) => each < at);
  return found ?? (round ? numbers.at(direction > 0 ? 0 : -1) : undefined);
}
