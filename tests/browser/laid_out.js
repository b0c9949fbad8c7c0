// Says what of a page does not fit its window: a list of sentences, empty where all is well.
() => {
  const SLACK = 1.5;
  const CONTROLS = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button], [role=option], [tabindex="0"]';
  const faults = [];
  const wide = document.documentElement.clientWidth;
  const named = (one) => {
    const own = one.id ? `#${one.id}` : `${one.tagName.toLowerCase()}.${[...one.classList].join('.')}`;
    const text = (one.getAttribute('aria-label') || one.name || one.textContent || '').trim().replace(/\s+/g, ' ').slice(0, 24);
    const within = one.parentElement.closest('[id], td, th, header, form');
    return `${own} "${text}" in ${within ? within.id || within.tagName.toLowerCase() : 'body'}`;
  };
  const hides = (style) => style.overflowX !== 'visible' || style.overflowY !== 'visible';
  const scrollers = (one) => {
    const found = [];
    for (let box = one.parentElement; box && box !== document.documentElement; box = box.parentElement) {
      const style = getComputedStyle(box);
      if (style.position === 'fixed') return found;
      if (hides(style)) found.push([box, style]);
    }
    return found;
  };
  const isSeen = (one) => {
    if (!one.checkVisibility({checkOpacity: true, checkVisibilityCSS: true})) return false;
    for (let box = one; box; box = box.parentElement) if (getComputedStyle(box).clipPath !== 'none') return false;
    return !one.classList.contains('skip');
  };
  for (const box of [document.documentElement, document.querySelector('#main')]) {
    const more = box ? box.scrollWidth - box.clientWidth : 0;
    if (more > 0) faults.push(`${box.id || 'the page'} scrolls sideways by ${more} px`);
  }
  const shown = [];
  for (const one of document.querySelectorAll(CONTROLS)) {
    if (!isSeen(one)) continue;
    const around = scrollers(one);
    const rolls = around.some(([box, style]) => /auto|scroll/.test(style.overflowX) && box.id !== 'main' && box.scrollWidth > box.clientWidth);
    for (const rect of one.getClientRects()) {
      if (rect.width < 1 || rect.height < 1) continue;
      let [left, right, top, bottom] = [rect.left, rect.right, rect.top, rect.bottom];
      let isShort = getComputedStyle(one).textOverflow === 'ellipsis';
      for (const [box, style] of around) {
        const edge = box.getBoundingClientRect();
        left = Math.max(left, edge.left); right = Math.min(right, edge.right);
        top = Math.max(top, edge.top); bottom = Math.min(bottom, edge.bottom);
        isShort ||= style.textOverflow === 'ellipsis' || style.webkitLineClamp !== 'none';
        if (style.overflowY === 'hidden' && !isShort && bottom - top < rect.height - SLACK) {
          const sees = around.some(([other, its]) => /auto|scroll/.test(its.overflowY) && box.contains(other) && other !== box);
          if (!sees) faults.push(`${named(one)} is cut below by ${box.id || box.className}`);
        }
      }
      if (!rolls && !isShort && (rect.right > wide + SLACK || rect.left < -SLACK)) faults.push(`${named(one)} is beyond the window (${Math.round(rect.left)}..${Math.round(rect.right)})`);
      else if (!rolls && !isShort && right - left < rect.width - SLACK) faults.push(`${named(one)} is cut: ${Math.round(right - left)} of ${Math.round(rect.width)} px`);
      shown.push({one, rect, clipped: {left, right, top, bottom}, roll: around[0]?.[0]});
    }
    const own = getComputedStyle(one);
    const isWord = one.matches('a, button, summary, [role=button]');
    if (isWord && one.clientWidth && one.scrollWidth > one.clientWidth + SLACK && own.textOverflow !== 'ellipsis' && ![...one.querySelectorAll('*')].some((in_) => getComputedStyle(in_).textOverflow === 'ellipsis'))
      faults.push(`${named(one)}: its text sticks out by ${one.scrollWidth - one.clientWidth} px`);
    if (one.matches('input:not([type=checkbox], [type=radio], [type=color]), select, textarea') && one.clientWidth < 40) faults.push(`${named(one)} is ${one.clientWidth} px wide`);
  }
  for (const one of document.querySelectorAll('th, h1, h2, h3, label, .chip, dt')) {
    if (!isSeen(one) || !one.clientWidth) continue;
    const style = getComputedStyle(one);
    if (one.scrollWidth > one.clientWidth + SLACK && style.textOverflow !== 'ellipsis' && style.display !== 'inline') faults.push(`${named(one)}: its words stick out by ${one.scrollWidth - one.clientWidth} px`);
  }
  shown.sort((a, b) => a.rect.top - b.rect.top);
  for (let i = 0; i < shown.length; i++) {
    const a = shown[i];
    for (let j = i + 1; j < shown.length; j++) {
      const b = shown[j];
      if (a.one === b.one || a.one.contains(b.one) || b.one.contains(a.one)) continue;
      const [p, q] = a.roll === b.roll ? [a.rect, b.rect] : [a.clipped, b.clipped];
      const across = Math.min(p.right, q.right) - Math.max(p.left, q.left);
      const down = Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top);
      if (across > SLACK && down > SLACK) faults.push(`${named(a.one)} overlaps ${named(b.one)} by ${Math.round(across)} × ${Math.round(down)} px`);
    }
  }
  return [...new Set(faults)];
}
