import { violationsOf, type FileReport } from '../report.ts';

/** The object that language.md describes, version 1. Keys in its order. */
export function json(files: readonly FileReport[]): string {
  return `${JSON.stringify({ version: 1, files: files.map(fileObject) }, undefined, 2)}\n`;
}

function fileObject({ path, analysis }: FileReport): object {
  return {
    path,
    blocks: analysis.blocks.map((block) => ({
      kind: block.kind,
      name: block.name,
      line: block.line + 1,
      verdict: block.verdict,
      expectations: block.expectations.map(({ text, line, met }) => ({ text, line: line + 1, met })),
      violations: violationsOf(block),
      events: block.events,
    })),
    diagnostics: analysis.diagnostics.map(({ place, severity, code, message }) => ({
      line: place.line + 1, column: place.start + 1, endLine: place.line + 1, endColumn: place.end + 1, severity, code, message,
    })),
  };
}
