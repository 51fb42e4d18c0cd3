import { accountTexts } from "./account.texts.ts";
import { allocationTexts } from "./allocation.texts.ts";
import { chainTexts } from "./chain.texts.ts";
import { errorTexts } from "./error.texts.ts";
import { identityTexts } from "./identities.texts.ts";
import { marketTexts } from "./market.texts.ts";
import { organisationTexts } from "./organisation.texts.ts";
import { passkeyTexts } from "./passkey.texts.ts";
import { recordTexts } from "./record.texts.ts";
import { secondFactorTexts } from "./second-factor.texts.ts";
import { settingsTexts } from "./settings.texts.ts";
import { shellTexts } from "./shell.texts.ts";
import { transactionTexts } from "./transactions.texts.ts";
import { unitTexts } from "./unit.texts.ts";

/** Everything that the pages say, in English. Another language is another such object. */
export const texts = {
  shell: shellTexts,
  market: marketTexts,
  record: recordTexts,
  account: accountTexts,
  allocation: allocationTexts,
  transactions: transactionTexts,
  secondFactor: secondFactorTexts,
  passkeys: passkeyTexts,
  organisations: organisationTexts,
  identities: identityTexts,
  settings: settingsTexts,
  chain: chainTexts,
  error: errorTexts,
  units: unitTexts,
} as const;
