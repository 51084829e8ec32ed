/** Entry of the language server for Node: `node dist/server.js --stdio` (or `--node-ipc`, as the extension starts it). */
import { dirname, extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { ProposedFeatures, createConnection } from 'vscode-languageserver/node';
import { startServer } from './server.ts';
import type { FromWorker, StartWorker } from './workerMessages.ts';

/** The worker lies beside this file: worker.ts in the sources, worker.js in dist/. */
const entry = process.argv[1] ?? '';
const workerPath = join(dirname(entry), `worker${extname(entry) === '.ts' ? '.ts' : '.js'}`);

const startWorker: StartWorker = (listener) => {
  const worker = new Worker(workerPath);
  let ended = false;
  const died = (reason: string): void => {
    if (!ended) listener.died(reason);
    ended = true;
  };
  worker.on('message', (message: FromWorker) => listener.message(message));
  worker.on('error', (error) => died(error instanceof Error ? error.stack ?? error.message : String(error)));
  worker.on('exit', (code) => died(`it ended with code ${code}`));
  return {
    post: (message) => worker.postMessage(message),
    terminate: () => {
      ended = true;
      void worker.terminate();
    },
  };
};

startServer(createConnection(ProposedFeatures.all), startWorker);
