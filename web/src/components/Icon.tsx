const paths = {
  check: "m5 12.5 4.5 4.5L19 7.5",
  plus: "M12 5v14M5 12h14",
  search: "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13Zm5-1.5L20 20",
  close: "m6 6 12 12M18 6 6 18",
  edit: "M4 20h4L19 9l-4-4L4 16v4ZM13.5 6.5l4 4",
  trash: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10.5 11v5M13.5 11v5",
  clock: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Zm0-14v5l3 2",
  flag: "M6 21V4m0 1c4-2.5 7 2.5 12 0v9c-5 2.5-8-2.5-12 0",
  menu: "M5 12m-.6 0a.6.6 0 1 0 1.2 0 .6.6 0 1 0-1.2 0Zm7 0m-.6 0a.6.6 0 1 0 1.2 0 .6.6 0 1 0-1.2 0Zm7 0m-.6 0a.6.6 0 1 0 1.2 0 .6.6 0 1 0-1.2 0Z",
  select: "M4 6.5l2 2 3-3.5M4 16.5l2 2 3-3.5M13 7h7M13 17h7",
  warn: "M12 9v4m0 3.5v.01M12 4 2.8 20h18.4L12 4Z",
  settings:
    "M4 7h9m5 0h2M4 17h2m5 0h9M15.5 9.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM8.5 19.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z",
  out: "M14 4H5v16h9M10 12h10m-3.5-3.5L20 12l-3.5 3.5",
  repeat:
    "M4 11V9a3 3 0 0 1 3-3h12m-3.5-3.5L19 6l-3.5 3.5M20 13v2a3 3 0 0 1-3 3H5m3.5 3.5L5 18l3.5-3.5",
  pause: "M8 5v14M16 5v14",
  play: "M7 4.5v15L20 12 7 4.5Z",
  skip: "M5 5v14l9-7-9-7ZM19 5v14",
  bell: "M6 16V11a6 6 0 0 1 12 0v5l1.5 2h-15L6 16ZM10 20.5a2 2 0 0 0 4 0",
  read: "M4 10l8-6 8 6v9H4v-9Zm0 0 8 5 8-5",
  device:
    "M8 3h8a1.5 1.5 0 0 1 1.5 1.5v15A1.5 1.5 0 0 1 16 21H8a1.5 1.5 0 0 1-1.5-1.5v-15A1.5 1.5 0 0 1 8 3Zm3 15h2",
  list: "M8 6h12M8 12h12M8 18h12M4 6h.01M4 12h.01M4 18h.01",
} as const;

export type IconName = keyof typeof paths;

/** A drawing beside words, or in a button that has a label of its own. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}
