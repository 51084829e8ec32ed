/** What the editor at the other end can do, read once at the start. */
import type { ClientCapabilities } from 'vscode-languageserver/node';
import type { PageAddress } from './convert.ts';
import type { InitializationOptions } from './requests.ts';

export interface Editor {
  /** For codes and words of the document; for links in Markdown. */
  readonly pageAddress: PageAddress;
  readonly pageLink: PageAddress;
  /** It knows our commands and notifications. */
  readonly commands: boolean;
  readonly snippets: boolean;
  readonly labelDetails: boolean;
  readonly versionedEdits: boolean;
  readonly refreshesHints: boolean;
  readonly refreshesLenses: boolean;
}

export function openClient(capabilities: ClientCapabilities, options: InitializationOptions): Editor {
  const { pageAddress } = options, pageLink = options.pageLink ?? pageAddress;
  return {
    pageAddress: (page) => pageAddress?.replace('{page}', page),
    pageLink: (page) => pageLink?.replace('{page}', page),
    commands: options.commands === true,
    snippets: capabilities.textDocument?.completion?.completionItem?.snippetSupport === true,
    labelDetails: capabilities.textDocument?.completion?.completionItem?.labelDetailsSupport === true,
    versionedEdits: capabilities.workspace?.workspaceEdit?.documentChanges === true,
    refreshesHints: capabilities.workspace?.inlayHint?.refreshSupport === true,
    refreshesLenses: capabilities.workspace?.codeLens?.refreshSupport === true,
  };
}
