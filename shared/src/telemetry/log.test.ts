import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { createLogger, type LogFields, type Logger, type LogLevel } from "./log.ts";

async function lines(log: (logger: Logger) => void, options: { level?: LogLevel; ambient?: () => LogFields } = {}): Promise<unknown[]> {
  const stream = new PassThrough();
  const logger = createLogger({ component: "hub", level: "info", stream, ...options });
  log(logger);
  await logger.close();
  stream.end();
  return (await text(stream)).trim().split("\n").map((line): unknown => JSON.parse(line));
}

describe("a log line", () => {
  it("is one JSON object: its message, its level, the fields of the call and of the logger", async () => {
    const seen = await lines((logger) => logger.with({ controller: "c" }).warn("Something happened", { key: "shop/a" }));
    expect(seen).toMatchObject([{ component: "hub", controller: "c", key: "shop/a", level: "warn", message: "Something happened" }]);
    expect(seen[0]).toHaveProperty("timestamp", expect.stringMatching(/^\d{4}-\d\d-\d\dT/));
  });

  it("carries what surrounds the call, as it is at the call", async () => {
    let request = 1;
    const log = (logger: Logger): void => {
      logger.info("One");
      request = 2;
      logger.with({ key: "a" }).info("Two", { request_id: "its own" });
      logger.info("Three");
    };
    expect(await lines(log, { ambient: () => ({ request_id: request }) })).toMatchObject([{ request_id: 1 }, { request_id: "its own", key: "a" }, { request_id: 2 }]);
  });

  it("asks for nothing below the level", async () => {
    let asked = 0;
    const ambient = (): LogFields => ({ asked: ++asked });
    await lines((logger) => (logger.with({ key: "a" }).debug("No"), logger.info("Yes"), logger.with({ key: "a" }).error("Yes")), { ambient });
    expect(asked).toBe(2);
  });

  it("is not written below the level", async () => {
    expect(await lines((logger) => (logger.info("No"), logger.error("Yes")), { level: "warn" })).toMatchObject([{ message: "Yes" }]);
  });
});
