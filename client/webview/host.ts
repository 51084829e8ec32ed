/** The one thing a webview is given: a way to speak to its extension, and a place to keep its state. */
import type { FromPanel, PanelState } from './messages.ts';

export interface Host {
  postMessage(message: FromPanel): void;
  getState(): PanelState | undefined;
  setState(state: PanelState): void;
}

declare function acquireVsCodeApi(): Host;

/** May be asked for once only. */
export const acquireHost = (): Host => acquireVsCodeApi();
