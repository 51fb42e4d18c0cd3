export const hooks = {
  /** The verifier is packed as a bundle, which has in it what it depends on here. */
  beforePacking: (manifest) => {
    if (manifest.name !== "@obsqra/verify") return manifest;
    const { dependencies: _, ...bundled } = manifest;
    return bundled;
  },
};
