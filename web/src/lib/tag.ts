/** A tag as the service keeps it; `null` if nothing is left. */
export function tidyTag(text: string): string | null {
  const tag = text.replaceAll(",", " ").trim().toLowerCase();
  return tag === "" ? null : tag;
}
