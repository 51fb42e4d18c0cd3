/** As many significant digits every double keeps. */
const digitsKept = 15;

/**
 * Whether a number in JSON comes out of a double as it went in. A fraction may also be written with the 17 digits that tell
 * every double from the next, as some languages write theirs: nothing is lost of what the sender had. A whole number may not:
 * whoever writes one means each of its digits.
 *
 * @param text a number as JSON writes it
 */
export function isExactNumber(text: string): boolean {
  const isShort = text.length <= digitsKept;
  if (isShort && !/[eE]/.test(text)) return true;
  const double = Number(text);
  if (!Number.isFinite(double)) return false;
  const kept = String(double);
  if (kept === text) return true;
  const sent = canonical(text);
  if (sent === canonical(kept)) return true;
  return /[.eE]/.test(text) && sent === canonical(double.toPrecision(17));
}

/** One spelling for each value: significant digits and the power of ten behind them. */
function canonical(number: string): string {
  const [, sign = "", whole = "", fraction = "", exponent = "0"] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([-+]?\d+))?$/.exec(number) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, "");
  const significant = digits.replace(/0+$/, "");
  if (significant === "") return "0";
  const power = Number(exponent) - fraction.length + digits.length - significant.length;
  return `${sign}${significant}e${power}`;
}
