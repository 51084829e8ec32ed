/**
 * Properties draw the same cases in every run, so that what is red was made so by a change. `PAWL_SEED=7 npm run test:unit` draws
 * others, and what fast-check prints of a failure (`seed`, `path`) goes into its `fc.assert` to see that one again.
 */
import fc from 'fast-check';

fc.configureGlobal({ seed: Number(process.env['PAWL_SEED'] ?? 2024) });
