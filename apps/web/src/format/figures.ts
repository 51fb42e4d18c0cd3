const locale = "en";

const percentFormat = new Intl.NumberFormat(locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const wholeFormat = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
const scoreFormat = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const compactUsd = new Intl.NumberFormat(locale, {
  style: "currency",
  currency: "USD",
  notation: "compact",
  minimumSignificantDigits: 3,
  maximumSignificantDigits: 3,
});
const exactUsd = new Intl.NumberFormat(locale, { style: "currency", currency: "USD" });
const dayFormat = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", timeZone: "UTC" });
const fullDayFormat = new Intl.DateTimeFormat(locale, {
  day: "numeric",
  month: "short",
  year: "numeric",
  timeZone: "UTC",
});
const momentFormat = new Intl.DateTimeFormat(locale, {
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
  timeZone: "UTC",
});

/** What stands where nothing is known. */
export const unknown = "–";

type Maybe = number | null | undefined;

function orUnknown(value: Maybe, format: (value: number) => string): string {
  return value == null ? unknown : format(value);
}

/** Of a figure that is in percent already. */
export const percent = (value: Maybe) => orUnknown(value, (known) => `${percentFormat.format(known)} %`);

/** Of a share, 0 to 1. */
export const share = (value: Maybe) => orUnknown(value, (known) => `${scoreFormat.format(100 * known)} %`);

/** Of a probability that somebody has chosen, such as 90 %. */
export const level = (value: Maybe) => orUnknown(value, (known) => `${wholeFormat.format(100 * known)} %`);
export const score = (value: Maybe) => orUnknown(value, scoreFormat.format);
export const whole = (value: Maybe) => orUnknown(value, wholeFormat.format);
export const usd = (value: Maybe) => orUnknown(value, compactUsd.format);

/** Of money as the service writes it, in decimal digits: nothing is lost on the way to the screen. */
export function money(amount: string | null | undefined): string {
  if (amount == null) return unknown;
  // Intl takes decimal text as it is, which its type does not say of any text.
  return exactUsd.format(amount as `${number}`);
}

/** A change, with its sign. */
export function change(value: Maybe, format: (value: Maybe) => string): string {
  if (value == null) return unknown;
  return value > 0 ? `+${format(value)}` : format(value).replace("-", "−");
}

export const day = (moment: string | Date) => dayFormat.format(new Date(moment));
export const fullDay = (moment: string | null) =>
  moment === null ? unknown : fullDayFormat.format(new Date(moment));
export const moment = (text: string | null) =>
  text === null ? unknown : `${momentFormat.format(new Date(text))} UTC`;
