import { firstPageRead } from "../paths.ts";
import { sitePath } from "./site.ts";

const early = `${sitePath}/${firstPageRead}`;
let isTaken = false;

/**
 * A `fetch` that takes what the browser has asked for with the page. It has asked as nobody, and gives it to whoever asks as nobody: the
 * figures are the same for all, unless an operator has closed them.
 */
export async function fetchEarly(url: string, options: RequestInit = {}): Promise<Response> {
  if (url !== early || isTaken) return fetch(url, options);
  isTaken = true;
  const { headers: _, ...asNobody } = options;
  const response = await fetch(url, asNobody);
  return response.status === 401 ? fetch(url, options) : response;
}
