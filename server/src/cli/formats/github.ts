import type { Diagnostic, Severity } from '../../model/diagnostic.ts';
import type { FileReport } from '../report.ts';

const COMMANDS: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', information: 'notice', hint: 'notice' };

/** Workflow commands of GitHub Actions, one a line: they become annotations on the lines of a pull request. */
export function github(files: readonly FileReport[]): string {
  return files.flatMap(({ path, analysis }) => analysis.diagnostics.map((diagnostic) => `${command(path, diagnostic)}\n`)).join('');
}

function command(path: string, { place, severity, code, message }: Diagnostic): string {
  const line = place.line + 1;
  const properties = { file: path, line, col: place.start + 1, endLine: line, endColumn: place.end + 1, title: code };
  const listed = Object.entries(properties).map(([name, value]) => `${name}=${property(String(value))}`).join(',');
  return `::${COMMANDS[severity]} ${listed}::${data(message)}`;
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
