/** From statements to what they mean, with one diagnostic for each thing that means nothing. */
export { lowerScenario, type Lowered } from './lowerScenario.ts';
