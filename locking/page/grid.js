// The verdicts as rows and columns of entries. An entry is a result, or null where nothing was judged.

const MANY = 20; // properties from which on they are the rows

/** The ways to look at the verdicts of `doc`, by what its rows are. */
function viewsOf(doc) {
  const what = doc.rows.some((row) => row.tree) ? 'placement' : 'case';
  const views = doc.properties.length > MANY ? ['property', what] : [what, 'property'];
  return doc.rows.length > 1 && doc.scenarios.length > 1 && what === 'placement' ? [...views, 'scenario'] : views;
}

/** The grid of one view: names of rows and columns, and for two numbers the entries of the cell. */
function gridOf(doc, view) {
  const rows = doc.rows.map((row, at) => ({ name: row.name, title: row.about, row: at, safety: row.safety }));
  const properties = doc.properties.map((each, at) => ({ name: each.name, title: each.about, property: at }));
  const scenarios = doc.scenarios.map((each, at) => ({ name: each.name, title: each.about, scenario: at }));
  const lettered = doc.scenarios.some((each) => each.letter);
  const inCell = (row, property) => entriesOf(doc, row, property);
  const byScenario = (row, property) => (lettered
    ? scenarios.map(({ name }) => inCell(row, property).find((entry) => entry.result.scenario === name) ?? null)
    : inCell(row, property));
  switch (view) {
    case 'scenario': return {
      rows: scenarios, columns: properties, slots: rows.map(({ name }) => name),
      cell: (scenario, property) => rows.map(({ row }) => inCell(row, property).find((entry) => entry.result.scenario === scenarios[scenario].name) ?? null),
    };
    case 'property': return { rows: properties, columns: rows, slots: lettered ? scenarios.map(({ name }) => name) : [''], cell: (property, row) => byScenario(row, property) };
    default: return { rows, columns: properties, slots: lettered ? scenarios.map(({ name }) => name) : [''], cell: byScenario, figures: true };
  }
}

/** The results of a row and a property, each with where it is from. */
function entriesOf(doc, row, property) {
  return doc.cells[row][property][2].map((number, at) => ({ row, property, at, result: doc.results[number] }));
}

/** The entry of a cell that is opened: one that is unexpected, or fails, or has a run at least. */
function openedFirst(entries) {
  const found = entries.filter(Boolean);
  return found.find(({ result }) => result.wrong && result.run) ?? found.find(({ result }) => result.verdict === 'fails' && result.run)
    ?? found.find(({ result }) => result.run) ?? found[0];
}

/** The verdict that decides of several. */
function worst(results) {
  const found = results.map(({ verdict }) => verdict);
  return ['fails', 'unknown', 'never', 'holds'].find((verdict) => found.includes(verdict));
}
