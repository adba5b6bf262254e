import fc from "fast-check";
import type { CommitFate, World } from "./world.ts";

/** One thing that happens. Arrays of them are what fast-check generates, and shrinks when a rule is broken. */
export type Action = { name: string; run: (world: World) => void };

const small = fc.nat(7);
const few = fc.integer({ min: 1, max: 4 });
const hub = fc.nat(1);

function action<T extends unknown[]>(name: string, args: { [K in keyof T]: fc.Arbitrary<T[K]> }, run: (world: World, ...args: T) => void): fc.Arbitrary<Action> {
  return fc.tuple<T>(...args).map((values) => ({ name: `${name}(${values.join(", ")})`, run: (world) => run(world, ...values), toString: () => `${name}(${values.join(", ")})` }));
}

const fates: CommitFate[] = ["answered", "answer-lost", "never-arrives", "arrives-late", "hub-dies-before", "hub-dies-after"];

/** What happens on a good day, with everybody at work: users, hubs, delivery. */
export const everyday = [
  { weight: 4, arbitrary: action<[number, number]>("place", [small, small], (world, monitor, mask) => world.place(monitor, mask)) },
  { weight: 2, arbitrary: action<[number]>("start", [hub], (world, which) => world.start(which)) },
  { weight: 3, arbitrary: action<[number]>("sync", [hub], (world, which) => world.sync(which)) },
  { weight: 10, arbitrary: action<[number, number, number]>("commit", [hub, few, small], (world, which, limit, pick) => world.commit(which, { limit, pick }, "answered")) },
  { weight: 4, arbitrary: action<[number, number]>("read", [hub, few], (world, which, count) => world.hub(which).read(count * 2)) },
  { weight: 8, arbitrary: action<[number, number]>("pull", [small, few], (world, agent, count) => world.withAgent(agent, (it) => it.pull(count * 2))) },
  { weight: 8, arbitrary: action<[number, number]>("handle", [small, few], (world, agent, count) => world.withAgent(agent, (it, now) => it.handle(count * 2, now))) },
  { weight: 3, arbitrary: action<[number, number]>("heartbeat", [small, hub], (world, agent, which) => world.heartbeat(agent, which)) },
  { weight: 3, arbitrary: action<[number]>("step", [fc.constantFrom(1, 1000, 6000)], (world, ms) => world.step(ms)) },
  { weight: 1, arbitrary: action<[number]>("repair", [hub], (world, which) => world.hub(which).repair()) },
  { weight: 1, arbitrary: action<[number]>("reload", [hub], (world, which) => world.hub(which).reload()) },
];

/** Processes and connections fail; what is stored stays true. */
export const crashes = [
  { weight: 4, arbitrary: action<[number, number, CommitFate]>("commit", [hub, few, fc.constantFrom(...fates)], (world, which, limit, fate) => world.commit(which, { limit, pick: 0 }, fate)) },
  { weight: 2, arbitrary: action<[]>("arrive", [], (world) => world.arrive()) },
  { weight: 1, arbitrary: action<[number]>("crash", [hub], (world, which) => world.crash(which)) },
  { weight: 2, arbitrary: action<[number, number]>("redeliver", [small, small], (world, agent, pick) => world.withAgent(agent, (it) => it.redeliver(pick))) },
  { weight: 1, arbitrary: action<[number]>("restart", [small], (world, agent) => world.withAgent(agent, (it, now) => it.restart(now))) },
  { weight: 1, arbitrary: action<[number]>("handleAndDie", [small], (world, agent) => world.withAgent(agent, (it, now) => it.handle(9, now, true))) },
  { weight: 1, arbitrary: action<[]>("expireMarkers", [], (world) => world.stream.expireMarkers()) },
  { weight: 1, arbitrary: action<[number]>("jump", [fc.constantFrom(-86_400_000, -1000, 60_000)], (world, ms) => world.jump(ms)) },
];

/** Somebody puts an older head back. */
export const setBack = [{ weight: 4, arbitrary: action<[number]>("setBack", [small], (world, agent) => world.setBack(agent)) }];

/** The store lies: it forgets, goes back, or holds what no hub wrote. */
export const disasters = [
  { weight: 1, arbitrary: action<[]>("purge", [], (world) => world.purge()) },
  { weight: 1, arbitrary: action<[]>("recreate", [], (world) => world.recreate()) },
  { weight: 2, arbitrary: action<[]>("takeSnapshot", [], (world) => world.takeSnapshot()) },
  { weight: 2, arbitrary: action<[boolean]>("rollBack", [fc.boolean()], (world, too) => world.rollBack(too)) },
  { weight: 1, arbitrary: action<[number, number]>("forgetKey", [small, small], (world, agent, monitor) => world.forgetKey(agent, monitor)) },
  {
    weight: 2,
    arbitrary: action<[number, number, "delete" | "rubbish" | "plausible"]>("editByHand", [small, small, fc.constantFrom("delete", "rubbish", "plausible")], (world, agent, monitor, kind) => world.editByHand(agent, monitor, kind)),
  },
  { weight: 1, arbitrary: action<[number]>("forge", [small], (world, version) => world.forge(version + 1)) },
  { weight: 1, arbitrary: action<[number]>("loseDisk", [small], (world, agent) => world.loseDisk(agent)) },
  { weight: 1, arbitrary: action<[]>("loseStatus", [], (world) => world.loseStatus()) },
];

type Weighted = { weight: number; arbitrary: fc.Arbitrary<Action> }[];

export function stories(...kinds: Weighted[]): fc.Arbitrary<Action[]> {
  return fc.array(fc.oneof(...kinds.flat()), { minLength: 20, maxLength: 150, size: "max" });
}
