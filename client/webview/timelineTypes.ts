/** The parts of a timeline, by name. Of the server, the page knows the types of the requests only. */
import type { TimelineResult } from '../../server/src/lsp/requests.ts';

export type TimelineData = NonNullable<TimelineResult>;
export type TimelineMessage = TimelineData['messages'][number];
export type TimelineReign = TimelineData['reigns'][number];
export type TimelineSpan = TimelineData['spans'][number];
export type TimelineFault = TimelineData['faults'][number];
export type TimelineMark = TimelineData['marks'][number];
export type TimelineOperation = TimelineData['operations'][number];
export type TimelineViolation = TimelineData['violations'][number];
export type MarkKind = TimelineMark['kind'];
