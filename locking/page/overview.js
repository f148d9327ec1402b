// The whole run in a strip: a line for each thread, dark where the end depends on the step.

const STRIP = { least: 3, most: 9, room: 110 }; // pixels of a thread's line, and of all

/** The strip beside `timeline`; a click goes to the step at that height. */
class Overview {
  constructor(timeline, go) {
    Object.assign(this, { timeline, run: timeline.run });
    this.lanes = new Map(lanesOf(this.run).map((lane, at) => [lane, at]));
    this.wide = Math.min(Math.max(Math.floor(STRIP.room / Math.max(this.lanes.size, 1)), STRIP.least), STRIP.most);
    this.canvas = make('canvas', { class: 'overview', 'aria-hidden': 'true', title: 'The whole run; a click goes to a step' });
    this.width = this.lanes.size * this.wide + 6;
    this.canvas.style.width = `${this.width}px`; // before the run beside it is laid out in the room that is left
    this.canvas.addEventListener('wheel', (event) => this.scrolled(event), { passive: false });
    this.canvas.addEventListener('pointerdown', (event) => {
      const { top, height } = this.canvas.getBoundingClientRect();
      go(Math.min(Math.max(Math.floor(((event.clientY - top) / height) * this.run.events.length), 0), this.run.events.length - 1));
    });
  }

  /** Scroll the run where the pointer is over its strip. */
  scrolled(event) {
    const { element } = this.timeline;
    const before = element.scrollTop;
    element.scrollTop += event.deltaY;
    if (element.scrollTop !== before) event.preventDefault();
  }

  /** Draw it as high as the run beside it. */
  draw() {
    const { canvas, run, timeline, width } = this;
    const height = timeline.element.clientHeight;
    if (!height) return;
    const scale = window.devicePixelRatio || 1;
    Object.assign(canvas, { width: width * scale, height: height * scale });
    canvas.style.height = `${height}px`;
    this.drawn = make('canvas', { width: canvas.width, height: canvas.height });
    const paint = this.drawn.getContext('2d');
    paint.scale(scale, scale);
    const looks = getComputedStyle(document.documentElement);
    const colour = (name) => looks.getPropertyValue(name);
    const each = height / Math.max(run.events.length, 1);
    run.events.forEach((event, at) => {
      const needed = timeline.shown.needed.has(at);
      paint.globalAlpha = needed ? 1 : 0.35;
      paint.fillStyle = colour(`--hue${event.thread % COLOURS}`);
      const inset = needed ? 0 : this.wide / 4;
      paint.fillRect(3 + this.lanes.get(event.thread) * this.wide + inset / 2, at * each, this.wide - inset - 1, Math.max(each, 1));
    });
    canvas.getContext('2d').scale(scale, scale);
    this.mark(timeline.element.scrollTop, height);
  }

  /** Mark what is in view, which begins at `scrollTop` and is `tall`, and the step that is looked at. */
  mark(scrollTop, tall) {
    if (!this.drawn) return;
    const { canvas, run, timeline } = this;
    const paint = canvas.getContext('2d');
    const { width, height } = canvas.style;
    const [wide, high] = [parseFloat(width), parseFloat(height)];
    paint.clearRect(0, 0, wide, high);
    paint.drawImage(this.drawn, 0, 0, wide, high);
    const count = Math.max(run.events.length, 1);
    const first = timeline.rows[timeline.rowAtHeight(scrollTop)];
    const last = timeline.rows[timeline.rowAtHeight(scrollTop + tall - timeline.headHeight)];
    const looks = getComputedStyle(document.documentElement);
    paint.strokeStyle = looks.getPropertyValue('--soft');
    paint.strokeRect(0.5, (Math.max(first.from, 0) / count) * high + 0.5, wide - 1, Math.max(((last.to + 1 - Math.max(first.from, 0)) / count) * high - 1, 3));
    paint.fillStyle = looks.getPropertyValue('--now-edge');
    if (timeline.at >= 0) paint.fillRect(0, (timeline.at / count) * high, wide, Math.min(Math.max(high / count, 2), 4));
  }
}
