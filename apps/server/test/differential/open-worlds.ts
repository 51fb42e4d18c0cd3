import { openWorld, type World } from "./world.ts";

/** Worlds that are the same but for the way in which they are asked. */
export interface Worlds extends AsyncDisposable {
  readonly list: readonly World[];
}

/** The ways to ask, and none. */
const everyWay = ["REST", "tRPC", "GraphQL", "MCP", "in process"] as const;

/**
 * Opens a world for each way to ask, all with the same market and models.
 *
 * @param isLong whether agents have one, too, whose tools do a fourth of what endpoints do
 */
export async function openWorlds(isLong: boolean): Promise<Worlds> {
  await using opened = new AsyncDisposableStack();
  const list: World[] = [];
  for (const name of everyWay) {
    if (name === "MCP" && !isLong) continue;
    list.push(opened.use(await openWorld(name, { withForecasts: true })));
  }
  const kept = opened.move();
  return { list, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}
