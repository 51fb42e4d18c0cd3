export { createTestDatabase, type TestDatabase } from "./create-test-database.ts";
export { startPostgres, type TestPostgres } from "./start-postgres.ts";
