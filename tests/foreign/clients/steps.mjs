// Calls in a row, and what came of each, printed as JSON at the end.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const report = {};

export const facts = JSON.parse(readFileSync(process.env.FACTS_FILE, "utf8"));

// A package from the folder that it was installed in, which is not the one of these scripts.
export const load = createRequire(`${process.env.PACKAGES}/`);

// Makes one call and answers its data; nothing where it was refused.
export async function take(name, call) {
  try {
    const answer = await call();
    report[name] = { code: answer.code, message: answer.message, data: answer.data };
    return answer.data ?? {};
  } catch (error) {
    const envelope = error.response?.data ?? error;
    report[name] = { code: Number.isInteger(envelope.code) ? envelope.code : -1, message: envelope.message };
    return {};
  }
}

// Reads pages until there are no more; `call` gets the token of the next one.
export async function takePages(call) {
  const rows = [];
  let token;
  for (let number = 0; number === 0 || token; number += 1) {
    const page = await take(`page/${number}`, () => call(token));
    rows.push(...page.orders);
    token = page.next_page_token;
  }
  report.orders = { code: 0, data: { orders: rows } };
}

// From here on every signature is changed on its way.
export function tamper() {
  process.env.TIKTOK_SHOP_BASE_URL = process.env.TAMPERED_URL;
}

export function print() {
  process.stdout.write(JSON.stringify(report));
}
