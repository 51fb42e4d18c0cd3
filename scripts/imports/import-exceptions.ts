/** An import that a rule would refuse. It has to go from here when nobody needs it: an unused exception is an error. */
export interface ImportException {
  readonly files: string;
  readonly imports: string;
  readonly because: string;
}

/** What is allowed although a rule refuses it. */
export const importExceptions: readonly ImportException[] = [
  {
    files: "packages/features/src/retention/clean-up.service.ts",
    imports: "packages/features/src/accounts/deletion/erasure.service.ts",
    because: "Accounts are erased when their time is over.",
  },
  {
    files: "{packages,apps}/*/bench/**/*.ts",
    imports: "scripts/bench/{benchmark,processor-time}.ts",
    because: "Benchmarks lie beside what they measure, and measure and report in one way.",
  },
  {
    files: "scripts/bench.ts",
    imports: "{packages,apps}/*/bench/**/*.ts",
    because: "`pnpm bench` runs the benchmarks of all packages.",
  },
  {
    files: "apps/server/bench/**/*.ts",
    imports: "packages/{db,features,market}/{bench,src/testing}/*.ts",
    because: "Benchmarks of the whole server use data that the packages' own benchmarks and tests use.",
  },
  {
    files: "scripts/{differential,fuzz,idempotency,simulate}.ts",
    imports: "apps/server/test/*/*.ts",
    because: "These scripts run the long forms of the server's tests.",
  },
  {
    files: "scripts/{command-line,differential}.ts",
    imports: "apps/server/src/commands/usage-error.ts",
    because: "Scripts and commands report wrong options in one way.",
  },
  {
    files: "apps/server/test/**/*.ts",
    imports: "scripts/generate/*.ts",
    because: "Tests write and compare files as `pnpm generate` prints them.",
  },
  {
    files: "scripts/security/password-words.test.ts",
    imports: "packages/features/src/accounts/passwords/password-rules.ts",
    because: "The test compares docs/security.md with the very words that the rules refuse.",
  },
];
