/**
 * What a test may ask of the page that shows VS Code: to look at what a person would see, and to act as a person would.
 * Each action takes Playwright's page and plain arguments and gives plain data.
 */

/** The timeline's own document: a webview is an iframe in an iframe. */
const timeline = (page) => page.frameLocator('iframe.webview.ready').frameLocator('#active-frame');

export const ACTIONS = {
  /** A picture of the window in test-results/. */
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
  hover: (page, { selector }) => page.locator(selector).first().hover(),
  /** The same, inside the timeline. */
  timelineCount: async (page, { selector, timeoutMs = 15_000 }) => {
    const found = timeline(page).locator(selector);
    await found.first().waitFor({ state: 'attached', timeout: timeoutMs });
    return found.count();
  },
  timelineText: (page, { selector }) => timeline(page).locator(selector).first().textContent(),
  timelineTexts: (page, { selector }) => timeline(page).locator(selector).allTextContents(),
  timelineClick: (page, { selector, nth = 0 }) => timeline(page).locator(selector).nth(nth).dispatchEvent('click'),
  timelineAttributes: (page, { selector, name }) =>
    timeline(page).locator(selector).evaluateAll((elements, attribute) => elements.map((element) => element.getAttribute(attribute)), name),
};
