/** Lists that come page by page. */

interface Page {
  readonly page: number;
  readonly page_size: number;
  readonly total: number;
}

/** The number of the page after this one; nothing if this is the last. */
export function nextPage({ page, page_size, total }: Page): number | undefined {
  return page * page_size < total ? page + 1 : undefined;
}

/** The items of all pages in their order; one that moved between two reads comes once, as it was read last. */
export function onceEach<T extends { readonly id: string }>(pages: readonly (readonly T[])[]): T[] {
  return [...new Map(pages.flat().map((item) => [item.id, item])).values()];
}
