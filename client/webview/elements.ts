/** Making HTML elements. Texts are text nodes: nothing from a document is ever read as markup. */
export function make<Tag extends keyof HTMLElementTagNameMap>(tag: Tag, attributes: Readonly<Record<string, string>> = {},
  ...children: (Node | string)[]): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

export function button(label: string, title: string, action: () => void): HTMLButtonElement {
  const element = make('button', { type: 'button', title, 'aria-label': title }, label);
  element.addEventListener('click', action);
  return element;
}
