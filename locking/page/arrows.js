// Arrows between the elements of a grid that have `data-event`, drawn again when the grid changes.

/** Draw an arrow for each edge over a grid. */
function joinWithArrows(grid, edges) {
  const drawing = draw('svg', { class: 'drawn', 'aria-hidden': 'true' });
  grid.append(drawing);
  const boxes = new Map([...grid.querySelectorAll('[data-event]')].map((each) => [each.dataset.event, each]));
  // The names come last: no line is drawn over them.
  const again = () => {
    const drawn = edges.map((each, at) => arrow(grid, boxes, each, at));
    drawing.replaceChildren(...drawn.flatMap(([line, tip]) => [line, tip]), ...drawn.map(([, , name]) => name));
  };
  new ResizeObserver(again).observe(grid);
}

/** One arrow with its name: straight down within a column, else bent from side to side. */
function arrow(grid, boxes, { source, kind, target }, at) {
  const [from, to] = [boxes.get(String(source)), boxes.get(String(target))].map((each) => place(grid, each));
  const down = from.x < to.x + to.width && to.x < from.x + from.width && from.y < to.y;
  const shift = kind === 'po' ? 14 : 40 + 26 * (at % 3);
  const [x1, y1, x2, y2] = down
    ? [from.x + shift, from.y + from.height, to.x + shift, to.y]
    : from.x < to.x
      ? [from.x + from.width, from.y + from.height / 2, to.x, to.y + to.height / 2]
      : from.x > to.x
        ? [from.x, from.y + from.height / 2, to.x + to.width, to.y + to.height / 2]
        : [from.x + from.width - shift, from.y, to.x + to.width - shift, to.y + to.height];
  const name = draw('text', { x: x1 + (x2 - x1) * 0.3 + 5, y: y1 + (y2 - y1) * (down ? 0.5 : 0.3), class: `arrow-name arrow-${kind}` }, kind);
  const angle = Math.atan2(y2 - y1, x2 - x1) * 180 / Math.PI;
  const head = draw('path', { d: 'M0 0L-9 -4L-9 4z', transform: `translate(${x2} ${y2}) rotate(${angle})`, class: `tip arrow-${kind}` });
  return [draw('line', { x1, y1, x2, y2, class: `arrow arrow-${kind}` }), head, name];
}

/** Where an element is in the grid. */
function place(grid, element) {
  const [outer, inner] = [grid, element].map((each) => each.getBoundingClientRect());
  return { x: inner.x - outer.x, y: inner.y - outer.y, width: inner.width, height: inner.height };
}
