/**
 * What a test may ask of the page that shows VS Code: to look at what a person would see, and to act as a person would.
 * Each action takes Playwright's page and plain arguments and gives plain data.
 */

/** The timeline's own document: a webview is an iframe in an iframe. */
const timeline = (page) => page.frameLocator('iframe.webview.ready').frameLocator('#active-frame');

/** Runs in the page: a point of the first described element that a click would reach, from the drawing's corner. */
function freePoint(elements, label) {
  for (const element of elements) {
    if (!new RegExp(label).test(element.getAttribute('aria-label') ?? '')) continue;
    const line = element.querySelector('path, line'), corner = element.ownerSVGElement.getBoundingClientRect(), matrix = line.getScreenCTM();
    for (let part = 0.05; part < 1; part += 0.05) {
      const { x, y } = line.getPointAtLength(part * line.getTotalLength()).matrixTransform(matrix);
      if (document.elementFromPoint(x, y)?.closest('.item') === element) return { x: x - corner.left, y: y - corner.top };
    }
  }
  return null;
}

export const ACTIONS = {
  /** A picture of the window. */
  screenshot: (page, { path }) => page.screenshot({ path }).then(() => path),
  /** Presses keys: `Control+KeyS`. */
  press: (page, { keys }) => page.keyboard.press(keys),
  /** Types into whatever has the focus. */
  type: (page, { text }) => page.keyboard.type(text),
  /** How many elements of the window match a selector. */
  count: (page, { selector }) => page.locator(selector).count(),
  /** Waits until the window shows a match, and gives its text. */
  text: async (page, { selector, timeoutMs = 15_000 }) => {
    const found = page.locator(selector).first();
    await found.waitFor({ state: 'visible', timeout: timeoutMs });
    return found.innerText();
  },
  click: (page, { selector }) => page.locator(selector).first().click(),
  /** Takes the pointer off everything. */
  moveAway: (page) => page.mouse.move(700, 1),
  hover: (page, { selector }) => page.locator(selector).first().hover(),
  /** The same, inside the timeline. */
  timelineCount: async (page, { selector, timeoutMs = 15_000 }) => {
    const found = timeline(page).locator(selector);
    await found.first().waitFor({ state: 'attached', timeout: timeoutMs });
    return found.count();
  },
  /** How many there are now, without waiting for one. */
  timelineCountNow: (page, { selector }) => timeline(page).locator(selector).count(),
  timelineText: (page, { selector }) => timeline(page).locator(selector).first().textContent(),
  timelineTexts: (page, { selector }) => timeline(page).locator(selector).allTextContents(),
  /** Clicks the first thing whose description matches, at a point of its outline where nothing lies over it. */
  timelineClick: async (page, { selector, label }) => {
    const found = timeline(page).locator(selector);
    const place = await found.evaluateAll(freePoint, label);
    if (place === null) throw new Error(`nothing ${selector} described as ${label} can be clicked`);
    const box = await timeline(page).locator('svg').first().boundingBox();
    await page.mouse.click(box.x + place.x, box.y + place.y);
  },
  timelineAttributes: (page, { selector, name }) =>
    timeline(page).locator(selector).evaluateAll((elements, attribute) => elements.map((element) => element.getAttribute(attribute)), name),
};
