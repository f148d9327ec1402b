// Heads of tables: they stay in view below what is fixed at the top of the window.

/** Pixels at the top of the window over which the bar of the run is fixed. */
function fixedAbove() {
  const bar = document.querySelector('.bar');
  const { top, bottom } = bar?.getBoundingClientRect() ?? { top: 1 };
  return top <= 0 && getComputedStyle(bar).position === 'sticky' ? Math.max(bottom, 0) : 0;
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
