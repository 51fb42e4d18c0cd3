/** The coverages that every forecast's intervals promise. */
export const intervalLevels = [0.5, 0.8, 0.9, 0.95] as const;
