// Text in lines of so many signs, so that the height of a row is known before it is drawn.

const BREAKS = /[-._/(,;:\s]/;

/** The lines of a text; a line ends after a sign that it may end after, if there is one. */
function wrapped(text, room) {
  const lines = [];
  let rest = text;
  while (rest.length > room) {
    let end = room;
    while (end > room / 2 && !BREAKS.test(rest[end - 1])) end -= 1;
    if (end <= room / 2) end = room;
    lines.push(rest.slice(0, end));
    rest = rest.slice(end);
  }
  return [...lines, rest];
}
