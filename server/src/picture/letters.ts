/** Widths of texts where no page measures them: those of Arial and its like, and a little more, so that nothing touches. */

const NARROW = /[ijlI.,:;'’|!tf()[\]{} `]/, WIDE = /[mwMW@%…—→]/, CAPITAL = /[A-HJ-LN-VX-Z&]/;

/** Pixels. Letters that Latin texts do not have are as wide as they are high. */
export function textWidth(text: string, size: number): number {
  let width = 0;
  for (const letter of text) {
    width += letter > '\u2fff' ? 1 : NARROW.test(letter) ? 0.31 : WIDE.test(letter) ? 0.92 : CAPITAL.test(letter) ? 0.7 : 0.57;
  }
  return 1.04 * size * width;
}
