// Who waits for whom at the end of a run, as a graph, and a run that goes round forever, as a lasso.

const RING = { low: 95, high: 140, most: 14, node: 13, large: 3, sign: 7.8, beside: 0.45 }; // pixels, but for counts of threads

/** The graph of `waits`: a ring where threads wait for each other in turn, and lists of the others. */
function waitGraph(run, waits) {
  const ring = ringOf(waits);
  const others = waits.filter(([who]) => !ring.some((each) => each[0] === who));
  const drawn = ring.length > 1 && ring.length <= RING.most;
  return make('figure', { class: 'waits' },
    make('figcaption', {}, make('b', {}, 'Who waits for whom at the end'), ring.length ? `: ${counted(ring.length, 'thread')} in a ring${others.length ? `, and ${counted(others.length, 'more thread')} behind them` : ''}` : ''),
    drawn ? drawnRing(run, ring) : null,
    ring.length > RING.large || ring.length === 1 ? make('ol', { class: 'chain' }, ring.map((each) => make('li', {}, waitWords(run, each)))) : null,
    others.length ? make('ul', { class: 'behind' }, grouped(others).map(([names, [, step, object, held]]) => make('li', {},
      nameList(run, names), names.length > 1 ? ' wait for ' : ' waits for ', make('code', {}, object), held.length ? [', held by ', nameList(run, held)] : [' in ', make('code', {}, step)]))) : null);
}

function waitWords(run, [who, step, object, held]) {
  return [nameList(run, [who]), ' waits for ', make('code', {}, object), held.length ? [', held by ', nameList(run, held)] : [' in ', make('code', {}, step)]];
}

/** Threads that wait for the same, held by the same, together. */
function grouped(waits) {
  const found = new Map();
  for (const each of waits) {
    const key = JSON.stringify(each.slice(2));
    found.set(key, [[...(found.get(key)?.[0] ?? []), each[0]], each]);
  }
  return [...found.values()];
}

/** Names of threads in their colours, the first few. */
function nameList(run, names, last = ', ') {
  const shown = names.length > 4 ? names.slice(0, 3) : names;
  return [
    shown.map((name, at) => [at ? (at === names.length - 1 ? last : ', ') : '', make('b', { class: `who ${hueOfName(run, name)}` }, name)]),
    shown.length < names.length ? ` and ${names.length - shown.length} more` : '',
  ];
}

/** The entries of threads that wait for each other in turn; none where no ring is. */
function ringOf(waits) {
  const by = new Map(waits.map((each) => [each[0], each]));
  for (const [start] of waits) {
    const path = [];
    for (let at = start; by.has(at);) {
      if (path.includes(at)) return path.slice(path.indexOf(at)).map((name) => by.get(name));
      path.push(at);
      const held = by.get(at)[3];
      at = held.find((name) => by.has(name));
    }
  }
  return [];
}

/** Where a text begins that leads away from the middle. */
function anchored(x) {
  return Math.abs(x) < 12 ? 'middle' : x < 0 ? 'end' : 'start';
}

/** Where the name of what is waited for stands inside of a ring: at its arrow, from which it leads away. */
function inside([x, y], wide, high) {
  const side = Math.abs(x) / wide;
  const [left, down] = side < RING.beside ? [0, 15] : [Math.sign(x) * (4 + 10 * side), 12];
  return { x: x - left, y: y + 4 - (down * y) / high, 'text-anchor': left ? anchored(-x) : 'middle' };
}

/** The ring: threads on an ellipse, which is so wide that names have room beside each other, and on each arrow what
 * is waited for. */
function drawnRing(run, ring) {
  const count = ring.length;
  const side = Math.max(...ring.map(([who]) => who.length)) * RING.sign + 34;
  const label = Math.max(...ring.map(([, , object]) => object.length)) * RING.sign + 18;
  const tall = count === 2 ? 60 : count > 6 ? RING.high : RING.low;
  const first = Math.sin(Math.PI / count); // how far from the middle the first name inside is
  const radius = Math.max(tall * 1.25, (first < RING.beside ? label / 2 : label) / first);
  const place = (at, more = 0, part = 1) => {
    const angle = (2 * Math.PI * at) / count - (count === 2 ? Math.PI : Math.PI / 2);
    return [Math.cos(angle) * (radius * part + more), Math.sin(angle) * (tall * part + more)];
  };
  const bow = (Math.cos(Math.PI / count) + 0.97) / 2; // how far out the middle of an arrow is
  const said = ring.map(([who, , object, held]) => `${who} waits for ${object}, held by ${held.join(' and ')}`).join('; ');
  const width = 2 * (radius + side);
  const high = 2 * (count === 2 ? tall * 0.72 + 18 : tall + 44);
  const svg = draw('svg', { class: count > RING.large ? 'ring large' : 'ring', role: 'img', 'aria-label': said, viewBox: `${-width / 2} ${-high / 2} ${width} ${high}` });
  svg.style.maxWidth = `${width * 1.15}px`;
  ring.forEach(([who, , object], at) => {
    const [x, y] = place(at);
    const [tx, ty] = place(at + 1);
    const [mx, my] = count === 2 ? [0, at ? tall : -tall] : place(at + 0.5, 0, 0.97);
    const dx = tx - mx;
    const dy = ty - my;
    const long = Math.hypot(dx, dy) || 1;
    const [ex, ey] = [tx - (dx / long) * (RING.node + 5), ty - (dy / long) * (RING.node + 5)];
    const [ux, uy] = [(dx / long) * 8, (dy / long) * 8];
    svg.append(draw('path', { class: 'edge', d: `M${x} ${y}Q${mx} ${my} ${ex} ${ey}M${ex - ux - uy / 1.6} ${ey - uy + ux / 1.6}L${ex} ${ey}L${ex - ux + uy / 1.6} ${ey - uy - ux / 1.6}` }));
    const name = count === 2 ? { x: 0, y: at ? 50 : -40, 'text-anchor': 'middle' } : inside(place(at + 0.5, 0, bow), radius, tall);
    svg.append(draw('text', { class: 'object', ...name }, object));
    const outer = place(at, 22);
    const anchor = anchored(outer[0]);
    svg.append(draw('circle', { class: `node ${hueOfName(run, who)}`, cx: x, cy: y, r: RING.node }));
    svg.append(draw('text', { class: 'thread', x: outer[0], y: outer[1] + (anchor === 'middle' ? (outer[1] < 0 ? -6 : 14) : 4), 'text-anchor': anchor }, who));
  });
  return svg;
}

const LASSO = { most: 26, gap: 30, radius: 58 };

/** The run as a lasso: the way in, and the steps that are repeated forever, of which each can be gone to. */
function lasso(run, cycle, go) {
  const first = cycle[0];
  const way = run.events.map((_, at) => at).slice(0, first);
  const shownWay = way.length > 6 ? [...way.slice(0, 2), null, ...way.slice(-3)] : way;
  const all = cycle.filter((at) => !run.events[at].joined);
  const ring = all.length > LASSO.most ? [...all.slice(0, LASSO.most - 6), null, ...all.slice(-5)] : all;
  const radius = Math.max(LASSO.radius, (ring.length * LASSO.gap) / (2 * Math.PI));
  const stem = shownWay.length * LASSO.gap;
  const [width, height] = [stem + 2 * radius + 60, 2 * radius + 50];
  const svg = draw('svg', { class: 'lasso', role: 'group', 'aria-label': `${counted(first, 'event')}, and then ${counted(all.length, 'step')} forever`, viewBox: `-20 ${-height / 2} ${width} ${height}` });
  svg.style.maxWidth = `${Math.min(width * 1.2, 900)}px`;
  svg.append(draw('path', { class: 'edge', d: `M0 0H${stem}` }), draw('circle', { class: 'rope', cx: stem + radius, cy: 0, r: radius }));
  const put = (at, x, y) => svg.append(at === null ? draw('text', { class: 'object', x, y: y + 4, 'text-anchor': 'middle' }, '…') : lassoStep(run, at, x, y, go));
  shownWay.forEach((at, number) => put(at, number * LASSO.gap + 6, 0));
  ring.forEach((at, number) => {
    const angle = Math.PI + (2 * Math.PI * (number + 0.5)) / ring.length;
    put(at, stem + radius + Math.cos(angle) * radius, Math.sin(angle) * radius);
  });
  svg.append(draw('text', { class: 'object', x: stem + radius, y: 4, 'text-anchor': 'middle' }, '↻ forever'));
  const threads = [...new Set(cycle.map((at) => run.events[at].thread))];
  return make('figure', { class: 'waits' },
    make('figcaption', {}, make('b', {}, first ? `After step ${run.events[first - 1].step} the same steps forever` : 'The same steps forever'), `: ${counted(all.length, 'step')} of `,
      nameList(run, threads.map((each) => run.threads[each]), ' and ')), svg);
}

function lassoStep(run, at, x, y, go) {
  const event = run.events[at];
  const step = draw('g', {
    class: `node ${hue(event.thread)}`, role: 'button', tabindex: '0', 'aria-label': `step ${event.step}, ${run.threads[event.thread]}: ${told(event)}`,
    onclick: () => go(at), onkeydown: (key) => { if (key.key === 'Enter' || key.key === ' ') { key.preventDefault(); go(at); } },
  }, draw('circle', { cx: x, cy: y, r: 11 }), draw('text', { x, y: y + 4, 'text-anchor': 'middle' }, String(event.step)));
  step.append(draw('title', {}, `step ${event.step}, ${run.threads[event.thread]}: ${told(event)}`));
  return step;
}
