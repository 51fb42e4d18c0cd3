// In this order: browsers also name those they descend from.
const browsers = [
  ["Edg", "Edge"],
  ["OPR", "Opera"],
  ["SamsungBrowser", "Samsung Internet"],
  ["Firefox", "Firefox"],
  ["FxiOS", "Firefox"],
  ["CriOS", "Chrome"],
  ["Chrome", "Chrome"],
  ["Safari", "Safari"],
] as const;

const systems = [
  ["Windows", "Windows"],
  ["Android", "Android"],
  ["iPhone", "iPhone"],
  ["iPad", "iPad"],
  ["CrOS", "ChromeOS"],
  ["Mac OS X", "macOS"],
  ["Linux", "Linux"],
] as const;

/**
 * Names the device behind a User-Agent header, such as `Firefox on Windows`, or the program, such as `curl`. Nothing else
 * of the header is repeated: whoever signs in chooses it, and could write to the account's owner through it.
 */
export function describeDevice(userAgent: string | null): string {
  if (userAgent === null) return "unknown";
  const browser = browsers.find(([token]) => userAgent.includes(`${token}/`))?.[1];
  const system = systems.find(([token]) => userAgent.includes(token))?.[1];
  if (browser !== undefined) return system === undefined ? browser : `${browser} on ${system}`;
  return system ?? /^([A-Za-z][A-Za-z0-9_-]{0,29})\//.exec(userAgent)?.[1] ?? "unknown";
}
