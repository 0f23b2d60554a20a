import { createContext, useContext } from "react";

import { browserZone } from "./zone.ts";

/** The zone in which times are shown and typed: that of the person's profile. */
export const ZoneContext = createContext(browserZone());

export function useZone(): string {
  return useContext(ZoneContext);
}
