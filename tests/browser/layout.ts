import type { Page } from 'playwright-core';

/** In the page. A box with an ellipsis says that it cuts; controls and states must be readable without a tooltip. */
const FIND = `(() => {
  const found = new Set();
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = texts.nextNode(); text; text = texts.nextNode()) {
    if (text.data.trim() === '') continue;
    const whole = text.parentElement.closest('.badge, button, th, h1, h2, h3, label, dt, .value') !== null;
    const range = document.createRange();
    range.selectNodeContents(text);
    for (const { left, right } of range.getClientRects()) {
      let [from, to] = [left, right];
      let [least, most] = [0, innerWidth];
      for (let box = text.parentElement; box; box = box.parentElement) {
        const { overflowX, textOverflow, clipPath } = getComputedStyle(box);
        const edge = box.getBoundingClientRect();
        const hides = overflowX === 'hidden' || overflowX === 'clip';
        // What is for screen readers only, and what can be scrolled to.
        if (clipPath !== 'none' || (hides && edge.width <= 1) || /auto|scroll/.test(overflowX)) {
          [least, most] = [-Infinity, Infinity];
          break;
        }
        if (!hides) continue;
        if (textOverflow === 'ellipsis' && !whole) {
          [from, to] = [Math.max(from, edge.left), Math.min(to, edge.right)];
        } else if (from < edge.left - 1 || to > edge.right + 1) {
          found.add(text.data.trim());
        }
      }
      if (from < least - 1 || to > most + 1) found.add(text.data.trim());
    }
  }
  return [...found];
})()`;

/** Texts of which a part is neither on the screen nor can be scrolled to, as where something hides what overflows. */
export async function cutTexts(page: Page): Promise<string[]> {
  return (await page.evaluate(FIND)) as string[];
}

/** Headings of panels that lie on other panels. */
export async function overlappingPanels(page: Page): Promise<string[]> {
  return (await page.evaluate(`(() => {
    const panels = [...document.querySelectorAll('#main .panel')];
    const boxes = panels.map((panel) => panel.getBoundingClientRect());
    return panels.filter((panel, i) => panels.some((other, k) =>
      k > i && !panel.contains(other) &&
      boxes[i].right > boxes[k].left + 1 && boxes[k].right > boxes[i].left + 1 &&
      boxes[i].bottom > boxes[k].top + 1 && boxes[k].bottom > boxes[i].top + 1,
    )).map((panel) => panel.querySelector('h2')?.textContent ?? panel.className);
  })()`)) as string[];
}
