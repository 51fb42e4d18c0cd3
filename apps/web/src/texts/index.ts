import { accountTexts } from "./account.texts.ts";
import { errorTexts } from "./error.texts.ts";
import { marketTexts } from "./market.texts.ts";
import { recordTexts } from "./record.texts.ts";
import { shellTexts } from "./shell.texts.ts";

/** Everything that the pages say, in English. Another language is another such object. */
export const texts = {
  shell: shellTexts,
  market: marketTexts,
  record: recordTexts,
  account: accountTexts,
  error: errorTexts,
} as const;
