export { ManualClock } from "./manual-clock.ts";
export { RecordingTracer } from "./recording-tracer.ts";
export { subjectMatches, subjectsAround, subjectTable } from "./subject-table.ts";
