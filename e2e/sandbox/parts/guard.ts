/** Ends the parts of a sandbox when the process that keeps it goes away without a word: killed, crashed, out of memory. */
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";

/**
 * A shell in a session of its own that reads orders from a pipe. The operating system closes the pipe when its writer
 * ends, however it ends; then every process group that is still on the list is killed.
 */
const SCRIPT = `
pids=
while read -r order pid; do
  case "$order" in
    watch) pids="$pids $pid" ;;
    forget) kept=; for p in $pids; do [ "$p" = "$pid" ] || kept="$kept $p"; done; pids=$kept ;;
    release) exit 0 ;;
  esac
done
for p in $pids; do kill -s KILL -- "-$p" 2>/dev/null; done
`;

export class Guard {
  readonly #shell: ChildProcess;

  /** `label` shows in the list of processes, so that one can tell whose guard it is. */
  constructor(label: string) {
    this.#shell = spawn("/bin/sh", ["-c", SCRIPT, "sightline-guard", label], { cwd: "/", detached: true, stdio: ["pipe", "ignore", "ignore"] });
    this.#shell.unref();
    // The shell may be gone already when the last order is written.
    this.#shell.stdin?.on("error", () => undefined);
    const stdin: unknown = this.#shell.stdin;
    if (hasUnref(stdin)) stdin.unref();
  }

  /** Puts a process group on the list. */
  watch(leader: number): void {
    this.#order(`watch ${leader}`);
  }

  /** Takes a process group from the list: it ended, and its number may be given to somebody else. */
  forget(leader: number): void {
    this.#order(`forget ${leader}`);
  }

  /** Ends the guard and leaves running what runs. */
  release(): void {
    this.#order("release");
    this.#shell.stdin?.end();
  }

  #order(line: string): void {
    if (this.#shell.stdin?.writable === true) this.#shell.stdin.write(`${line}\n`);
  }
}

function hasUnref(value: unknown): value is { unref(): void } {
  return typeof value === "object" && value !== null && "unref" in value && typeof value.unref === "function";
}
