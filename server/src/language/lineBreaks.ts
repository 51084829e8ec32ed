/** Lines and their endings. As in the language server protocol, `\n`, `\r\n` and a lone `\r` end a line. */
import { CR, CRLF, LF, NO_ENDING } from './context.ts';

/** Calls `each` for every line of a text, with the kind of its ending; the last one has none, and may be empty. Linear in the text. */
export function eachLine(text: string, each: (line: string, ending: number) => void): void {
  let start = 0;
  let lf = text.indexOf('\n');
  let cr = text.indexOf('\r');
  while (lf >= 0 || cr >= 0) {
    const isLf = cr < 0 || (lf >= 0 && lf < cr);
    const at = isLf ? lf : cr;
    const isPair = !isLf && lf === cr + 1;
    each(text.slice(start, at), isLf ? LF : isPair ? CRLF : CR);
    start = at + (isPair ? 2 : 1);
    if (isLf || isPair) lf = text.indexOf('\n', start);
    if (!isLf) cr = text.indexOf('\r', start);
  }
  each(text.slice(start), NO_ENDING);
}

export function endingText(ending: number): string {
  return ending === LF ? '\n' : ending === CRLF ? '\r\n' : ending === CR ? '\r' : '';
}
