// Loaded before everything else of a process (`--import movable-clock.ts?at=…`): moves what it takes for the time, and
// leaves its timers alone. The parent moves it on by messages.

const RealDate = Date;
/** By how much a process has moved its clock, for those that it starts: they load this, too, and nobody moves them. */
const offsetVariable = "MOVABLE_CLOCK_OFFSET_MS";
// biome-ignore lint/style/noProcessEnv: it is no setting, but what one process tells those that it starts.
const variables = process.env;
const inherited = variables[offsetVariable];
const at = new URL(import.meta.url).searchParams.get("at");
let offsetMs = 0;
moveBy(inherited !== undefined ? Number(inherited) : at === null ? 0 : RealDate.parse(at) - RealDate.now());

function moveBy(ms: number): void {
  offsetMs = ms;
  variables[offsetVariable] = String(ms);
}

class MovableDate extends RealDate {
  static override now(): number {
    return RealDate.now() + offsetMs;
  }

  /** What Node and other threads make is a date, too. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return RealDate[Symbol.hasInstance](value);
  }

  constructor(...parameters: readonly unknown[]) {
    if (parameters.length === 0) super(MovableDate.now());
    else super(...(parameters as [number]));
  }
}

globalThis.Date = MovableDate as DateConstructor;
if (inherited === undefined) {
  process.on("message", (message) => {
    if (typeof message === "object" && message !== null && "at" in message) {
      moveBy(RealDate.parse(String(message.at)) - RealDate.now());
      process.send?.({ moved: message.at });
    }
  });
  // Waiting for it keeps nobody alive.
  process.channel?.unref();
}
