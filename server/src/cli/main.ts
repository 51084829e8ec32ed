/** The entry of the `pawl` command: standard streams in, exit code out. */
import { runCommand } from './command.ts';
import { WRONG, type Io } from './io.ts';

const io: Io = {
  out: (text) => { process.stdout.write(text); },
  err: (text) => { process.stderr.write(text); },
  readInput: async () => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of process.stdin) chunks.push(chunk as Uint8Array);
    return Buffer.concat(chunks);
  },
  colours: process.stdout.isTTY === true && (process.env['NO_COLOR'] ?? '') === '' && process.env['TERM'] !== 'dumb',
  progress: process.stderr.isTTY === true,
};

// Whoever reads the output may stop reading (`pawl check | head`): that is no error of ours, and nobody is left to tell.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(process.exitCode ?? 0);
  });
}

// The exit code is set rather than forced, so that what was written reaches a slow pipe.
runCommand(process.argv.slice(2), io).then((code) => { process.exitCode = code; }, (error: unknown) => {
  const reason = error instanceof Error ? error.stack ?? error.message : String(error);
  process.stderr.write(`pawl: this is a bug of pawl, not of your document: ${reason}\n`);
  process.exitCode = WRONG;
});
