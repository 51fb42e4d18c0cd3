/** A requirement of the standard, by its number there and the lowest level that asks for it. */
export interface Requirement {
  readonly id: string;
  readonly level: 1 | 2 | 3;
}

/**
 * Chapters V6 to V9 of the OWASP Application Security Verification Standard 5.0.0, section by section: the levels of the
 * requirements 1, 2, 3 and so on. From OWASP_Application_Security_Verification_Standard_5.0.0_en.csv of
 * https://github.com/OWASP/ASVS/tree/v5.0.0/5.0/docs_en.
 */
const levelsBySection: Readonly<Record<string, readonly Requirement["level"][]>> = {
  "V6.1": [1, 2, 2],
  "V6.2": [1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2],
  "V6.3": [1, 1, 2, 2, 3, 3, 3, 3],
  "V6.4": [1, 1, 2, 2, 3, 3],
  "V6.5": [2, 2, 2, 2, 2, 3, 3, 3],
  "V6.6": [2, 2, 2, 3],
  "V6.7": [3, 3],
  "V6.8": [2, 2, 2, 2],
  "V7.1": [2, 2, 2],
  "V7.2": [1, 1, 1, 1],
  "V7.3": [2, 2],
  "V7.4": [1, 1, 2, 2, 2],
  "V7.5": [2, 2, 3],
  "V7.6": [2, 2],
  "V8.1": [1, 2, 3, 3],
  "V8.2": [1, 1, 2, 3],
  "V8.3": [1, 3, 3],
  "V8.4": [2, 3],
  "V9.1": [1, 1, 1],
  "V9.2": [1, 2, 2, 2],
};

export const asvsRequirements: readonly Requirement[] = Object.entries(levelsBySection).flatMap(
  ([section, levels]) => levels.map((level, index) => ({ id: `${section}.${index + 1}`, level })),
);
