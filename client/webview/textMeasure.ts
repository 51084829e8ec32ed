/** Widths of texts in the page's own font, remembered. */
export function textMeasure(): (text: string, size: number) => number {
  const context = document.createElement('canvas').getContext('2d');
  const known = new Map<string, number>();
  let font = '';
  return (text, size) => {
    const family = getComputedStyle(document.body).fontFamily;
    if (family !== font) { font = family; known.clear(); }
    const key = `${size} ${text}`;
    let width = known.get(key);
    if (width === undefined) {
      if (context !== null) context.font = `${size}px ${font}`;
      width = context?.measureText(text).width ?? text.length * size * 0.6;
      if (known.size > 20_000) known.clear();
      known.set(key, width);
    }
    return width;
  };
}
