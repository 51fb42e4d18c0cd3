export type { Connection } from "./api-procedures.ts";
export type { ApiCommand, CommandField } from "./command.ts";
export { exitCodes } from "./exit-codes.ts";
export { type Place, type Screen, thisTerminal } from "./place.ts";
export { type CliOptions, type CommandGroup, runCli } from "./run-cli.ts";
