/**
 * Where the pages are served, without a slash at the end: `https://example.org`, or below a path where a proxy has them there. Scripts are in
 * the folder `assets`, beside the first page.
 */
export const siteUrl = import.meta.env.DEV
  ? location.origin
  : new URL(/* @vite-ignore */ "..", import.meta.url).href.replace(/\/$/, "");

/** The path of the same; empty for the root. */
export const sitePath = new URL(siteUrl).pathname.replace(/\/$/, "");
