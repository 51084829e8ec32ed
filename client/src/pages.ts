/**
 * The pages of docs/, under a scheme of our own, `pawl-docs:/docs/violations/split-brain.md`: the manifest has the editor
 * show that scheme as rendered Markdown, so that the code of a problem, which can only be an address, leads to a page.
 */
import * as vscode from 'vscode';
import { withPictures } from './pictures.ts';

const SCHEME = 'pawl-docs';

/** `page`: such as `violations/split-brain`. */
export function pageUri(page: string): vscode.Uri {
  return vscode.Uri.from({ scheme: SCHEME, path: `/docs/${page}.md` });
}

/** Serves the extension's own documents; nothing outside of docs/ and examples/. */
export function servePages(context: vscode.ExtensionContext): vscode.Disposable {
  return vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
    async provideTextDocumentContent({ path }): Promise<string> {
      if (!/^\/(docs|examples)\//.test(path) || path.includes('..')) return '';
      try {
        return await withPictures(new TextDecoder().decode(await bytesOf(context, path)), async (picture) => await bytesOf(context, `docs/${picture}`).then((bytes) => bytes, () => undefined));
      } catch {
        return `There is no page ${path} in this version.`;
      }
    },
  });
}

async function bytesOf(context: vscode.ExtensionContext, path: string): Promise<Uint8Array> {
  return await vscode.workspace.fs.readFile(vscode.Uri.joinPath(context.extensionUri, path));
}

/** Shows a page: the command behind links in hovers. */
export async function explain(page: string): Promise<void> {
  if (/^[a-z0-9-]+\/[a-z0-9-]+$/.test(page)) await vscode.commands.executeCommand('markdown.showPreview', pageUri(page));
}
