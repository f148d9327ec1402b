// Heads of tables: they stay in view below what is fixed at the top of the window.

/** Pixels at the top of the window over which the bar of the run is fixed. */
function fixedAbove() {
  const bar = document.querySelector('.bar');
  const { top, bottom } = bar?.getBoundingClientRect() ?? { top: 1 };
  return top <= 0 && getComputedStyle(bar).position === 'sticky' ? Math.max(bottom, 0) : 0;
}

/** Tell the style which tables go on to the right of what is in view, now and whenever one scrolls. */
function keepEdges() {
  const tell = (each) => each.classList.toggle('goes-on', each.scrollWidth - each.clientWidth - each.scrollLeft > 4);
  const sizes = new ResizeObserver((changed) => changed.forEach(({ target }) => tell(target.closest('.wide') ?? target)));
  const watch = () => document.querySelectorAll('.wide, .wide > table').forEach((each) => sizes.observe(each));
  new MutationObserver(watch).observe(document.querySelector('main'), { childList: true, subtree: true });
  document.addEventListener('scroll', ({ target }) => { if (target.classList?.contains('wide')) tell(target); }, { capture: true, passive: true });
  watch();
}

/** Tell the style how much of each table is above what is in view, whenever the page scrolls. */
function keepHeads() {
  window.addEventListener('scroll', () => {
    const above = fixedAbove();
    for (const each of document.querySelectorAll('.wide, .scroll')) {
      const { top, height } = each.getBoundingClientRect();
      const head = each.querySelector('thead')?.offsetHeight ?? 0;
      each.style.setProperty('--hidden', `${Math.max(Math.min(above - top - each.clientTop, height - 2 * head), 0)}px`);
    }
  }, { passive: true });
}
