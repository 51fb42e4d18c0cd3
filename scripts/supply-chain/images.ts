/**
 * Finds the container images of a Dockerfile or a compose file that are named by a tag alone: a tag can be moved to
 * something else, a digest cannot.
 *
 * @returns a line for each
 */
export function findUnpinnedImages(file: string, text: string): string[] {
  const images = [...text.matchAll(/^\s*(?:FROM(?:\s+--\S+)*|image:)\s+(\S+)/gm)].map(
    ([, image = ""]) => image,
  );
  const stages = new Set([...text.matchAll(/^FROM\s.*\sAS\s+(\S+)/gim)].map(([, stage = ""]) => stage));
  return images
    .filter((image) => !stages.has(image) && !/@sha256:[0-9a-f]{64}$/.test(image))
    .map((image) => `${file}: ${image} has no digest`);
}
