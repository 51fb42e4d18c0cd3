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

/** As English has; guessers of passwords need fewer. */
const bitsPerLetterOfWords = 1.5;

/**
 * How many bits a secret has at most, by its characters. One that follows from those before it adds nothing: the next of a
 * run, or the next of a repetition. Letters of words have a bit and a half each, the others as many as there are different ones
 * among them; what stands between words has to be counted by itself, or the letters would make it seem to be one of many.
 */
function estimateBits(secret: string): number {
  const folded = secret.toLowerCase();
  const inWords = lettersOfWords(secret);
  const others = [...secret].filter((_, at) => !inWords.has(at));
  const bitsPerOther = Math.log2(new Set(others).size);
  let bits = 0;
  for (let at = 0; at < folded.length; at += 1) {
    if (isNextOfRun(folded, at) || isRepetition(folded, at)) continue;
    if (inWords.size > 0 && isSeparatorAgain(folded, at)) continue;
    bits += inWords.has(at) ? bitsPerLetterOfWords : bitsPerOther;
  }
  return bits;
}

/** Where the letters of words are: all of a text of words in one case, else those of words that secrets are made of by hand. */
function lettersOfWords(secret: string): Set<number> {
  const isText = secret.split(/[\s.,_-]+/).every((part) => /^([A-Z]?[a-z]*|[A-Z]*)$/.test(part));
  const found = new Set<number>();
  for (const { 0: word, index } of secret.matchAll(isText ? /[a-z]+/gi : usualWords)) {
    for (let at = index; at < index + word.length; at += 1) found.add(at);
  }
  return found;
}

// A random secret has none of four letters and more, and of the short ones too few to matter.
const usualWords =
  /obsqra|starknet|starkware|stark|cairo|defi|yield|wallet|crypto|token|production|prod|staging|development|local|test|demo|server|backend|service|project|company|product|session|signature|signing|sign|private|public|master|admin|root|user|default|super|secure|security|strong|random|entropy|unsafe|safe|hidden|long|very|really|this|that|these|with|from|only|please|hello|world|love|key|jwt|hmac|hash|api|app|auth|dev|the|for|our|not|and|you|must/gi;

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

/** Whether this is a mark that was there already, such as a hyphen between words. */
function isSeparatorAgain(text: string, at: number): boolean {
  const character = text[at] ?? "";
  return /[^a-z0-9]/.test(character) && text.indexOf(character) < at;
}

/** Whether this and the two characters before it were there already. */
function isRepetition(text: string, at: number): boolean {
  return at >= 2 && text.indexOf(text.slice(at - 2, at + 1)) < at - 2;
}
