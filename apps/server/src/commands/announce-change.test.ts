import { expect, it } from "vitest";
import { createAnnounce } from "./announce-change.ts";

/** What is written, how often somebody was asked, and whether it goes on. */
async function announce(options: readonly string[], reply?: boolean) {
  let [written, asked] = ["", 0];
  const ask = async () => {
    asked += 1;
    return reply === true;
  };
  const write = (text: string) => {
    written += text;
  };
  const goesOn = await createAnnounce(options, { write, ask: reply === undefined ? undefined : ask })(
    "Ends.",
  );
  return { written, asked, goesOn };
}

it("says what will change, asks at a terminal, and goes on when the reply is yes", async () => {
  expect(await announce([], true)).toEqual({ written: "Ends.\n", asked: 1, goesOn: true });
  expect(await announce([], false)).toEqual({
    written: "Ends.\nNothing was changed.\n",
    asked: 1,
    goesOn: false,
  });
});

it("does not ask with --yes or where nobody could reply, and never goes on with --dry-run", async () => {
  expect(await announce(["--yes"], false)).toMatchObject({ asked: 0, goesOn: true });
  expect(await announce([])).toMatchObject({ asked: 0, goesOn: true });
  expect(await announce(["--dry-run", "--yes"], true)).toMatchObject({ asked: 0, goesOn: false });
});
