/** What went wrong with a call, in words for the person who made it. */

export interface FieldError {
  readonly field: string;
  readonly message: string;
}

/** A call that did not do what was asked: the service said no, or could not be reached. */
export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    message: string,
    /** The HTTP status; 0 if there was no answer. */
    readonly status: number,
    readonly fields: readonly FieldError[] = [],
    readonly requestId: string | null = null,
  ) {
    super(message);
  }

  /** What is wrong with one field or a part of it (`tags.2`), if the service said so. */
  field(name: string): string | undefined {
    const isOf = ({ field }: FieldError) => field === name || field.startsWith(`${name}.`);
    return this.fields.find(isOf)?.message;
  }
}

export const unreachable = (): ApiError =>
  new ApiError("Rondo can't be reached. Check your connection, then try again.", 0);

/** The error that a reply with problem+json (RFC 9457), or with no such body, means. */
export function errorFromReply(response: Response, body: unknown): ApiError {
  const problem = isRecord(body) ? body : {};
  const fields = Array.isArray(problem.errors) ? problem.errors.filter(isFieldError) : [];
  return new ApiError(
    sentence(response, problem, fields),
    response.status,
    fields,
    text(problem.request_id) ?? response.headers.get("x-request-id"),
  );
}

/** Any thrown value as a sentence to show. */
export function messageOf(error: unknown): string {
  return error instanceof ApiError
    ? error.message
    : "Something went wrong on this page. Reload it, then try again.";
}

function sentence(
  response: Response,
  problem: Record<string, unknown>,
  fields: readonly FieldError[],
): string {
  if (response.status === 429) return tooMany(response.headers.get("retry-after"));
  if (response.status >= 500) return "Rondo has trouble at the moment. Try again in a minute.";
  if (response.status === 413) return "That is too large to send. Shorten it, then try again.";
  if (fields.length > 0) return faults(fields);
  return text(problem.detail) ?? text(problem.title) ?? `Rondo answered ${response.status}.`;
}

/** A file to import may have thousands: nobody reads more than a few at a time. */
const namedFaults = 3;

function faults(fields: readonly FieldError[]): string {
  const named = fields.slice(0, namedFaults).map((e) => `${e.field}: ${e.message}`);
  const more = fields.length - named.length;
  return named.join("; ") + (more > 0 ? `; and ${more.toLocaleString("en")} more` : "");
}

function tooMany(retryAfter: string | null): string {
  const seconds = Number(retryAfter);
  const wait = seconds > 0 ? `${seconds} ${seconds === 1 ? "second" : "seconds"}` : "a minute";
  return `That was too often. Wait ${wait}, then try again.`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function isFieldError(value: unknown): value is FieldError {
  return isRecord(value) && typeof value.field === "string" && typeof value.message === "string";
}

function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}
