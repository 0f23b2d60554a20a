/** What becomes of a draft when what it was made from has been changed elsewhere meanwhile. */

/** The parts of a form under the names that it shows; fields that mean something only together are one part. */
export type Parts<D> = Readonly<Record<string, readonly (keyof D)[]>>;

interface Merged<D> {
  /** The newest, with what somebody changed in the draft. */
  readonly draft: D;
  /** The names of the parts that were changed on both sides, and not to the same. */
  readonly conflicts: readonly string[];
}

/** Takes what `mine` changes of `before` over to `newest`. */
export function merge<D extends object>(
  parts: Parts<D>,
  { before, mine, newest }: Readonly<Record<"before" | "mine" | "newest", D>>,
): Merged<D> {
  const own = Object.keys(parts).filter((name) => !isSame(parts, name, before, mine));
  return {
    draft: { ...newest, ...partsOf(parts, own, mine) },
    conflicts: own.filter(
      (name) => !isSame(parts, name, before, newest) && !isSame(parts, name, mine, newest),
    ),
  };
}

/** The fields of the parts of these names. */
export function partsOf<D extends object>(
  parts: Parts<D>,
  names: readonly string[],
  draft: D,
): Partial<D> {
  const part: Partial<D> = {};
  for (const field of names.flatMap((name) => parts[name] ?? [])) part[field] = draft[field];
  return part;
}

function isSame<D>(parts: Parts<D>, name: string, a: D, b: D): boolean {
  return (parts[name] ?? []).every((field) => canonical(a[field]) === canonical(b[field]));
}

/** In a list, the order is of no meaning. */
function canonical(value: unknown): string {
  return JSON.stringify(Array.isArray(value) ? value.map(String).sort() : value);
}
