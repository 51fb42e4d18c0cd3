import { join } from "node:path";

/**
 * Lets Node keep what it has compiled, types stripped, for the next process: that is a third of what a start costs. What
 * is kept is bound to the content of each file.
 */
export const compileCache = {
  NODE_COMPILE_CACHE: join(import.meta.dirname, "../../../../node_modules/.cache/obsqra-compiled"),
};
