/** Our own bugs stay out of the author's way: logged in full, told in one line, answered with nothing. */
import { LSPErrorCodes, MessageType, ResponseError } from 'vscode-languageserver/node';
import type { CancellationToken, Connection } from 'vscode-languageserver/node';

type RequestHandler<P, R> = (params: P, token?: CancellationToken) => Promise<R | ResponseError>;

export class Guard {
  private readonly connection: Connection;
  private readonly told = new Set<string>();

  constructor(connection: Connection) { this.connection = connection; }

  /** A request handler that always answers: with `nothing` where the feature threw, with an error where it refuses. */
  request<P, R>(name: string, nothing: R, handler: (params: P, token: CancellationToken | undefined) => R | Promise<R>): RequestHandler<P, R> {
    return async (params, token) => {
      try {
        const answer = await handler(params, token);
        if (token?.isCancellationRequested !== true) return answer;
        return new ResponseError(LSPErrorCodes.RequestCancelled, 'Cancelled by the editor.');
      } catch (error) {
        if (error instanceof ResponseError) return error;
        this.report(name, error);
        return nothing;
      }
    };
  }

  notification<P>(name: string, handler: (params: P) => void): (params: P) => void {
    return (params) => {
      try {
        handler(params);
      } catch (error) {
        this.report(name, error);
      }
    };
  }

  /** In full to the output; in one line, and once for each name, to the author. */
  report(name: string, error: unknown): void {
    const detail = error instanceof Error ? error.stack ?? error.message : String(error);
    this.connection.console.error(`A bug of Pawl's own in ${name}:\n${detail}`);
    if (this.told.has(name)) return;
    this.told.add(name);
    const message = `Pawl met a bug of its own (${name}). Your document is fine; the details are in the Pawl output.`;
    void this.connection.sendNotification('window/showMessage', { type: MessageType.Warning, message });
  }
}

/** A refusal that the editor shows to the author as it is. */
export function refusal(reason: string): ResponseError {
  return new ResponseError(LSPErrorCodes.RequestFailed, reason);
}
