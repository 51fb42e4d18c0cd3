import type { Handle } from "@sveltejs/kit/hooks";
import { createServerClient } from "./lib/session";

export const handle: Handle = async ({ event, resolve }) => {
  event.locals.obsqra = await createServerClient(event.cookies);
  return resolve(event);
};
