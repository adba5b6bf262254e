/** How the sandbox tells what it does. */

export interface Progress {
  readonly text: string;
  /** True for a line that the next one of the same work replaces ("… 1 min 20 s"). */
  readonly ongoing: boolean;
}

export type Report = (progress: Progress) => void;

export const silent: Report = () => undefined;

/** Reports a step that stands. */
export function step(report: Report, text: string): void {
  report({ text, ongoing: false });
}

/** "40 s", "1 min 20 s". Seconds may have fractions; they are cut. */
export function durationText(seconds: number): string {
  const whole = Math.floor(seconds);
  const minutes = Math.floor(whole / 60);
  return minutes === 0 ? `${whole} s` : `${minutes} min ${whole % 60} s`;
}

/** "about 40 s" below two minutes, else whole minutes. */
export function estimateText(seconds: number): string {
  return seconds < 120 ? `about ${Math.ceil(seconds / 10) * 10} s` : `about ${Math.round(seconds / 60)} min`;
}

interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Without a terminal a line that cannot be rewritten is told this seldom. */
const QUIET_MS = 5000;

/** Prints to a terminal (ongoing lines rewrite themselves) or to a log (one ongoing line in 5 s). `now` is monotonic, in ms. */
export function printer(out: Output, now: () => number = () => performance.now()): Report {
  let lastOngoing = -Infinity;
  return ({ text, ongoing }) => {
    if (out.isTTY === true) {
      out.write(`\r\u001B[2K${ongoing ? text.slice(0, (out.columns ?? 80) - 1) : `${text}\n`}`);
      return;
    }
    if (ongoing && now() - lastOngoing < QUIET_MS) return;
    if (ongoing) lastOngoing = now();
    out.write(`${text}\n`);
  };
}
