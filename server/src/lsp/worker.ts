/** The analysis in a thread of its own: entry of the worker for Node. */
import { parentPort } from 'node:worker_threads';
import { AnalysisLoop } from './analysisLoop.ts';
import type { ToWorker } from './workerMessages.ts';

if (parentPort === null) throw new Error('worker.ts runs as a worker thread of the language server');
const port = parentPort;

const loop = new AnalysisLoop({
  post: (message, transfer) => port.postMessage(message, transfer),
  later: (work) => { setImmediate(work); },
  now: () => performance.now(),
});
port.on('message', (message: ToWorker) => loop.receive(message));
