import { runCli, thisTerminal } from "@obsqra/cli";
import manifest from "../../package.json" with { type: "json" };
import { endProcess, thisProcess } from "../this-process.ts";
import { operatorGroups } from "./operator-groups.ts";

await endProcess(
  await runCli(thisTerminal(), {
    version: manifest.version,
    groups: operatorGroups,
    openInProcess: async () =>
      (await import("./open-in-process.ts")).openInProcess(thisProcess.readEnvironment()),
  }),
);
