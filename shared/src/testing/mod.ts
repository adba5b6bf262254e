export { ManualClock } from "./manual-clock.ts";
export { RecordingTracer } from "./recording-tracer.ts";
