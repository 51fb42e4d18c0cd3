/** What is said of something, now. */
export interface Tip {
  /** What it is said of. */
  readonly element: HTMLElement;
  readonly lines: readonly string[];
}

/** So that a pointer on its way to something else opens nothing. */
const openMs = 250;
/** So that the pointer gets from a figure to what is said of it, which may be read there. */
const closeMs = 120;

const listeners = new Set<() => void>();
let tip: Tip | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;

/** What is said now; undefined for nothing. */
export function readTip(): Tip | undefined {
  return tip;
}

/** Calls back when something else is said. */
export function followTips(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Says something at once, as to the keyboard, or nothing any more. */
export function showTip(next: Tip | undefined): void {
  clearTimeout(timer);
  if (next === tip) return;
  tip = next;
  for (const listener of listeners) listener();
}

/** Says something once the pointer has stayed. */
export function showTipSoon(next: Tip): void {
  clearTimeout(timer);
  timer = setTimeout(() => showTip(next), openMs);
}

/** Says nothing once the pointer is away. */
export function hideTipSoon(): void {
  clearTimeout(timer);
  timer = setTimeout(() => showTip(undefined), closeMs);
}

/** Goes on saying what is said. */
export function keepTip(): void {
  clearTimeout(timer);
}
