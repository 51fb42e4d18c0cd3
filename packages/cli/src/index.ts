export type { ApiCommand, CommandField } from "./command.ts";
export { exitCodes } from "./exit-codes.ts";
export type { Place, Screen } from "./place.ts";
export { type CliOptions, runCli } from "./run-cli.ts";
