// Answers from rrule.js: a question a line, `rule<TAB>start<TAB>zone<TAB>how many`, both times civil.
// An answer is a line of civil times as seconds since 1970 (whatever the zone is), or `error: …`. A search that finds
// nothing goes on to the year 9999, so each question has a limit of time.

import { createInterface } from "node:readline";
import { Script, createContext } from "node:vm";
import rrule from "rrule";

const MILLISECONDS_PER_ANSWER = 300;
const context = createContext({ answer, question: [] });
const asking = new Script("answer(...question)");

function answer(rule, start, _zone, count) {
  const options = { ...rrule.RRule.parseString(rule), dtstart: new Date(`${start}Z`) };
  const times = new rrule.RRule(options).all((_, index) => index < Number(count));
  return times.map((time) => time.getTime() / 1000).join(" ");
}

for await (const line of createInterface({ input: process.stdin })) {
  try {
    context.question = line.split("\t");
    console.log(asking.runInContext(context, { timeout: MILLISECONDS_PER_ANSWER }));
  } catch (error) {
    console.log(`error: ${error.message}`.replaceAll("\n", " "));
  }
}
