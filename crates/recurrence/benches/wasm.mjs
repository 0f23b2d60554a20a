// Runs the example `adversary` as WebAssembly and says what is slowest:
//   rustup target add wasm32-wasip1
//   cargo build --profile component --target wasm32-wasip1 -p rondo-recurrence --example adversary
//   node crates/recurrence/benches/wasm.mjs [adversary.wasm]
// Prints its lines as a table for docs/recurrence.md; fails if one question takes a millisecond or more.

import { openSync, readFileSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WASI } from "node:wasi";

const LIMIT_MICROSECONDS = 1000;
const file = process.argv[2] ?? "target/wasm32-wasip1/component/examples/adversary.wasm";
const output = join(tmpdir(), `adversary-${process.pid}.jsonl`);

const wasi = new WASI({ version: "preview1", stdout: openSync(output, "w") });
const module = await WebAssembly.compile(readFileSync(file));
wasi.start(await WebAssembly.instantiate(module, wasi.getImportObject()));

const rows = readFileSync(output, "utf8").trim().split("\n").map((line) => JSON.parse(line));
console.log(`${file}: ${Math.round(statSync(file).size / 1000)} kB\n`);
console.log("| rule | series made | next after now | resumed |\n| --- | --- | --- | --- |");
const cell = (microseconds) => `${Math.max(microseconds, 0).toFixed(0)} µs`;
for (const row of rows) {
  console.log(`| ${row.what} | ${cell(row.new)} | ${cell(row.next)} | ${cell(row.resume)} |`);
}
const slow = rows.filter((row) => Math.max(row.new, row.next, row.resume) >= LIMIT_MICROSECONDS);
if (slow.length > 0) {
  console.error(`slower than a millisecond: ${slow.map((row) => row.what).join("; ")}`);
  process.exitCode = 1;
}
