/** Finding and reading documents. Paths stay as they were given, with forward slashes, so that output is the same everywhere. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
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

/** UTF-8 to text, a byte order mark dropped. Throws UsageError for anything else. */
export function decode(path: string, bytes: Uint8Array): string {
  const [first, second] = bytes;
  const isUtf16 = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  if (isUtf16) throw new UsageError(`${path}: this is UTF-16; save it as UTF-8`);
  if (bytes.includes(0)) throw new UsageError(`${path}: not a text file (it holds NUL bytes)`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
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
