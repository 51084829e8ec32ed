/** From statements to what they mean, with one diagnostic for each thing that means nothing. */
export type { Lowered } from './lowered.ts';
export { lowerScenario } from './lowerScenario.ts';
export { lowerTrace } from './lowerTrace.ts';
export { lowerHistory } from './lowerHistory.ts';
