import { measureLoop } from "./loop-delay.ts";

/** The agent as it is, beside a clock that sees how late its event loop is. */
measureLoop();
await import("../../agent/src/main.ts");
