// Text in lines of so many signs, so that the height of a row is known before it is drawn.

const BREAKS = /[-._/(,;:\s]/;

/** The lines of a text; a line ends after a space if there is one, or in its second half after a sign that may end it. */
function wrapped(text, room) {
  const lines = [];
  let rest = text;
  while (rest.length > room) {
    let end = room;
    while (end && !(end > room / 2 ? BREAKS : /\s/).test(rest[end - 1])) end -= 1;
    if (!end) end = room;
    lines.push(rest.slice(0, end));
    rest = rest.slice(end);
  }
  return [...lines, rest];
}
