// What receivers of another language make of what was sent to them: a JSON document on standard input, another out.
// push: decrypts the body as a browser does (http_ece) and checks who sent it as a push service does (RFC 8292).
// webhook: checks the signature as Standard Webhooks says.

import { createECDH, createHmac, createPublicKey, timingSafeEqual, verify } from "node:crypto";
import { text } from "node:stream/consumers";
import ece from "http_ece";

const receivers = { push, webhook };
const question = JSON.parse(await text(process.stdin));
console.log(JSON.stringify(receivers[question.kind](question)));

function push({ privateKey, auth, body, authorization }) {
  const browser = createECDH("prime256v1");
  browser.setPrivateKey(privateKey, "base64url");
  const message = ece.decrypt(Buffer.from(body, "base64url"), { version: "aes128gcm", privateKey: browser, authSecret: auth });
  return { message: JSON.parse(message), ...identified(authorization) };
}

function identified(authorization) {
  const [, token, key] = authorization.match(/^vapid t=([^,]+), k=(.+)$/);
  const [head, claims, signature] = token.split(".");
  const point = Buffer.from(key, "base64url");
  const jwk = { kty: "EC", crv: "P-256", x: point.toString("base64url", 1, 33), y: point.toString("base64url", 33) };
  const verifier = { key: createPublicKey({ key: jwk, format: "jwk" }), dsaEncoding: "ieee-p1363" };
  const isGenuine = verify("sha256", `${head}.${claims}`, verifier, Buffer.from(signature, "base64url"));
  return { isGenuine, key, claims: JSON.parse(Buffer.from(claims, "base64url")) };
}

function webhook({ secret, id, timestamp, signature, body }) {
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const expected = createHmac("sha256", key).update(`${id}.${timestamp}.`).update(Buffer.from(body, "base64url")).digest();
  const given = Buffer.from(signature.replace(/^v1,/, ""), "base64");
  return { isGenuine: given.length === expected.length && timingSafeEqual(given, expected) };
}
