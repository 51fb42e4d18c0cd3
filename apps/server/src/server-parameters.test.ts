import { describe, expect, it } from "vitest";
import { parametersOfProcess, type ServerParameters, startServer, startWorker } from "./server-parameters.ts";

/** What comes of a command line: with which parameters something was started, if it was. */
async function give(parameters: readonly string[], program: "server" | "worker" = "server") {
  let [out, err] = ["", ""];
  const started: (ServerParameters | undefined)[] = [];
  const start = async (read?: ServerParameters) => {
    started.push(read);
    return 0;
  };
  const place = {
    parameters,
    write: (text: string) => {
      out += text;
    },
    complain: (text: string) => {
      err += text;
    },
  };
  const code = await (program === "server" ? startServer(place, start) : startWorker(place, () => start()));
  return { code, out, err, started };
}

describe("the server's command line", () => {
  it.each([
    [[], { processes: 1, isFirst: false }],
    [["--workers", "2"], { processes: 2, isFirst: false }],
    [["--workers=64"], { processes: 64, isFirst: false }],
    [parametersOfProcess({ processes: 3, isFirst: true }), { processes: 3, isFirst: true }],
  ])("starts with %j", async (parameters, read) => {
    expect(await give(parameters)).toEqual({ code: 0, out: "", err: "", started: [read] });
  });

  it.each([
    [["--workers", "0"], "--workers takes a whole number from 1 to 64"],
    [["--workers", "-1"], "--workers"],
    [["--workers=-1"], "--workers takes a whole number from 1 to 64"],
    [["--workers", "1.5"], "--workers takes a whole number from 1 to 64"],
    [["--workers", "abc"], "--workers takes a whole number from 1 to 64"],
    [["--workers", ""], "--workers takes a whole number from 1 to 64"],
    [["--workers", "65"], "--workers takes a whole number from 1 to 64"],
    [["--workers"], "--workers"],
    [["--worker", "2"], "--worker"],
    [["2"], "2"],
  ])("refuses %j with 2, and says how it is used", async (parameters, complaint) => {
    const { code, out, err, started } = await give(parameters);
    expect({ code, out, started }).toEqual({ code: 2, out: "", started: [] });
    expect(err).toContain(complaint);
    expect(err).toContain("Usage: pnpm start [--workers N]");
  });
});

describe("a worker's command line", () => {
  it("starts without parameters", async () => {
    expect(await give([], "worker")).toEqual({ code: 0, out: "", err: "", started: [undefined] });
  });

  it.each([[["--workers", "2"]], [["now"]]])("refuses %j with 2, and does not start", async (parameters) => {
    const { code, err, started } = await give(parameters, "worker");
    expect({ code, started }).toEqual({ code: 2, started: [] });
    expect(err).toContain("Usage: pnpm start:worker");
  });
});

it.each(["server", "worker"] as const)("tells how a %s is started, and starts none", async (program) => {
  const { code, out, err, started } = await give(["--help"], program);
  expect({ code, err, started }).toEqual({ code: 0, err: "", started: [] });
  expect(out).toContain("Usage: pnpm start");
});
