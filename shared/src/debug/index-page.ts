import type { EventLoopDelay } from "./event-loop.ts";

const LINKS: readonly (readonly [href: string, what: string])[] = [
  ["profile?seconds=30", "CPU, for so many seconds (1 to 60): pprof"],
  ["heap", "memory in use, by where it was allocated since the listener began: pprof. ?gc=1 throws garbage away first"],
  ["trace?seconds=1", "what V8 and Node did, for so many seconds: a V8 trace (Trace Event Format, for Perfetto), not one of Go's"],
  ["cmdline", "the command line, arguments parted by NUL"],
  ["symbol", "no symbols to look up: profiles carry their names"],
  ["../event-loop", "the delay of the event loop: JSON"],
  ["../log-level", "the level of the log; PUT {\"level\":\"debug\"} changes it"],
];

/** The index of the debug listener, for people. */
export function indexPage(component: string, delay: EventLoopDelay): string {
  const links = LINKS.map(([href, what]) => `<li><a href="${href}">${href}</a> ${what}</li>`);
  const figures = `mean ${delay.mean} ms, p50 ${delay.p50} ms, p99 ${delay.p99} ms, max ${delay.max} ms`;
  return [
    "<!doctype html>",
    `<html lang="en"><meta charset="utf-8"><title>${component}: /debug/pprof/</title>`,
    `<h1>${component}: /debug/pprof/</h1>`,
    `<ul>${links.join("\n")}</ul>`,
    `<p>Event loop delay since the listener began: ${figures}.</p></html>\n`,
  ].join("\n");
}
