/** Fewer bits can be guessed by whoever has one token that was signed. */
const bitsMin = 64;
const lengthMin = 32;

/**
 * Whether a secret is missing, short, a placeholder that somebody forgot to replace, or made by hand: repetitions, runs of the
 * alphabet or the keyboard, words. Whatever `openssl rand` prints, as hexadecimal digits or base64, is not.
 */
export function isWeakSecret(secret: string | undefined): boolean {
  if (secret === undefined || secret.length < lengthMin) return true;
  return /change|secret|password|example|your[-_ ]?key/i.test(secret) || estimateBits(secret) < bitsMin;
}

/**
 * How many bits a secret has at most, by its characters. One that follows from those before it adds nothing: the next of a
 * run, or the next of a repetition. Words in one case have a bit and a half a letter, as English has.
 */
function estimateBits(secret: string): number {
  const folded = secret.toLowerCase();
  let surprises = 0;
  for (let at = 0; at < folded.length; at += 1) {
    if (!isNextOfRun(folded, at) && !isRepetition(folded, at)) surprises += 1;
  }
  const distinct = new Set(secret).size;
  const isWords = secret.split(/[\s.,_-]+/).every((part) => /^([A-Z]?[a-z]*|[A-Z]*)$/.test(part));
  return surprises * Math.min(Math.log2(distinct), isWords ? 1.5 : Number.POSITIVE_INFINITY);
}

const keyboardRows = [
  "qwertyuiop",
  "qwertzuiop",
  "azertyuiop",
  "asdfghjkl",
  "zxcvbnm",
  "yxcvbnm",
  "1234567890",
];

function isNextOfRun(text: string, at: number): boolean {
  if (at === 0) return false;
  const step = text.charCodeAt(at) - text.charCodeAt(at - 1);
  if (Math.abs(step) <= 1) return true;
  const pair = text.slice(at - 1, at + 1);
  const reversed = `${pair[1]}${pair[0]}`;
  return keyboardRows.some((row) => row.includes(pair) || row.includes(reversed));
}

/** Whether this and the two characters before it were there already. */
function isRepetition(text: string, at: number): boolean {
  return at >= 2 && text.indexOf(text.slice(at - 2, at + 1)) < at - 2;
}
