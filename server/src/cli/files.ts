/** Finding and reading documents. Paths stay as they were given, with forward slashes, so that output is the same everywhere. */
import { closeSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import { sep } from 'node:path';
import { UsageError } from './io.ts';

export interface Source {
  readonly path: string;
  readonly text: string;
}

/** Every file named, and every `.pawl` below every directory named, in order and each once. Throws UsageError. */
export function pathsOf(named: readonly string[]): readonly string[] {
  const found = new Set<string>();
  for (const path of named) {
    if (!isDirectory(path)) {
      found.add(slashed(path));
      continue;
    }
    const below = documentsBelow(path);
    if (below.length === 0) throw new UsageError(`${path}: no .pawl file in this directory or below it`);
    for (const each of below) found.add(each);
  }
  return [...found];
}

function isDirectory(path: string): boolean {
  return attempt(path, () => statSync(path)).isDirectory();
}

/** Sorted by path, code unit by code unit. Links to directories are not followed, so that there is an end. */
function documentsBelow(directory: string): readonly string[] {
  const found: string[] = [];
  const walk = (at: string): void => {
    for (const entry of attempt(at, () => readdirSync(at, { withFileTypes: true }))) {
      const path = at === '.' ? entry.name : `${at.replace(/\/+$/, '')}/${entry.name}`;
      if (entry.isDirectory()) walk(path);
      else if (entry.name.endsWith('.pawl') && (entry.isFile() || isFileBehindLink(path))) found.push(path);
    }
  };
  walk(slashed(directory));
  return found.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

function isFileBehindLink(path: string): boolean {
  return attempt(path, () => statSync(path)).isFile();
}

function slashed(path: string): string {
  return sep === '\\' ? path.replaceAll('\\', '/') : path;
}

/** Reads a document. Throws UsageError for what cannot be read or is not text. */
export function readSource(path: string): Source {
  return { path, text: decode(path, attempt(path, () => readFileSync(path))) };
}

const CHUNK = 1 << 16;

/** The lines of a text file, one after another, with the bytes read so far: a file of any size takes the memory of its longest line. Throws UsageError. */
export function* linesOf(path: string): Generator<{ readonly text: string; readonly bytes: number }> {
  const file = attempt(path, () => openSync(path, 'r'));
  try {
    const chunk = new Uint8Array(CHUNK), decoder = new TextDecoder('utf-8', { fatal: true });
    let rest = '', bytes = 0;
    for (let read = CHUNK; read > 0;) {
      read = attempt(path, () => readSync(file, chunk, 0, CHUNK, null));
      const part = chunk.subarray(0, read);
      if (bytes === 0) refuseBinary(path, part);
      bytes += read;
      const lines = (rest + decoded(path, decoder, part, read > 0)).split('\n');
      rest = lines.pop()!;
      for (const text of lines) yield { text: text.endsWith('\r') ? text.slice(0, -1) : text, bytes };
    }
    if (rest !== '') yield { text: rest, bytes };
  } finally {
    closeSync(file);
  }
}

export const sizeOf = (path: string): number => attempt(path, () => statSync(path)).size;

/** UTF-8 to text, a byte order mark dropped. Throws UsageError for anything else. */
export function decode(path: string, bytes: Uint8Array): string {
  refuseBinary(path, bytes);
  return decoded(path, new TextDecoder('utf-8', { fatal: true }), bytes, false);
}

function refuseBinary(path: string, bytes: Uint8Array): void {
  const [first, second] = bytes;
  const isUtf16 = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  if (isUtf16) throw new UsageError(`${path}: this is UTF-16; save it as UTF-8`);
  if (bytes.includes(0)) throw new UsageError(`${path}: not a text file (it holds NUL bytes)`);
}

function decoded(path: string, decoder: TextDecoder, bytes: Uint8Array, stream: boolean): string {
  try {
    return decoder.decode(bytes, { stream });
  } catch (error) {
    throw new UsageError(`${path}: ${error instanceof TypeError ? 'not valid UTF-8 text' : 'too large to read'}`, { cause: error });
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory', ENOTDIR: 'no such file or directory', EACCES: 'permission denied', EPERM: 'permission denied',
  EISDIR: 'this is a directory; name a file', ELOOP: 'too many symbolic links', ENAMETOOLONG: 'the name is too long',
  EROFS: 'the file system is read-only', ENOSPC: 'no space left', ERR_FS_FILE_TOO_LARGE: 'too large to read',
};

/** Does what the operating system may refuse, and turns its refusal into one clear line. */
export function attempt<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    throw new UsageError(`${path}: ${REASONS[code] ?? `cannot be used (${code || String(error)})`}`, { cause: error });
  }
}
