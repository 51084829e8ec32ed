/** Pictures of a page of docs/ go into the page itself: its preview can load nothing from the scheme that the page is under. */

const PICTURE = /(!\[[^\]]*\])\(\.\.\/(pictures\/[\w-]+\.svg)\)\n*/g;

/** `read`: the bytes of a file below docs/, or nothing where it is not packaged: the page then goes on without it. */
export async function withPictures(page: string, read: (path: string) => Promise<Uint8Array | undefined>): Promise<string> {
  const found = new Map<string, string>();
  for (const [, , path] of page.matchAll(PICTURE)) {
    const bytes = found.has(path!) ? undefined : await read(path!);
    if (bytes !== undefined) found.set(path!, `data:image/svg+xml;base64,${base64(bytes)}`);
  }
  return page.replace(PICTURE, (_whole, words: string, path: string) => (found.has(path) ? `${words}(${found.get(path)!})\n\n` : ''));
}

function base64(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}
