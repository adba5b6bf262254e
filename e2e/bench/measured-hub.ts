import { measureLoop } from "./loop-delay.ts";

/** The hub as it is, beside a clock that sees how late its event loop is. */
measureLoop();
await import("../../hub/src/main.ts");
