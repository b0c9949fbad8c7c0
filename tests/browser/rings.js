// Says which controls of a page have no ring when a keyboard comes to them, or one that is hidden.
() => {
  const CONTROLS = 'a[href], button:enabled, input:enabled:not([type=hidden]), select:enabled, textarea:enabled, summary, [tabindex="0"]';
  const faults = [];
  const drawn = (style) => style.boxShadow !== 'none' || (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0 && !/, 0\)$|transparent/.test(style.outlineColor));
  const looks = (one) => { const style = getComputedStyle(one); return [style.boxShadow, style.outlineStyle, style.outlineColor, style.outlineWidth, style.borderColor].join(); };
  for (const one of document.querySelectorAll(CONTROLS)) {
    if (!one.checkVisibility({checkOpacity: true, checkVisibilityCSS: true})) continue;
    document.activeElement.blur();
    const before = looks(one);
    one.focus({focusVisible: true});
    if (document.activeElement !== one) continue;
    const around = one.closest('label, .find, td, li, .choice');
    if ((before === looks(one) || !drawn(getComputedStyle(one))) && !(around && around.matches(':focus-within') && drawn(getComputedStyle(around)))) {
      faults.push(`${one.id || one.className || one.tagName} "${one.textContent.trim().slice(0, 20)}" has no ring`);
      continue;
    }
    const rect = one.getBoundingClientRect();
    if (!rect.width || getComputedStyle(one).boxShadow.includes('inset')) continue;
    for (let box = one.parentElement; box && box.id !== 'main'; box = box.parentElement) {
      const style = getComputedStyle(box);
      if (style.overflowX === 'visible' && style.overflowY === 'visible') continue;
      const edge = box.getBoundingClientRect();
      const hidden = [['left', rect.left - 2 < edge.left], ['right', rect.right + 2 > edge.right], ['top', rect.top - 2 < edge.top], ['bottom', rect.bottom + 2 > edge.bottom]].filter(([, is]) => is).map(([side]) => side);
      if (hidden.length > 1) faults.push(`${one.id || one.className || one.tagName} "${one.textContent.trim().slice(0, 20)}": its ring is hidden ${hidden.join(', ')} by ${box.id || box.className || box.tagName}`);
      break;
    }
  }
  return [...new Set(faults)];
}
